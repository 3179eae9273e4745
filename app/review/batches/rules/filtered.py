"""Every example that the list was narrowed to, as far as nobody has reviewed it, by priority."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.db.tables.datasets import Project
from app.errors import Invalid
from app.review.batches.filters import ids_by_score, on_examples
from app.review.batches.picking import best_first, in_order
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.rule import Rule


def _that_match(project: Project, plan: BatchPlan) -> list[ColumnElement[bool]]:
    assert plan.wanted is not None, "checked before"
    return on_examples(project, plan.wanted)


def _ids_that_match(project: Project, plan: BatchPlan) -> list[ColumnElement[bool]]:
    assert plan.wanted is not None, "checked before"
    return ids_by_score(project, plan.wanted)


def _check(plan: BatchPlan) -> None:
    if plan.wanted is None or not plan.wanted.named:
        raise Invalid(
            "No filter is set.",
            next_step="Narrow the list of examples first, then choose to review what is listed.",
        )


FILTER = Rule(
    name="filter",
    choice="Filter",
    hint="What the list of examples was narrowed to, by priority.",
    words="by a filter",
    title=lambda words, size: f"{words}, {size:,} of them",
    for_lead=lambda words: f"Filter: {words}",
    candidates=best_first,
    rest=in_order,
    only=_that_match,
    indexed=_ids_that_match,
    check=_check,
    asks_filter=True,
    capped=True,
    offered=False,
)
