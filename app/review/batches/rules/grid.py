"""Pages of tiles of one label that is probably right: confirmed at once, but for what is marked."""

from __future__ import annotations

from app.db.words import Mode
from app.errors import Invalid
from app.review.batches.picking import surest
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.label import WITHOUT, with_given_label
from app.review.batches.rules.rule import Order, Rule

SECOND_SHARE = 10  # per cent of what a grid confirms that is read again
NEEDS_SCORES = "A grid needs scores: it shows what is probably right."


def _check(plan: BatchPlan) -> None:
    if plan.given_label_id is None:
        raise Invalid("A grid shows one label.", next_step="Choose the given label.")
    if not 0 <= plan.most_errors <= 50:
        raise Invalid("The error rate of a grid is 0 to 50%.", next_step="Choose another one.")
    if plan.until_sure:
        raise Invalid(
            "A grid cannot be read until sure: its pages are answered at once.",
            next_step="Choose a number of reads.",
        )


GRID = Rule(
    name="grid",
    choice="Grid",
    hint="Tiles of one label that are probably right, a page at a time: whoever reads it marks "
    "those that are not, and confirms the rest at once. For pages of examples that need little "
    "thought.",
    words="probably right",
    title=lambda label, size: f"{label or WITHOUT}, {size:,} probably right",
    for_lead=lambda label: f"Grid: {label}, probably right",
    candidates=surest,
    only=with_given_label,
    check=_check,
    order=Order.QUALITY,
    mode=Mode.EVERYTHING,
    on_grid=True,
    needs_ranking=NEEDS_SCORES,
    asks_label=True,
    second_share=SECOND_SHARE,
)
