"""All drawn at random and read blind."""

from __future__ import annotations

from app.db.words import Mode
from app.review.batches.picking import best_first, in_order
from app.review.batches.rules.rule import Draws, Rule

AUDIT = Rule(
    name="audit",
    choice="Random",
    hint="All drawn at random and read blind. It tells how many labels still need changing.",
    words="at random",
    title=lambda _, size: f"{size:,} at random",
    for_lead=lambda _: "At random, blind",
    candidates=best_first,
    rest=in_order,
    draws=Draws.ALL,
    mode=Mode.BLIND,
)
