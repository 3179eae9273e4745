"""Examples picked one by one in the list."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.db.tables.datasets import Example, Project
from app.errors import Invalid
from app.review.batches.picking import in_order
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.rule import Rule


def only_named(_: Project, plan: BatchPlan) -> list[ColumnElement[bool]]:
    return [Example.id.in_(plan.example_ids)]


def _check(plan: BatchPlan) -> None:
    if not plan.example_ids:
        raise Invalid("No example is selected.", next_step="Select examples in the list first.")


HAND = Rule(
    name="hand",
    choice="By hand",
    hint="",
    words="picked by hand",
    title=lambda _, size: f"{size:,} picked by hand",
    for_lead=lambda _: "Picked by hand",
    candidates=in_order,
    only=only_named,
    check=_check,
    asks_examples=True,
    offered=False,
)
