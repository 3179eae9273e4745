"""What a saved view of the list stands for when the batch is made, by priority."""

from __future__ import annotations

from dataclasses import replace

from app.errors import Invalid
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.filtered import FILTER


def _check(plan: BatchPlan) -> None:
    if plan.wanted is None or not plan.wanted.named:
        raise Invalid(
            "No view is chosen.",
            next_step="Choose one, or save a view of the list of examples first.",
        )


VIEW = replace(
    FILTER,
    name="view",
    choice="Saved view",
    hint="What a saved view of the list stands for now, as far as nobody has reviewed it, by "
    "priority. A later change of the view does not change the batch.",
    words="by a saved view",
    for_lead=lambda words: f"View: {words}",
    check=_check,
    asks_view=True,
    offered=True,
)
