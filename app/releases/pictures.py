"""Pictures of a release that are missing or altered: it says so, and leaves no row out for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select

from app.datasets.blobs import BlobStore
from app.datatypes.hidden_characters import written_out
from app.datatypes.registry import TYPES
from app.datatypes.shown import files_of
from app.db.tables.datasets import Example
from app.errors import Altered, Gone
from app.progress import Progress
from app.releases.layout import CHUNK
from app.releases.manifest_parts import About, LostPictures
from app.releases.snapshot import Snapshot

_FEW = 20


def with_pictures(about: About, look: Snapshot, blobs: BlobStore, progress: Progress) -> About:
    """What the manifest says, with the pictures that could not be read as they were imported."""
    if not TYPES[look.project.data_type].pictures:
        return about
    lost = _lost(look, blobs, progress)
    if not lost["missing"] + lost["altered"]:
        return about
    return {**about, "lost": lost, "warnings": [*about["warnings"], *warnings_of_lost(lost)]}


def warnings_of_lost(lost: LostPictures) -> list[str]:
    """What the lead should know before anyone trains with the rows beside their pictures."""
    counted = ((lost["missing"], "missing"), (lost["altered"], "altered"))
    how_many = " and ".join(f"{count:,} {how}" for count, how in counted if count)
    ids = ", ".join(written_out(key) for key in lost["ids"])
    more = ", …" if lost["missing"] + lost["altered"] > len(lost["ids"]) else ""
    return [
        f"Of the pictures {how_many} (ids: {ids}{more}): their rows are in the files all the same, "
        "and a backup of the data directory has them."
    ]


def _lost(look: Snapshot, blobs: BlobStore, progress: Progress) -> LostPictures:
    lost: LostPictures = {"missing": 0, "altered": 0, "ids": []}
    known: dict[str, Gone | None] = {}
    for done, row in enumerate(_rows(look), start=1):
        names = files_of(row.content)
        for name in names:
            if name not in known:
                known[name] = blobs.what_is_wrong(name)
        problems = [problem for name in names if (problem := known[name])]
        if problems:
            altered = any(isinstance(problem, Altered) for problem in problems)
            lost["altered" if altered else "missing"] += 1
            lost["ids"] += [row.key] if len(lost["ids"]) < _FEW else []
        if done % 100 == 0:
            progress("checking pictures", done, look.imported)
    return lost


def _rows(look: Snapshot) -> Iterator[Row[Any]]:
    """Id and content of every imported example, by keyset."""
    last, imports = 0, [source.id for source in look.sources]
    while True:
        rows = look.session.execute(
            select(Example.id, Example.key, Example.content)
            .where(Example.import_id.in_(imports), Example.id > last)
            .order_by(Example.id)
            .limit(CHUNK)
        ).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].id
