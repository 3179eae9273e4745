"""Audits of one split: which there are, and how far the reading of one has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from app.audit.models.audits import in_a_batch
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.models import SplitAudit, SplitAuditKey
from app.db.words import UNDECIDED

RULE = "split_audit"
"""What batches of an audit are made by."""

DRAWS_OFFERED = 200
"""So many random reads are offered next."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the draws of an audit: `open` ones are asked for or with readers; `unread` examples of
    its pool nobody was handed yet."""

    drawn: int
    open: int
    unread: int


def split_audit(
    session: Session, project_id: int, split: str, *, only_open: bool = False
) -> SplitAudit | None:
    """The newest of a split."""
    query = select(SplitAudit).where(SplitAudit.project_id == project_id, SplitAudit.split == split)
    found = session.scalars(query.order_by(SplitAudit.number.desc()).limit(1)).first()
    if found is not None and only_open and not is_open(session, found):
        return None
    return found


def split_audits(session: Session, project_id: int) -> list[SplitAudit]:
    """The newest of every split, in the order of their names."""
    newest = (
        select(func.max(SplitAudit.number))
        .where(SplitAudit.project_id == project_id)
        .group_by(SplitAudit.split)
    )
    query = select(SplitAudit).where(
        SplitAudit.project_id == project_id, SplitAudit.number.in_(newest)
    )
    return list(session.scalars(query.order_by(SplitAudit.split)))


def is_open(session: Session, audit: SplitAudit) -> bool:
    """Neither closed nor ended: when the running estimate begins anew, so must it."""
    project = session.get_one(Project, audit.project_id)
    return audit.closed_at is None and audit.epoch_id == project.epoch_id


def progress_of(session: Session, audits: Sequence[SplitAudit]) -> dict[int, Progress]:
    """Each as it stands now, wherever its examples were decided; two statements for all."""
    mine = SplitAudit.id.in_([audit.id for audit in audits])
    in_epoch = Serve.epoch_id == SplitAudit.epoch_id
    served = exists().where(in_epoch, Serve.example_id == Example.id)
    drawn = session.execute(
        select(
            SplitAudit.id,
            func.count(),
            func.count().filter(Example.status.in_(sorted(UNDECIDED))),
            func.count().filter(and_(~served, in_a_batch(RULE))),
        )
        .join(SplitAuditKey, SplitAuditKey.audit_id == SplitAudit.id)
        .join(Example, Example.id == SplitAuditKey.example_id)
        .where(mine, SplitAuditKey.drawn_at.is_not(None))
        .group_by(SplitAudit.id)
    )
    of_draws = {audit_id: counts for audit_id, *counts in drawn}
    handed_out = session.execute(
        select(SplitAudit.id, func.count())
        .join(SplitAuditKey, SplitAuditKey.audit_id == SplitAudit.id)
        .join(Serve, and_(in_epoch, Serve.example_id == SplitAuditKey.example_id))
        .where(mine)
        .group_by(SplitAudit.id)
    )
    out = dict(handed_out.all())
    found = {}
    for audit in audits:
        draws, undecided, waiting = of_draws.get(audit.id, (0, 0, 0))
        unread = audit.pool - out.get(audit.id, 0) - waiting
        found[audit.id] = Progress(draws, undecided, unread)
    return found
