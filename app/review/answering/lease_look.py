"""Everything that answering a lease needs to know of it, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, select
from sqlalchemy.orm import aliased

from app.accounts.turn import Turn
from app.datasets.current_labels import standing_label
from app.datasets.labels import NOT_YET
from app.db.prepared import run
from app.db.tables.datasets import Example, Label
from app.db.tables.json_columns import StoredRule
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, Decision, Lease, ReadDue, Reversal
from app.db.words import BatchState, EventKind, Mode, ReadReason, Routing
from app.errors import NotFound
from app.review.answering.answers import Asked, HeldBack, Submission
from app.review.books.copies import has_copies
from app.review.books.leases import ended_under
from app.review.books.may import is_asked, leads, may_read, others_may_read, reads_of, role_of
from app.review.serving.hand_out import Around, around_columns, seen

_me: Any = bindparam("me")
_project: Any = bindparam("project")

_LEASE = (
    Lease.id.label("lease_id"),
    Lease.token,
    Lease.example_id,
    Lease.batch_id,
    Lease.read_due_id,
    Lease.read_reason,
    Lease.mode,
    Lease.serve_seq,
    Lease.stream,
    Lease.run_id,
    Lease.shown,
    Lease.first_answer,
    Lease.guideline_revision,
    Lease.opened_seq,
    Lease.created_at,
    Lease.ended_at,
    Lease.ended_why,
)
_EXAMPLE = (
    Example.status,
    Example.given_label_id,
    Example.bulk_label_id,
    standing_label().label("standing_id"),
    has_copies().label("has_copies"),
)
BATCH = (
    Batch.state.label("batch_state"),
    Batch.mode.label("batch_mode"),
    Batch.routing,
    Batch.reads,
    Batch.second_share,
    Batch.audit_share,
    Batch.rule,
    Batch.size,
)


_BATCH_OF_LEASE = (
    select(Lease.batch_id).where(Lease.token == bindparam("lease")).correlate(None)
).scalar_subquery()


_LAST = (  # by the index: a maximum would read every answer this person ever gave
    select(Decision.at)
    .where(Decision.person_id == _me)
    .order_by(Decision.id.desc())
    .limit(1)
    .correlate(None)
).scalar_subquery()


@cache
def _statement(refill: tuple[str, ...] | None) -> Any:
    """The look; where the desk is to be filled again for these roles, with the look around."""
    answered = exists().where(Decision.example_id == Lease.example_id).correlate(Lease)
    stands, repeated, owed = aliased(Label), aliased(Decision), aliased(ReadDue)
    chosen = and_(
        Label.id == bindparam("label"),
        Label.project_id == _project,
        Label.schema_revision > NOT_YET,
    )
    same_key = and_(
        repeated.project_id == Lease.project_id,
        repeated.person_id == Lease.person_id,
        repeated.idempotency_key == bindparam("key"),
    )
    around: tuple[Any, ...] = ()
    if refill is not None:
        around = around_columns(refill, _BATCH_OF_LEASE, on_grid=False)
    return (
        select(
            *around,
            *_LEASE,
            *BATCH,
            *_EXAMPLE,
            stands.current_id.label("standing_now"),
            _changed_since().label("changed_since"),
            Label.id.label("label_id"),
            Label.name,
            Label.retired_at,
            _LAST.label("last_at"),
            answered.label("answered"),
            others_may_read(Lease.example_id, _me, _project).label("others"),
            may_read(Lease.example_id, _me).label("may_read"),
            is_asked(_me).label("asked"),
            owed.for_role.label("for_role"),
            repeated.seq.label("repeated_seq"),
            repeated.content_hash.label("repeated_hash"),
            repeated.note_id.label("repeated_note"),
            ended_under(bindparam("key"), _me, _project, of=aliased(Lease)).label("key_taken"),
            Score.quality,
            Score.difficulty,
        )
        .join(Example, Example.id == Lease.example_id)
        .outerjoin(stands, stands.id == standing_label())
        .outerjoin(Batch, Batch.id == Lease.batch_id)
        .outerjoin(owed, owed.id == Lease.read_due_id)
        .outerjoin(Label, chosen)
        .outerjoin(repeated, same_key)
        .outerjoin(Score, and_(Score.run_id == Lease.run_id, Score.example_id == Lease.example_id))
        .where(
            Lease.token == bindparam("lease"),
            Lease.person_id == _me,
            Lease.project_id == _project,
        )
    )


def _changed_since() -> Any:
    """Whether a bulk fix has changed the label since the lease was given."""
    return exists().where(
        Reversal.example_id == Lease.example_id,
        Reversal.kind == EventKind.BULK,
        Reversal.seq > Lease.opened_seq,
    )


def look_at_lease(turn: Turn, answer: Submission, *, slots: int = 0) -> Row[Any]:
    """An own lease, its example, batch, the chosen label and an earlier answer under this key.

    Where more is to be handed out afterwards, with the look around that takes.
    """
    asked: dict[str, object] = {
        "me": turn.member.person_id,
        "project": turn.project_id,
        "lease": answer.lease,
        "label": answer.label_id,
        "key": answer.key,
    }
    if slots:
        asked |= {"now": turn.now, "slots": slots}
    refill = reads_of(role_of(turn.member)) if slots else None
    row = run(turn.session, _statement(refill), asked).one_or_none()
    if row is None:
        raise NotFound()
    return row


@dataclass(frozen=True, slots=True)
class LeaseBatch:
    """The batch of a lease, as far as handing out more of it needs it."""

    id: int
    state: BatchState
    mode: Mode
    routing: Routing
    audit_share: int
    rule: StoredRule
    size: int


def may_answer(turn: Turn, row: Row[Any]) -> bool:
    """Whether the answer to a lease counts: its holder may still read what was handed out."""
    role_allows = (row.for_role or "") in reads_of(role_of(turn.member))
    return row.may_read and role_allows and is_still_asked(turn, row)


def is_still_asked(turn: Turn, row: Row[Any]) -> bool:
    """The lease is of no batch, or of one that is for its holder."""
    return row.batch_id is None or row.asked or leads(turn.member)


def around_after(row: Row[Any], *, slots: int) -> Around | None:
    """The look around as it is once this lease has ended; nothing else changes it meanwhile."""
    return seen(row).without(row.token) if slots else None


def batch_of_lease(row: Row[Any]) -> LeaseBatch | None:
    if row.batch_id is None:
        return None
    return LeaseBatch(
        id=row.batch_id,
        state=row.batch_state,
        mode=row.batch_mode,
        routing=row.routing,
        audit_share=row.audit_share,
        rule=row.rule,
        size=row.size,
    )


def asked_by_lease(row: Row[Any], *, late: bool) -> Asked:
    return Asked(
        row.example_id,
        row.mode,
        ReadReason.LATE if late else row.read_reason,
        row.serve_seq,
        row.stream,
        batch_id=row.batch_id,
        lease_token=row.token,
        shown=row.shown,
        first_answer=row.first_answer,
        run_id=row.run_id,
        guideline_revision=row.guideline_revision,
    )


def held_back(row: Row[Any]) -> HeldBack | None:
    """Quality and difficulty, where a batch with random draws kept them from a card it showed."""
    if row.mode is Mode.BLIND or row.shown is None or row.shown["quality"] is not None:
        return None
    return HeldBack(row.quality, row.difficulty) if row.quality is not None else None


def begun_at(row: Row[Any]) -> datetime:
    """When this look began: with the lease, or with the reviewer's answer before it."""
    leased: datetime = row.created_at
    return leased if row.last_at is None else max(leased, row.last_at)
