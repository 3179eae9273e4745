"""Examples that came with one label and read like another: what a pair of labels mixes up."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists

from app.datasets.current_labels import is_label, is_standing_label
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score
from app.errors import Invalid
from app.review.batches.picking import best_first, in_order
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.label import ids_of_its_label
from app.review.batches.rules.rule import Rule

NEEDS_SCORES = "A pair of labels needs scores: they tell what each example reads like."


def _of_the_pair(project: Project, plan: BatchPlan) -> list[ColumnElement[bool]]:
    suggested = exists().where(
        Score.run_id == project.run_id,
        Score.example_id == Example.id,
        is_label(Score.suggested_id, plan.suggested_id),
    )
    return [is_standing_label(plan.given_label_id), suggested.correlate(Example)]


def _check(plan: BatchPlan) -> None:
    if plan.suggested_id is None:
        raise Invalid("A pair has two labels.", next_step="Choose the suggested label.")
    if plan.given_label_id == plan.suggested_id:
        raise Invalid(
            "Both labels of the pair are the same.", next_step="Choose another suggested label."
        )


PAIR = Rule(
    name="pair",
    choice="Label pair",
    hint="Examples with one given label that the model reads as another, by priority.",
    words="by a pair of labels",
    title=lambda labels, size: f"{labels}, {size:,} of them",
    for_lead=lambda labels: f"Label pair: {labels}",
    candidates=best_first,
    rest=in_order,
    only=_of_the_pair,
    indexed=ids_of_its_label,
    check=_check,
    needs_ranking=NEEDS_SCORES,
    asks_label=True,
    asks_suggested=True,
)
