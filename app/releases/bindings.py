"""Labels and imported rows of a release, held against the events that bind them. Offline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import orjson

from app.db.log_bodies import LabelSaid
from app.db.words import Status
from app.releases.compare import Expected
from app.releases.layout import EVENTS, GIVEN, LABELS, MANIFEST, FileShape, Spelling
from app.releases.manifest import manifest_bytes
from app.releases.manifest_parts import (
    About,
    GivenLine,
    ImportSaid,
    LabelInFull,
    LabelsFile,
)
from app.releases.problems import Problems
from app.releases.replay import DAMAGE, Damaged, Replayed, lines_of


def shapes_of(directory: Path, about: About, log: Replayed, problems: Problems) -> list[FileShape]:
    """The imported files, with labels.json held against the log's last schema."""
    raw = (directory / LABELS).read_bytes()
    content: LabelsFile = orjson.loads(raw)
    if manifest_bytes(content) != raw:
        problems.say(LABELS, "is not written the way a release writes it: it was changed")
    bound = {label["id"]: label for label in log.labels}
    there = {label["id"]: label for label in content["labels"]}
    for label in bound.keys() | there.keys():
        said, full = bound.get(label), there.get(label)
        written = None if full is None else _said(full)
        if said != written:
            problems.say(
                LABELS, f"label {label} differs from the log", expected=said, actual=written
            )
    labels = {label["id"]: (label["name"], label["code"]) for label in content["labels"]}
    spelled = {import_said["import"]: import_said["written"] for import_said in content["imports"]}
    shapes = []
    for bound_import, import_said in zip(log.imports, about["imports"], strict=True):
        if bound_import[:-1] != _facts(import_said):
            problems.say(MANIFEST, f"import {import_said['import']} is not what the log says")
        forms = spelled[import_said["import"]]
        if not set(forms.values()) <= set(labels):
            raise Damaged("a spelling stands for a label that does not exist")
        spelling = Spelling.of(labels, forms)
        shape = FileShape(
            import_said["import"],
            tuple(import_said["columns"]),
            import_said["label"],
            import_said["id"],
            spelling,
        )
        shapes.append(shape)
    return shapes


def _said(label: LabelInFull) -> LabelSaid:
    return {"id": label["id"], "name": label["name"], "replaced_by": label["replaced_by"]}


def _facts(import_said: ImportSaid) -> tuple[int, int, str, int, int]:
    return (
        import_said["import"],
        import_said["seq"],
        import_said["sha256"],
        import_said["rows"],
        import_said["left_out"],
    )


def expected_rows(
    directory: Path, shapes: list[FileShape], log: Replayed, problems: Problems
) -> Iterator[Expected]:
    """Every imported example in order, bound to its import's event and folded from the log."""
    lines, mapping, known, number = lines_of(directory / GIVEN), log.mapping, set(), 0
    for said, shape in zip(log.imports, shapes, strict=True):
        digest = hashlib.sha256()
        for _ in range(said.rows):
            raw = next(lines, None)
            if raw is None:
                raise Damaged("lines are missing at its end")
            number += 1
            try:
                line: GivenLine = orjson.loads(raw)
                example, given = line["example"], tuple(line.get("given", ()))
                state = log.folded(example, given, mapping)
                erased = state.status is Status.ERASED
                if erased != ("erased" in line):
                    raise ValueError("erased here or in the log, but not in both")
                if erased and log.erased[example] != line["erased"]:
                    raise ValueError("erased under another hash")
                digest.update(_line_hash(raw, line))
                key = line.get("key")
            except DAMAGE as error:
                raise Damaged(f"line {number:,}: {error}", place=number) from error
            known.add(example)
            yield Expected(key, shape, given, state)
        if digest.hexdigest() != said.lines:
            problems.say(
                GIVEN,
                f"the lines of import {said.id} are not those the log binds",
                expected=said.lines,
                actual=digest.hexdigest(),
            )
    if next(lines, None) is not None or len(known) != number:
        problems.say(GIVEN, "holds lines that no import brought")
    strangers = (log.answers.keys() | log.marks.keys()) - known
    if strangers:
        problems.say(EVENTS, f"answers name examples that were never imported: {min(strangers)}")


def _line_hash(raw: bytes, line: GivenLine) -> bytes:
    if "erased" in line:
        return bytes.fromhex(line["erased"])
    return hashlib.sha256(bytes.fromhex(line["salt"]) + raw).digest()
