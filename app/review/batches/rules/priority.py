"""The labels that most likely need changing, on content that is easy to judge, first."""

from __future__ import annotations

from app.review.batches.picking import best_first, in_order
from app.review.batches.rules.rule import Draws, Rule

PRIORITY = Rule(
    name="priority",
    choice="Priority",
    hint="The examples whose label most likely needs changing, and whose content is easiest to "
    "judge, first.",
    words="by priority",
    title=lambda _, size: f"Top {size:,} by priority",
    for_lead=lambda _: "By priority",
    candidates=best_first,
    rest=in_order,
    draws=Draws.COIN,
    capped=True,
)
