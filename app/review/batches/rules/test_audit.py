"""Examples on which models differ, in the random order of their audit, read blind."""

from __future__ import annotations

from sqlalchemy import Float, cast, select
from sqlalchemy.orm import Session

from app.audit.models.audits import RULE, in_a_batch
from app.db.tables.datasets import Example
from app.db.tables.models import TestAudit, TestAuditKey
from app.db.words import Mode, Stream
from app.review.batches.picking import Candidates, Pool, may_be_served
from app.review.batches.rules.hand import only_named
from app.review.batches.rules.rule import Order, Rule


def _in_key_order(pool: Pool) -> Candidates:
    """As the audit that is open drew them; the first has the highest place."""
    place = cast(-TestAuditKey.place, Float)
    return (
        select(Example.id, place)
        .join(TestAuditKey, TestAuditKey.example_id == Example.id)
        .join(TestAudit, TestAudit.id == TestAuditKey.audit_id)
        .where(TestAudit.project_id == pool.project_id, TestAudit.closed_at.is_(None))
        .order_by(TestAuditKey.place)
    )


TEST_AUDIT = Rule(
    name=RULE,
    choice="Test-set audit",
    hint="",
    words="at random in a test set",
    title=lambda _, size: f"Test-set audit, {size:,} at random",
    for_lead=lambda _: "Test-set audit, blind",
    candidates=_in_key_order,
    only=only_named,
    order=Order.FIXED,
    mode=Mode.BLIND,
    stream=Stream.TEST_AUDIT,
    asks_examples=True,
    sampled=True,
    also_waiting=True,
    offered=False,
    by_name=False,
)


def next_unread(session: Session, project_id: int, count: int) -> list[int]:
    """The next that nobody was handed and that wait in no batch of the audit."""
    fresh = (*may_be_served(project_id), ~in_a_batch())
    query = _in_key_order(Pool(project_id, None)).where(*fresh)
    return [example for example, _ in session.execute(query.limit(count))]
