"""Build a release: rows from one snapshot, then its event, then the log that proves it.

The data files are written from one consistent look at the log's seq S (`up_to`). Under the
project's lock the release event follows, with their checksums; answers given meanwhile lie between
the two. `events.jsonl` holds the log up to and including the release event; the rows are the fold
of the events up to S. A release that was interrupted after its event is made again from S, byte
for byte; if that is no longer possible (something was erased), a new event takes over.

Only the worker and the command line come here.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.db.engine import reading, writing
from app.db.log import FIRST_HASH, chain, lock_project
from app.db.log_bodies import Body, FileFacts, ReleaseData
from app.db.tables.accounts import Person
from app.db.tables.releases import Release
from app.db.tables.review import Event
from app.db.words import EventKind, RunState
from app.errors import Conflict, DataProblem, NotFound
from app.failpoints import reach
from app.progress import Progress, quiet
from app.releases.audited_models import with_ranking_models, with_test_audit
from app.releases.audited_splits import with_split_audits
from app.releases.differences import Compared, release_before, summary_of
from app.releases.durable import partial, put_in_place
from app.releases.layout import (
    EVENTS,
    GIVEN,
    LABELS,
    MANIFEST,
    time_text,
    warnings_of,
)
from app.releases.manifest import digest_of, files_of, manifest_bytes
from app.releases.manifest_parts import About, Manifest
from app.releases.options import ReleaseSpec
from app.releases.pictures import warnings_of_lost, with_pictures
from app.releases.snapshot import Snapshot, event_bodies, snapshot
from app.releases.write_data import write_data

_MOST_TRIES = 5


class Stored(NamedTuple):
    """Where what is released lies: rows and their pictures."""

    engine: Engine
    blobs: BlobStore


@dataclass(frozen=True)
class Frozen:
    """The release's event: its seq, its hash and time, and what the manifest says of it."""

    seq: int
    head: bytes
    at: int
    about: About


def build_release(
    stored: Stored,
    release_id: int,
    directory: Path,
    *,
    now: datetime,
    progress: Progress = quiet,
) -> Path:
    """Write the release into `directory`, which appears whole; may be killed and run again."""
    engine = stored.engine
    with reading(engine) as session:
        release = session.get(Release, release_id)
        if release is None:
            raise NotFound()
        if release.state in (RunState.CANCELLED, RunState.FAILED):
            raise Conflict("This release was given up.", next_step="Start a new one.")
    for _ in range(_MOST_TRIES):
        if not directory.exists():
            _make(stored, release, directory, now=now, progress=progress)
        if _finish(engine, release_id, directory, now=now):
            return directory
        shutil.rmtree(directory)
    raise _changed()


def _changed() -> Conflict:
    return Conflict("The release changed while it was made.", next_step="Start it anew.")


def _make(
    stored: Stored, release: Release, directory: Path, *, now: datetime, progress: Progress
) -> None:
    """Write all its files, and give their directory its name."""
    with partial(directory) as work:
        for _ in range(_MOST_TRIES):
            frozen = _freeze(stored, release.id, work, now=now, progress=progress)
            if frozen is not None:
                break
        else:
            raise _changed()
        _write_proof(stored.engine, release.project_id, work, frozen, progress)
        progress("putting the release in place", 0, 1)
        reach("release.before_rename")
        put_in_place(work, directory)


def _freeze(
    stored: Stored, release_id: int, work: Path, *, now: datetime, progress: Progress
) -> Frozen | None:
    """Write the row files and bind them by an event; None when another process was faster."""
    engine = stored.engine
    with reading(engine) as session:
        release = session.get_one(Release, release_id)
        event = _event_of(session, release)
    spec = ReleaseSpec.of(release.spec)
    if event is not None:
        again = _same_again(stored, release, event, work, progress)
        if again is not None:
            return again
    with snapshot(engine, release.project_id) as look:
        about = _write_rows(stored, release, look, work, progress)
    with reading(engine) as session:
        since = _since(session, release, about)
    files = files_of(work, _row_names(spec))
    data: ReleaseData = {
        "release": release.number,
        "up_to": about["up_to"],
        "run": about["scoring_run"],
        "counts": about["counts"],
        "files": files,
        "manifest": digest_of(about),
    }
    with writing(engine) as session:
        lock = lock_project(session, release.project_id)
        row = session.get_one(Release, release_id)
        if row.head_hash != release.head_hash or _erased_since(session, release, about):
            return None
        actor = session.scalar(select(Person.pseudonym).where(Person.id == row.created_by))
        entry = lock.append(EventKind.RELEASE, data, actor=actor, now=now)
        lock.save()
        row.up_to_seq, row.head_hash, row.files = about["up_to"], entry.hash, {**files}
        row.counts, row.erased_at = {**about["counts"], **_said_besides(about), **since}, None
    return Frozen(entry.seq, entry.hash, int(now.timestamp() * 1000), about)


def _write_rows(
    stored: Stored, release: Release, look: Snapshot, work: Path, progress: Progress
) -> About:
    """Write what the release holds of a moment; what its manifest says of it."""
    spec = ReleaseSpec.of(release.spec)
    about = write_data(look, release.number, spec, work, progress)
    about = with_pictures(about, look, stored.blobs, progress)
    about = with_split_audits(with_test_audit(about, look), look)
    return with_ranking_models(about, look)


def _erased_since(session: Session, release: Release, about: About) -> bool:
    """Whether an example was erased after these rows were written."""
    events = Event.project_id == release.project_id, Event.seq > about["up_to"]
    query = select(Event.seq).where(*events, Event.kind == EventKind.ERASE).limit(1)
    return session.scalar(query) is not None


def _said_besides(about: About) -> dict[str, object]:
    """What warnings are made of, beside the counts: for the page and the API."""
    known = warnings_of(about["counts"])
    known += warnings_of_lost(about["lost"]) if "lost" in about else []
    notes = [warning for warning in about["warnings"] if warning not in known]
    lost = {"lost": about["lost"]} if "lost" in about else {}
    return {**lost, "notes": notes} if notes else {**lost}


def _since(session: Session, release: Release, about: About) -> dict[str, object]:
    """What is another than in the release before, for the list of releases."""
    before = release_before(session, release)
    if before is None or before.up_to_seq is None:
        return {}
    compared = Compared(session, release.project_id, before.up_to_seq, about["up_to"])
    counts = summary_of(compared, most=0).counts
    return {"since": {"release": before.number} | {str(k): n for k, n in counts.items()}}


def _row_names(spec: ReleaseSpec) -> list[str]:
    return [*spec.file_names, GIVEN, LABELS]


def _event_of(session: Session, release: Release) -> Body[ReleaseData] | None:
    """The event an earlier attempt appended."""
    if release.head_hash is None:
        return None
    body = session.scalars(
        select(Event.body).where(
            Event.project_id == release.project_id,
            Event.kind == EventKind.RELEASE,
            Event.hash == release.head_hash,
        )
    ).one()
    event: Body[ReleaseData] = orjson.loads(body)
    return event


def _same_again(
    stored: Stored, release: Release, event: Body[ReleaseData], work: Path, progress: Progress
) -> Frozen | None:
    """Write the files an earlier event binds once more; None if they come out otherwise."""
    data, spec = event["data"], ReleaseSpec.of(release.spec)
    assert release.head_hash is not None
    then = snapshot(stored.engine, release.project_id, up_to=data["up_to"], run_id=data["run"])
    try:
        with then as look:
            about = _write_rows(stored, release, look, work, progress)
    except DataProblem:
        return None
    same = files_of(work, _row_names(spec)) == data["files"]
    if not same or digest_of(about) != data["manifest"]:
        return None
    return Frozen(event["seq"], release.head_hash, event["at"], about)


def _write_proof(
    engine: Engine, project_id: int, work: Path, frozen: Frozen, progress: Progress
) -> None:
    """The log up to the release's own event, then the manifest."""
    head = FIRST_HASH
    with reading(engine) as session, (work / EVENTS).open("wb") as file:
        count = 0
        for body, stored_hash in event_bodies(session, project_id, up_to=frozen.seq):
            line = body.encode()
            head = chain(head, line)
            if head != stored_hash:
                raise DataProblem(
                    f"The log does not match its hash at event {count + 1:,}.",
                    next_step="Restore a backup: the stored log was changed.",
                    code="log_broken",
                )
            file.write(line + b"\n")
            count += 1
            if count % 5_000 == 0:
                progress("writing the log", count, frozen.seq)
    if head != frozen.head:
        raise DataProblem("The log ends before the release's own event.", code="log_broken")
    names = [*_row_names(ReleaseSpec.of(frozen.about["spec"])), EVENTS]
    content: Manifest = {
        "release": frozen.about,
        "at": time_text(frozen.at),
        "events": count,
        "head": head.hex(),
        "files": files_of(work, names),
    }
    (work / MANIFEST).write_bytes(manifest_bytes(content))


def _finish(engine: Engine, release_id: int, directory: Path, *, now: datetime) -> bool:
    """Say that the release is complete, with what its directory holds.

    False where it holds an example that was erased meanwhile.
    """
    try:
        content: Manifest = orjson.loads((directory / MANIFEST).read_bytes())
        head = bytes.fromhex(content["head"])
    except (OSError, ValueError, KeyError) as error:
        raise Conflict(
            f"The directory {directory} is there already and holds no release.",
            next_step="Name a directory that does not exist yet.",
        ) from error
    with writing(engine) as session:
        row = session.get_one(Release, release_id, with_for_update=True)
        if row.head_hash != head:
            raise Conflict(
                f"The directory {directory} holds another release.",
                next_step="Name a directory that does not exist yet.",
            )
        if row.state is RunState.COMPLETE:
            return True
        if row.erased_at is not None:
            return False
        own = hashlib.sha256((directory / MANIFEST).read_bytes()).hexdigest()
        size = (directory / MANIFEST).stat().st_size
        manifest: FileFacts = {"sha256": own, "size": size}
        row.files = {**content["files"], MANIFEST: manifest}
        row.state, row.finished_at, row.message = RunState.COMPLETE, now, ""
    return True
