"""A random sample of a group, read blind: whether all of it may get another label with one act."""

from __future__ import annotations

from app.audit.bulk_fixes import doubts
from app.db.words import Mode, Stream
from app.review.batches.picking import shuffled
from app.review.batches.rules.hand import only_named
from app.review.batches.rules.rule import Order, Rule

BULK_CHECK = Rule(
    name="bulk_check",
    choice="Check of a bulk fix",
    hint="",
    words="at random in a group",
    title=lambda _, size: f"Check of a group, {size:,} at random",
    for_lead=lambda _: "Check of a bulk fix, blind",
    candidates=shuffled,
    only=only_named,
    order=Order.FIXED,
    mode=Mode.BLIND,
    stream=Stream.BULK_CHECK,
    asks_examples=True,
    also_waiting=True,
    doubts=doubts,
    offered=False,
    by_name=False,
)
