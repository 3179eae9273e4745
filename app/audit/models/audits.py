"""Audits of a test set: which there are, and how far the reading of one has come."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.models import Model, TestAudit, TestAuditKey, TestAuditModel
from app.db.tables.review import Batch, BatchMember
from app.db.words import DECIDED, UNDECIDED, BatchState, Status

RULE = "test_audit"
"""What batches of an audit are made by."""

FEWEST_MODELS, MOST_MODELS = 2, 10
"""Ten models make 45 pairs; of more nothing would be told apart."""

MOST_LISTED = 100
"""Earlier audits on one page."""

READS_OFFERED = 200
"""So many are offered next, and what they would bring is told before they are asked for."""


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit, and its models in the order in which they were named."""

    row: TestAudit
    models: tuple[Model, ...]

    @property
    def is_open(self) -> bool:
        return self.row.closed_at is None

    @property
    def split(self) -> str:
        return self.row.split or ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the examples on which the models differ: decided, asked for, and those a batch may ask."""

    decided: int
    open: int
    unread: int


def last_audit(session: Session, project_id: int, *, only_open: bool = False) -> Audit | None:
    """The one that is open, or else the newest."""
    query = select(TestAudit).where(TestAudit.project_id == project_id)
    if only_open:
        query = query.where(TestAudit.closed_at.is_(None))
    row = session.scalars(query.order_by(TestAudit.number.desc()).limit(1)).first()
    return None if row is None else _with_models(session, row)


def audit_by_number(session: Session, project_id: int, number: int) -> Audit | None:
    query = select(TestAudit).where(TestAudit.project_id == project_id, TestAudit.number == number)
    row = session.scalars(query).one_or_none()
    return None if row is None else _with_models(session, row)


def earlier_audits(session: Session, project_id: int, *, before: int) -> list[Audit]:
    """Audits of lower numbers, the newest first, each with its models."""
    rows = session.scalars(
        select(TestAudit)
        .where(TestAudit.project_id == project_id, TestAudit.number < before)
        .order_by(TestAudit.number.desc())
        .limit(MOST_LISTED)
    ).all()
    named = session.execute(
        select(TestAuditModel.audit_id, Model)
        .join(Model, Model.id == TestAuditModel.model_id)
        .where(TestAuditModel.audit_id.in_([row.id for row in rows]))
        .order_by(TestAuditModel.audit_id, TestAuditModel.place)
    ).all()
    models: dict[int, list[Model]] = {}
    for audit_id, model in named:
        models.setdefault(audit_id, []).append(model)
    return [Audit(row, tuple(models.get(row.id, ()))) for row in rows]


def audit_by_id(session: Session, audit_id: int) -> Audit | None:
    row = session.get(TestAudit, audit_id)
    return None if row is None else _with_models(session, row)


def _with_models(session: Session, row: TestAudit) -> Audit:
    query = (
        select(Model)
        .join(TestAuditModel, TestAuditModel.model_id == Model.id)
        .where(TestAuditModel.audit_id == row.id)
        .order_by(TestAuditModel.place)
    )
    return Audit(row, tuple(session.scalars(query)))


def in_a_batch(rule: str = RULE) -> ColumnElement[bool]:
    """Of an `Example`: it waits in a batch by this rule that is not closed."""
    return exists().where(
        BatchMember.example_id == Example.id,
        BatchMember.waiting,
        Batch.id == BatchMember.batch_id,
        and_(Batch.state != BatchState.CLOSED, Batch.rule["by"].as_string() == rule),
    )


def progress_of(session: Session, audit: TestAudit) -> Progress:
    """As it stands now, wherever its examples were decided."""
    served = exists().where(Serve.example_id == Example.id)
    asked = or_(served, Example.status != Status.UNREVIEWED, in_a_batch())
    decided, waiting = session.execute(
        select(
            func.count().filter(Example.status.in_(sorted(DECIDED))),
            func.count().filter(and_(Example.status.in_(sorted(UNDECIDED)), asked)),
        )
        .select_from(TestAuditKey)
        .join(Example, Example.id == TestAuditKey.example_id)
        .where(TestAuditKey.audit_id == audit.id)
    ).one()
    return Progress(decided, waiting, audit.differ - decided - waiting)


def new_events(session: Session, audit: TestAudit) -> int:
    """Events of the log that the kept report does not know."""
    seq = session.scalar(select(Project.log_seq).where(Project.id == audit.project_id))
    return int(seq or 0) - (audit.up_to_seq or 0)
