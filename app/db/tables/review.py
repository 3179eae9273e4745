"""Batches, leases, owed reads, the chained log and its fast copies."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TextClause,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.json_columns import FirstAnswer, Shown, StoredRule
from app.db.types import BigId, Table, UtcDateTime, Word, identity
from app.db.words import (
    BatchState,
    Due,
    EventKind,
    Mode,
    Question,
    ReadReason,
    Reason,
    Routing,
    Stream,
    Verdict,
)

_LIVE = text("ended_at IS NULL")
_OWED = text("done_at IS NULL")
_SKIPPED = text("ended_why = 'skipped'")
_ENDED_UNDER = text("ended_key IS NOT NULL")
_COPIES = text("with_seq IS NOT NULL")
_COUNTED = text("counted_batch_id IS NOT NULL")
_COUNTS = ("example_id", "verdict", "label_id")
_REPLACING = text("supersedes IS NOT NULL")


def _partial(name: str, *columns: str, where: TextClause) -> Index:
    """An index of those rows alone, on both databases."""
    return Index(name, *columns, postgresql_where=where, sqlite_where=where)


class Batch(Table):
    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(String(200))
    rule: Mapped[StoredRule] = mapped_column(JSON, default=dict)
    state: Mapped[BatchState] = mapped_column(Word(BatchState), default=BatchState.OPEN)
    mode: Mapped[Mode] = mapped_column(Word(Mode), default=Mode.EVERYTHING)
    reads: Mapped[int] = mapped_column(default=1)
    routing: Mapped[Routing] = mapped_column(
        Word(Routing), default=Routing.ANYONE, server_default=Routing.ANYONE.value
    )
    audit_share: Mapped[int] = mapped_column(default=0)  # per cent
    second_share: Mapped[int] = mapped_column(default=0)  # per cent
    size: Mapped[int] = mapped_column(default=0)  # first reads asked for
    everyone: Mapped[bool] = mapped_column(default=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BatchPerson(Table):
    __tablename__ = "batch_person"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class BatchMember(Table):
    """An example of a batch; `waiting` until it is served or leaves. Order is live: `priority`."""

    __tablename__ = "batch_member"
    __table_args__ = (
        Index(
            "ix_batch_member_waiting",
            "batch_id",
            "priority",
            "example_id",
            postgresql_where=text("waiting"),
            sqlite_where=text("waiting = 1"),
        ),
        Index("ix_batch_member_example", "example_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"), primary_key=True)
    priority: Mapped[float] = mapped_column(default=0.0)
    waiting: Mapped[bool] = mapped_column(default=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_why: Mapped[str] = mapped_column(String(40), default="")


class Lease(Table):
    """One reviewer's timed hold on one example. Ended leases stay: a late answer names its own."""

    __tablename__ = "lease"
    __table_args__ = (
        Index(
            "ix_lease_live_example",
            "example_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        _partial("ix_lease_live_person", "person_id", "batch_id", where=_LIVE),
        _partial("ix_lease_live_expiry", "project_id", "expires_at", where=_LIVE),
        _partial("ix_lease_skipped", "example_id", "person_id", where=_SKIPPED),
        _partial("ix_lease_ended_key", "person_id", "ended_key", where=_ENDED_UNDER),
    )

    id: Mapped[int] = identity()
    token: Mapped[str] = mapped_column(String(32), unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    read_due_id: Mapped[int | None] = mapped_column(BigId)
    on_grid: Mapped[bool] = mapped_column(default=False, server_default=false())
    read_reason: Mapped[ReadReason] = mapped_column(Word(ReadReason))
    mode: Mapped[Mode] = mapped_column(Word(Mode))
    serve_seq: Mapped[int | None] = mapped_column(BigId)
    stream: Mapped[Stream | None] = mapped_column(Word(Stream))
    run_id: Mapped[int | None] = mapped_column(BigId)
    shown: Mapped[Shown | None] = mapped_column(JSON)  # what was sent beside the example
    guideline_revision: Mapped[int] = mapped_column(default=0, server_default="0")
    first_answer: Mapped[FirstAnswer | None] = mapped_column(JSON)  # before the evidence was shown
    opened_seq: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[str] = mapped_column(String(20), default="")
    ended_seq: Mapped[int | None] = mapped_column(BigId)  # the event that put it aside
    ended_key: Mapped[str | None] = mapped_column(String(64))  # of the request that did, or marked


class ReadDue(Table):
    """A read that is owed, whoever will give it."""

    __tablename__ = "read_due"
    __table_args__ = (
        _partial("ix_read_due_owed", "project_id", "id", where=_OWED),
        Index("ix_read_due_example", "example_id"),
    )

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"))
    reason: Mapped[Due] = mapped_column(Word(Due))
    for_role: Mapped[str] = mapped_column(String(16), default="")  # "", "expert" or "lead"
    for_person: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    first_by: Mapped[int | None] = mapped_column(BigId)  # whose answer it must not come from
    skipper_id: Mapped[int | None] = mapped_column(BigId)  # who put it aside last
    skipped_seq: Mapped[int | None] = mapped_column(BigId)  # the event of that
    on_grid: Mapped[bool] = mapped_column(  # on the grid of this batch, while it is open
        default=False, server_default=false()
    )
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    created_by_seq: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_why: Mapped[str] = mapped_column(String(20), default="")


class Event(Table):
    """The chained log: `hash` = SHA-256(previous hash, bytes of `body`). Append only."""

    __tablename__ = "event"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))
    example_id: Mapped[int | None] = mapped_column(BigId, index=True)
    body: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class Decision(Table):
    """A fast copy of decision and adjudicate events. Append only."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("project_id", "seq"),
        UniqueConstraint("project_id", "person_id", "idempotency_key"),
        Index("ix_decision_example", "example_id", "seq"),
        Index("ix_decision_person", "person_id", "id"),
        Index("ix_decision_batch", "batch_id", "person_id"),
        _partial("ix_decision_with", "project_id", "with_seq", where=_COPIES),
        _partial("ix_decision_replacing", "project_id", "example_id", where=_REPLACING),
        _partial("ix_decision_counted", "counted_batch_id", *_COUNTS, where=_COUNTED),
    )

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    seq: Mapped[int] = mapped_column(BigId)
    idempotency_key: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))  # of the payload that came with the key
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    adjudicates: Mapped[bool] = mapped_column(default=False)
    verdict: Mapped[Verdict] = mapped_column(Word(Verdict))
    label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"))
    reason: Mapped[Reason | None] = mapped_column(Word(Reason))
    note_id: Mapped[int | None] = mapped_column(BigId)
    first_answer: Mapped[FirstAnswer | None] = mapped_column(JSON)
    mode: Mapped[Mode] = mapped_column(Word(Mode))
    read_reason: Mapped[ReadReason] = mapped_column(Word(ReadReason))
    confirmations: Mapped[int] = mapped_column()  # the policy in force at its seq
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    counted_batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    """Whose first read this is: the batch its example was served in, wherever it was answered."""
    lease_token: Mapped[str | None] = mapped_column(String(32))
    serve_seq: Mapped[int | None] = mapped_column(BigId)
    stream: Mapped[Stream | None] = mapped_column(Word(Stream))
    shown: Mapped[Shown | None] = mapped_column(JSON)  # what was sent beside the example
    coin_second: Mapped[bool | None] = mapped_column()  # drawn as it became final: read again?
    coin_recheck: Mapped[bool | None] = mapped_column()
    position: Mapped[int | None] = mapped_column()
    seconds: Mapped[float] = mapped_column(default=0.0)
    browser_seconds: Mapped[float | None] = mapped_column()  # kept apart, never trusted
    guideline_revision: Mapped[int] = mapped_column()
    run_id: Mapped[int | None] = mapped_column(BigId)
    supersedes: Mapped[int | None] = mapped_column(BigId)  # seq of this person's earlier answer
    with_seq: Mapped[int | None] = mapped_column(BigId)  # the answer that it is a copy of
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Reversal(Table):
    """Undo, redo, resuming, reopening, erasure, bulk fix of an example. Append only."""

    __tablename__ = "reversal"
    __table_args__ = (
        UniqueConstraint("project_id", "seq"),
        UniqueConstraint("project_id", "person_id", "idempotency_key"),
        Index("ix_reversal_example", "example_id", "seq"),
        Index("ix_reversal_kind", "project_id", "kind", "example_id"),
    )

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    seq: Mapped[int] = mapped_column(BigId)
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))  # undo, resume, reopen, …
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"))
    decision_seq: Mapped[int | None] = mapped_column(BigId)  # of a skip, where that is taken back
    label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"))  # of a bulk fix
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Note(Table):
    """Words about an example, outside the log so that they can be erased."""

    __tablename__ = "note"

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Disagreement(Table):
    """Something a lead finds under Disagreements, open until settled."""

    __tablename__ = "disagreement"
    __table_args__ = (
        Index("ix_disagreement_open", "project_id", "settled_at", "id"),
        Index("ix_disagreement_example", "example_id"),
    )

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"))
    kind: Mapped[Question] = mapped_column(Word(Question))
    seq: Mapped[int | None] = mapped_column(BigId)  # the event that raised it
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_seq: Mapped[int | None] = mapped_column(BigId)
