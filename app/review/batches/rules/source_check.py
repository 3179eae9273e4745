"""Examples of a source, or of every source, drawn at random and read blind: how right it labels."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.db.tables.datasets import Example, Project
from app.db.words import Mode, Stream
from app.review.batches.each import EACH_SOURCE, at_random
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.rule import Order, Rule
from app.review.batches.rules.spot_check import check_count, with_a_label


def _of_its_source(project: Project, plan: BatchPlan) -> list[ColumnElement[bool]]:
    if plan.source_id is not None:
        return [*with_a_label(project, plan), Example.source_id == plan.source_id]
    return [*with_a_label(project, plan), Example.source_id.is_not(None)]


SOURCE_CHECK = Rule(
    name="source_check",
    choice="Source check",
    hint="So many of every source, drawn at random, mixed and read blind. It tells which sources "
    "are wrong most; it is no audit, and the number of wrong labels left is not told from it.",
    words="at random from sources",
    title=lambda _, size: f"Source check, {size:,} in all",
    for_lead=lambda _: "Source check, blind",
    candidates=at_random,
    only=_of_its_source,
    check=check_count,
    order=Order.FIXED,
    mode=Mode.BLIND,
    stream=Stream.SOURCE_CHECK,
    each=EACH_SOURCE,
    sampled=True,
    also_waiting=True,
    offered=False,
)
