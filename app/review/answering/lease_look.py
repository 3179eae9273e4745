"""Everything that answering a lease needs to know of it, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, select
from sqlalchemy.orm import aliased

from app.accounts.turn import Turn
from app.datasets.labels import NOT_YET
from app.db.prepared import run
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Batch, Decision, Lease, StoredRule
from app.db.words import BatchState, Mode, ReadReason
from app.errors import NotFound
from app.review.answering.answers import Asked, Submission

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
    Lease.created_at,
    Lease.ended_at,
    Lease.ended_why,
)
BATCH = (
    Batch.state.label("batch_state"),
    Batch.mode.label("batch_mode"),
    Batch.reads,
    Batch.second_share,
    Batch.audit_share,
    Batch.rule,
    Batch.size,
)


def _others() -> ColumnElement[bool]:
    """Whether anybody else takes part in the project, who could give a further read."""
    return (
        exists()
        .where(
            Membership.project_id == _project,
            Membership.person_id != _me,
            Membership.left_at.is_(None),
            Person.id == Membership.person_id,
            Person.disabled_at.is_(None),
        )
        .correlate(None)
    )


def _statement() -> Any:
    last = (  # by the index: a maximum would read every answer this person ever gave
        select(Decision.at)
        .where(Decision.person_id == _me)
        .order_by(Decision.id.desc())
        .limit(1)
        .correlate(None)
    )
    answered = exists().where(Decision.example_id == Lease.example_id).correlate(Lease)
    given, repeated = aliased(Label), aliased(Decision)
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
    return (
        select(
            *_LEASE,
            *BATCH,
            Example.status,
            Example.given_label_id,
            given.replaced_by.label("given_replaced_by"),
            Label.id.label("label_id"),
            Label.name,
            Label.retired_at,
            last.scalar_subquery().label("last_at"),
            answered.label("answered"),
            _others().label("others"),
            repeated.seq.label("repeated_seq"),
            repeated.content_hash.label("repeated_hash"),
        )
        .join(Example, Example.id == Lease.example_id)
        .outerjoin(given, given.id == Example.given_label_id)
        .outerjoin(Batch, Batch.id == Lease.batch_id)
        .outerjoin(Label, chosen)
        .outerjoin(repeated, same_key)
        .where(
            Lease.token == bindparam("lease"),
            Lease.person_id == _me,
            Lease.project_id == _project,
        )
    )


_LOOK = _statement()


def look_at_lease(turn: Turn, answer: Submission) -> Row[Any]:
    """An own lease, its example, batch, the chosen label and an earlier answer under this key."""
    asked = {
        "me": turn.member.person_id,
        "project": turn.project_id,
        "lease": answer.lease,
        "label": answer.label_id,
        "key": answer.key,
    }
    row = run(turn.session, _LOOK, asked).one_or_none()
    if row is None:
        raise NotFound()
    return row


@dataclass(frozen=True, slots=True)
class LeaseBatch:
    """The batch of a lease, as far as handing out more of it needs it."""

    id: int
    state: BatchState
    mode: Mode
    audit_share: int
    rule: StoredRule
    size: int


def batch_of_lease(row: Row[Any]) -> LeaseBatch | None:
    if row.batch_id is None:
        return None
    return LeaseBatch(
        row.batch_id, row.batch_state, row.batch_mode, row.audit_share, row.rule, row.size
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
        shown=tuple(row.shown),
        run_id=row.run_id,
    )


def begun_at(row: Row[Any]) -> datetime:
    """When this look began: with the lease, or with the reviewer's answer before it."""
    leased: datetime = row.created_at
    return leased if row.last_at is None else max(leased, row.last_at)
