"""Examples whose right label is settled, read blind by somebody new to see how they do."""

from __future__ import annotations

from app.db.words import Mode
from app.errors import Invalid
from app.review.batches.picking import shuffled
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.hand import only_named
from app.review.batches.rules.rule import Order, Rule


def _check(plan: BatchPlan) -> None:
    if len(plan.people) != 1:
        raise Invalid("A practice batch is for one person.", next_step="Name one.")


PRACTICE = Rule(
    name="practice",
    choice="Practice",
    hint="",
    words="at random among settled examples",
    title=lambda _, size: f"Practice, {size:,} known answers",
    for_lead=lambda _: "Practice: known answers, blind",
    candidates=shuffled,
    only=only_named,
    check=_check,
    order=Order.FIXED,
    mode=Mode.BLIND,
    asks_examples=True,
    settled=True,
    offered=False,
    by_name=False,
)
