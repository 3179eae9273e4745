"""Releases that hold an erased example: their files are deleted, and a stone stands for them."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.db.dialects import locked
from app.db.log import ProjectLock
from app.db.tables.datasets import DataImport, Example
from app.db.tables.releases import Release
from app.db.words import RunState
from app.releases.layout import MANIFEST
from app.releases.shelf import release_directory
from app.settings import Settings

_QUOTING = ("lost", "notes")
"""Counts that name examples by their ids."""


def releases_with(session: Session, example: Example) -> int:
    """How many releases would lose their files."""
    query = select(func.count()).where(*_holds(session, example))
    return session.scalar(query.where(Release.state == RunState.COMPLETE)) or 0


def _holds(session: Session, example: Example) -> list[ColumnElement[bool]]:
    brought = session.get_one(DataImport, example.import_id)
    return [
        Release.project_id == example.project_id,
        Release.erased_at.is_(None),
        Release.up_to_seq >= (brought.seq or 0),
    ]


def take_down(lock: ProjectLock, example: Example, *, now: datetime) -> int:
    """No release that holds the example is handed out any more; how many were complete.

    One that is being made is made once more, from what is left.
    """
    session, complete = lock.session, 0
    query = locked(select(Release).where(*_holds(session, example)).order_by(Release.id))
    for release in session.scalars(query.execution_options(populate_existing=True)).all():
        release.erased_at = now
        release.counts = {k: v for k, v in release.counts.items() if k not in _QUOTING}
        complete += release.state is RunState.COMPLETE
    session.flush()
    return complete


def delete_files(session: Session, settings: Settings, project_id: int) -> int:
    """Delete what lies there of releases with an erased example; may run twice. How many."""
    query = select(Release).where(Release.project_id == project_id)
    gone = 0
    for release in session.scalars(query.order_by(Release.id)):
        if release.state is RunState.RUNNING:
            continue
        where = release_directory(settings, release.id)
        for left in where.parent.glob(f".{where.name}.*.partial"):  # of a worker that was killed
            shutil.rmtree(left, ignore_errors=True)
        if release.state is not RunState.COMPLETE:
            shutil.rmtree(where, ignore_errors=True)
        elif release.erased_at is not None and where.is_dir():
            _leave_the_stone(where, release, release.erased_at)
            gone += 1
    return gone


def _leave_the_stone(where: Path, release: Release, at: datetime) -> None:
    """All that stays is a manifest: which files there were, by their hashes, and why they went."""
    stone = {
        "release": {"number": release.number, "up_to": release.up_to_seq},
        "head": release.head_hash.hex() if release.head_hash else None,
        "erased": {"at": at.date().isoformat(), "files": release.files},
    }
    for path in where.iterdir():
        path.unlink()
    (where / MANIFEST).write_bytes(orjson.dumps(stone, option=orjson.OPT_INDENT_2))
