"""The chained log of a project: each event's hash binds all that came before it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import bindparam, event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from app.db.canonical import canonical
from app.db.dialects import locked
from app.db.prepared import run
from app.db.tables.datasets import Project
from app.db.tables.review import Event
from app.db.words import EventKind
from app.errors import NotFound

RECORD_FORMAT = 2
FIRST_HASH = bytes(32)
_LOCKS = "project_locks"  # where a session keeps the locks of its transaction


class EventRow(TypedDict):
    """One row of the log, as it is inserted."""

    project_id: int
    seq: int
    kind: EventKind
    example_id: int | None
    body: str
    hash: bytes


@dataclass(frozen=True)
class Entry:
    seq: int
    hash: bytes


def event_body(
    seq: int, kind: str, data: Mapping[str, object], *, actor: str | None, at: datetime
) -> bytes:
    """The exact bytes that are hashed and stored: canonical JSON (RFC 8785)."""
    body = {
        "actor": actor,
        "at": int(at.timestamp() * 1000),
        "data": data,
        "kind": str(kind),
        "seq": seq,
        "v": RECORD_FORMAT,
    }
    return canonical(body, "body")


def chain(previous: bytes, body: bytes) -> bytes:
    return hashlib.sha256(previous + body).digest()


class Heads(NamedTuple):
    """Where a project's log and serves stand: what a lock writes back."""

    log_seq: int
    log_hash: bytes
    serve_seq: int
    unserved: int
    drawn_key: int
    epoch_id: int | None


@dataclass
class ProjectLock:
    """A project's row, locked: the heads of its log and serves. `save` writes them back.

    A transaction has one lock a project, whoever asks for it and however often: two could write
    back heads of different ages, and every later answer would fail on the log's next number.
    """

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
    archived: bool
    closing: bool  # mostly random checks are handed out now
    copies_together: bool  # identical examples get one answer
    _events: list[EventRow] = field(default_factory=list)
    _saved: Heads | None = None

    def __post_init__(self) -> None:
        self._saved = self.heads

    @property
    def heads(self) -> Heads:
        return Heads(
            self.log_seq,
            self.log_hash,
            self.serve_seq,
            self.unserved,
            self.drawn_key,
            self.epoch_id,
        )

    @property
    def unsaved(self) -> bool:
        return self.heads != self._saved

    def append(
        self,
        kind: EventKind,
        data: Mapping[str, object],
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
        """Write the new events and the heads: once, at the end of an action."""
        heads = self.heads
        if heads == self._saved:
            return
        if self._events:
            run(self.session, _ADD_EVENTS, self._events)
            self._events = []
        run(self.session, _WRITE_HEADS, {"of_project": self.project_id, **heads._asdict()})
        self._saved = heads


_projects: Any = Project.__table__
_ADD_EVENTS = insert(Event.__table__)  # type: ignore[arg-type]
_WRITE_HEADS = (
    update(_projects)
    .where(_projects.c.id == bindparam("of_project"))
    .values({name: bindparam(name) for name in Heads._fields})
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
    Project.archived_at.is_not(None).label("archived"),
    Project.closing,
    Project.copies_together,
)


_LOCK = locked(select(*LOCK_COLUMNS).where(Project.id == bindparam("project")))


def lock_project(session: Session, project_id: int) -> ProjectLock:
    """Hold the project's row: one serve step or one append at a time.

    Asked again in the same transaction, it is the same lock.
    """
    lock = lock_in_hand(session, project_id)
    if lock is None:
        session.flush()  # what is pending of the project is read as well
        row: Any = run(session, _LOCK, {"project": project_id}).one_or_none()
        if row is None:
            raise NotFound()
        lock = remember_lock(ProjectLock(session, *row))
    return lock


def lock_in_hand(session: Session, project_id: int) -> ProjectLock | None:
    """The lock that this transaction has of a project, if it has one."""
    locks: dict[int, ProjectLock] = session.info.get(_LOCKS, {})
    return locks.get(project_id)


def remember_lock(lock: ProjectLock) -> ProjectLock:
    """Keep a lock for whoever asks for it later in its transaction."""
    lock.session.info.setdefault(_LOCKS, {})[lock.project_id] = lock
    return lock


class UnsavedLock(RuntimeError):
    """A transaction would commit without the events and serves it wrote down."""


@event.listens_for(Session, "before_commit")
def _nothing_unsaved(session: Session) -> None:
    locks: dict[int, ProjectLock] = session.info.get(_LOCKS, {})
    for lock in locks.values():
        if lock.unsaved:
            raise UnsavedLock(f"the lock of project {lock.project_id} was never saved")


@event.listens_for(Session, "after_transaction_end")
def _let_go(session: Session, transaction: SessionTransaction) -> None:
    """A lock ends with its transaction: the next one reads the heads anew."""
    if transaction.parent is None:
        session.info.pop(_LOCKS, None)
