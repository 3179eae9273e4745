"""A few of every label, drawn at random, mixed and read blind: what is wrong, label by label."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func

from app.db.tables.datasets import Example, Project
from app.db.words import Mode, Stream
from app.errors import Invalid
from app.review.batches.each import EACH_LABEL, at_random
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.rule import Order, Rule

MOST = 1_000  # of each label


def with_a_label(_: Project, _plan: BatchPlan) -> list[ColumnElement[bool]]:
    """No range of an index: SQLite would walk those of every label by it, for each label again."""
    return [func.coalesce(Example.given_label_id, 0) != 0]


def check_count(plan: BatchPlan) -> None:
    if not 1 <= plan.size <= MOST:
        raise Invalid(
            f"A check takes 1 to {MOST:,} examples of each.", next_step="Choose another number."
        )


SPOT_CHECK = Rule(
    name="spot_check",
    choice="Spot check",
    hint="So many of every label, drawn at random, mixed and read blind. It tells which labels "
    "are wrong most; it is no audit, and the number of wrong labels left is not told from it.",
    words="at random from every label",
    title=lambda _, size: f"Spot check, {size:,} in all",
    for_lead=lambda _: "Spot check of every label, blind",
    candidates=at_random,
    only=with_a_label,
    check=check_count,
    order=Order.FIXED,
    mode=Mode.BLIND,
    stream=Stream.SPOT_CHECK,
    each=EACH_LABEL,
    sampled=True,
    also_waiting=True,
)
