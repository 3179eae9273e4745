"""Random examples of one split, in the order of its audit, read blind."""

from __future__ import annotations

from sqlalchemy import Float, cast, select
from sqlalchemy.orm import Session

from app.audit.models.audits import in_a_batch
from app.audit.splits.audits import RULE
from app.db.tables.datasets import Example
from app.db.tables.models import SplitAudit, SplitAuditKey
from app.db.words import Mode, Stream
from app.review.batches.picking import Candidates, Pool, may_be_served
from app.review.batches.rules.hand import only_named
from app.review.batches.rules.rule import Order, Rule


def _in_key_order(pool: Pool) -> Candidates:
    """As the audits that are open drew them; the first has the highest place."""
    place = cast(-SplitAuditKey.place, Float)
    return (
        select(Example.id, place)
        .join(SplitAuditKey, SplitAuditKey.example_id == Example.id)
        .join(SplitAudit, SplitAudit.id == SplitAuditKey.audit_id)
        .where(SplitAudit.project_id == pool.project_id, SplitAudit.closed_at.is_(None))
        .order_by(SplitAuditKey.place, SplitAuditKey.audit_id)
    )


SPLIT_AUDIT = Rule(
    name=RULE,
    choice="Audit of a split",
    hint="",
    words="at random in a split",
    title=lambda _, size: f"Audit of a split, {size:,} at random",
    for_lead=lambda _: "Audit of a split, blind",
    candidates=_in_key_order,
    only=only_named,
    order=Order.FIXED,
    mode=Mode.BLIND,
    stream=Stream.SPLIT_AUDIT,
    asks_examples=True,
    sampled=True,
    also_waiting=True,
    offered=False,
    by_name=False,
)


def next_draws(session: Session, audit: SplitAudit, count: int) -> list[int]:
    """The next of the order that nobody was handed and that wait in no batch of the audit.

    What was drawn before and never read, its batch closed, comes first.
    """
    fresh = (*may_be_served(audit.project_id), ~in_a_batch(RULE))
    query = (
        select(Example.id)
        .join(SplitAuditKey, SplitAuditKey.example_id == Example.id)
        .where(SplitAuditKey.audit_id == audit.id, *fresh)
        .order_by(SplitAuditKey.place)
    )
    return list(session.scalars(query.limit(count)))
