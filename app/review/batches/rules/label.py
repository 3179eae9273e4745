"""Examples that came with one given label, or with none."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.datasets.current_labels import ids_with_label, is_standing_label
from app.db.tables.datasets import Example, Project
from app.review.batches.picking import best_first, in_order
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.rule import Rule

WITHOUT = "Without a label"


def with_given_label(_: Project, plan: BatchPlan) -> list[ColumnElement[bool]]:
    return [is_standing_label(plan.given_label_id)]


def ids_of_its_label(project: Project, plan: BatchPlan) -> list[ColumnElement[bool]]:
    return [Example.id.in_(ids_with_label(project.id, [plan.given_label_id]))]


LABEL = Rule(
    name="label",
    choice="Given label",
    hint="",
    words="by given label",
    title=lambda label, size: f"{label or WITHOUT}, {size:,} of them",
    for_lead=lambda label: f"Given label: {label}" if label else WITHOUT,
    candidates=best_first,
    rest=in_order,
    only=with_given_label,
    indexed=ids_of_its_label,
    asks_label=True,
)
