"""The chained log of a project: each event's hash binds all that came before it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.db.dialects import locked
from app.db.prepared import run
from app.db.tables.datasets import Project
from app.db.tables.review import Event
from app.db.words import EventKind
from app.errors import NotFound

RECORD_FORMAT = 1
FIRST_HASH = bytes(32)
LARGEST = 2**53 - 1  # beyond it JSON numbers are not exact everywhere (RFC 8785)


@dataclass(frozen=True)
class Entry:
    seq: int
    hash: bytes


def _check(value: Any, where: str) -> None:
    """Allow only what sorted orjson writes exactly as RFC 8785 would."""
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError(f"{where}: {value} is beyond 2^53 - 1")
        return
    if isinstance(value, list):
        for item in value:
            _check(item, where)
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"{where}: the key {key!r} is not ASCII text")
            _check(item, f"{where}.{key}")
        return
    raise TypeError(f"{where}: {type(value).__name__} has no place in the log")


def event_body(
    seq: int, kind: str, data: dict[str, Any], *, actor: str | None, at: datetime
) -> bytes:
    """The exact bytes that are hashed and stored: canonical JSON (RFC 8785)."""
    _check(data, "data")
    body = {
        "actor": actor,
        "at": int(at.timestamp() * 1000),
        "data": data,
        "kind": str(kind),
        "seq": seq,
        "v": RECORD_FORMAT,
    }
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def chain(previous: bytes, body: bytes) -> bytes:
    return hashlib.sha256(previous + body).digest()


@dataclass
class ProjectLock:
    """A project's row, held: the head of its log and of its serves. `save` writes them back."""

    session: Session
    project_id: int
    log_seq: int
    log_hash: bytes
    serve_seq: int
    unserved: int
    drawn_key: int
    epoch_id: int | None
    run_id: int | None
    confirmations: int
    guideline_revision: int
    _events: list[dict[str, Any]] = field(default_factory=list)

    def append(
        self,
        kind: EventKind,
        data: dict[str, Any],
        *,
        actor: str | None,
        now: datetime,
        example_id: int | None = None,
    ) -> Entry:
        """Add one event; it is written by `save`, in this transaction."""
        body = event_body(self.log_seq + 1, kind.value, data, actor=actor, at=now)
        self.log_seq += 1
        self.log_hash = chain(self.log_hash, body)
        self._events.append(
            {
                "project_id": self.project_id,
                "seq": self.log_seq,
                "kind": kind,
                "example_id": example_id,
                "body": body.decode(),
                "hash": self.log_hash,
            }
        )
        return Entry(self.log_seq, self.log_hash)

    def save(self) -> None:
        """Write the new events and the heads; call once, at the end of the step."""
        if self._events:
            run(self.session, _ADD_EVENTS, self._events)
            self._events = []
        heads = {
            "held_project": self.project_id,
            "log_seq": self.log_seq,
            "log_hash": self.log_hash,
            "serve_seq": self.serve_seq,
            "unserved": self.unserved,
            "drawn_key": self.drawn_key,
            "epoch_id": self.epoch_id,
        }
        run(self.session, _WRITE_HEADS, heads)


_projects: Any = Project.__table__
_ADD_EVENTS = insert(Event.__table__)  # type: ignore[arg-type]
_WRITE_HEADS = (
    update(_projects)
    .where(_projects.c.id == bindparam("held_project"))
    .values(
        {
            name: bindparam(name)
            for name in ("log_seq", "log_hash", "serve_seq", "unserved", "drawn_key", "epoch_id")
        }
    )
)

LOCK_COLUMNS = (
    Project.id,
    Project.log_seq,
    Project.log_hash,
    Project.serve_seq,
    Project.unserved,
    Project.drawn_key,
    Project.epoch_id,
    Project.run_id,
    Project.confirmations,
    Project.guideline_revision,
)


def lock_project(session: Session, project_id: int) -> ProjectLock:
    """Hold the project's row: one serve step or one append at a time."""
    query = locked(select(*LOCK_COLUMNS).where(Project.id == project_id))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return ProjectLock(session, *row)


def append(
    session: Session,
    project_id: int,
    kind: EventKind,
    data: dict[str, Any],
    *,
    actor: str | None,
    now: datetime,
    example_id: int | None = None,
) -> Entry:
    """Append one event to a project's log, under its lock."""
    held = lock_project(session, project_id)
    entry = held.append(kind, data, actor=actor, now=now, example_id=example_id)
    held.save()
    return entry
