"""Which examples a plan picks now, how many fit, and how many of them are probably wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.datasets.labels import label_of
from app.datasets.names import flaw_of_name
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Batch
from app.db.words import BatchState
from app.errors import Conflict, Invalid
from app.noise.stopping import draws_needed
from app.review.batches.capped import first_of_each_label, fitting_under_cap
from app.review.batches.each import counts_of_each, draw_of_each
from app.review.batches.picking import Pool, is_decided, may_be_served, may_join
from app.review.batches.plan import LARGEST_BATCH, LONGEST_NAME, MOST_KNOWN, BatchPlan
from app.review.batches.ranked import Conditions, Ranked, There, best_of
from app.review.batches.rules.registry import rule_named, rule_of
from app.review.batches.rules.rule import Draws

SCORE_FIRST = "Score the project first."
PICKED_TO_COUNT = 10_000
"""Under a limit on each label so many are picked sooner than every label is counted."""

_NOBODY: Mapping[int | None, int] = {}


class Picked(NamedTuple):
    """An example a rule picks, and its place: the highest is served first."""

    example_id: int
    place: float


def audit_floor(target_bp: int, unserved: int) -> int:
    """Draws needed to show a target, in 1/10,000 of what is unserved, when none is wrong."""
    return draws_needed(target_bp / 10_000, unserved)


def _conditions(session: Session, project_id: int, plan: BatchPlan) -> Conditions:
    """What an example must fulfil to be picked by the plan."""
    rule = rule_named(plan.by)
    there: There = may_be_served if rule.also_waiting else may_join
    if rule.settled:
        there = is_decided
    project = session.get_one(Project, project_id)
    return Conditions(there, rule.only(project, plan), rule.indexed(project, plan), project_id)


def members(
    session: Session, pool: Pool, plan: BatchPlan, *, there: Mapping[int | None, int] = _NOBODY
) -> list[Picked]:
    """The examples the plan's rule picks now, with their place.

    `there`: how many of each given label the batch has already, where it takes only so many.
    """
    rule = rule_named(plan.by)
    if rule.needs_ranking and pool.run_id is None:
        raise Conflict(rule.needs_ranking, next_step=SCORE_FIRST, code="not_scored")
    conditions = _conditions(session, pool.project_id, plan)
    if rule.rest is not None:
        ranked = Ranked(pool, rule.candidates, rule.rest, conditions)
        if plan.most_each is not None:
            return [Picked(*row) for row in first_of_each_label(session, ranked, plan, there=there)]
        found = best_of(session, ranked, plan.size)
        return [Picked(row[0], float(row[1] or 0.0)) for row in found]
    query = conditions.among(rule.candidates(pool))
    if rule.each is not None:
        counts = fitting_of_each(session, pool.project_id, plan)
        return [Picked(*row) for row in draw_of_each(session, query, rule.each, counts)]
    if not rule.asks_examples:
        query = query.limit(plan.size)
    return [Picked(row[0], float(row[1] or 0.0)) for row in session.execute(query)]


def fitting_and_first(
    session: Session, pool: Pool, plan: BatchPlan, *, most: int
) -> tuple[int, list[Picked]]:
    """How many examples the plan's rule would pick now, and the first of them.

    Where no more are asked for than are looked at, or fewer fit, picking them has counted them.
    """
    check_plan(plan)
    some = min(plan.size, most if plan.most_each is None else max(most, PICKED_TO_COUNT))
    first = members(session, pool, replace(plan, size=some))[:some]
    if len(first) < some or some == plan.size:
        return len(first), first[:most]
    return fitting(session, pool.project_id, plan), first[:most]


def fitting(session: Session, project_id: int, plan: BatchPlan) -> int:
    """How many examples the plan's rule would pick now; at most its size."""
    check_plan(plan)
    if rule_named(plan.by).each is not None:
        return sum(fitting_of_each(session, project_id, plan).values())
    conditions = _conditions(session, project_id, plan)
    if plan.most_each is not None:
        return fitting_under_cap(session, project_id, plan, conditions.of())
    some = select(Example.id).where(*conditions.of()).limit(plan.size)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def fitting_of_each(session: Session, project_id: int, plan: BatchPlan) -> dict[int, int]:
    """The same for each label or source of a rule that draws so many of every one."""
    each = rule_named(plan.by).each
    assert each is not None, "asked of a rule that draws of each"
    conditions = _conditions(session, project_id, plan)
    names = each.names(session, project_id)
    ids = list(names) if plan.source_id is None else [plan.source_id]
    return counts_of_each(session, each, ids, conditions.of(), most=plan.size)


def qualities(session: Session, pool: Pool, plan: BatchPlan) -> list[float]:
    """Label quality of each example that a batch in the order of quality would hold."""
    surest = rule_named(plan.by).candidates(pool)
    query = _conditions(session, pool.project_id, plan).among(surest)
    rows = session.execute(query.limit(plan.size))
    return [float(quality or 0.0) for _, quality in rows]


def expected_errors(qualities: Sequence[float]) -> float:
    """Per cent of the labels that probably need changing."""
    return 100 * sum(1.0 - quality for quality in qualities) / len(qualities) if qualities else 0.0


def check_errors(plan: BatchPlan, qualities: Sequence[float]) -> None:
    """Confirming many at once is for labels that are probably right."""
    rate = expected_errors(qualities)
    if rate > plan.most_errors:
        raise Conflict(
            f"Too many likely errors for the grid: about {rate:.1f}% of these {len(qualities):,}, "
            f"and at most {plan.most_errors}% are allowed.",
            next_step="Ask for fewer examples, or review them on the desk.",
            code="too_many_errors",
        )


def planned_reads(session: Session, project_id: int) -> int:
    """First reads asked for together by the open batches that mix random draws in."""
    rows = session.execute(
        select(Batch.rule, Batch.size).where(
            Batch.project_id == project_id, Batch.state == BatchState.OPEN
        )
    )
    return sum(size for rule, size in rows if rule_of(rule).draws is Draws.COIN)


_SHARES_ARE = "Choose another share."


def check_labels(session: Session, project_id: int, plan: BatchPlan) -> None:
    """The labels that a plan names are of its project, in use or retired."""
    for label in (plan.given_label_id, plan.suggested_id):
        if label is not None:
            label_of(session, project_id, label)


def check_plan(plan: BatchPlan) -> None:
    """A plan that can be carried out, or what is wrong with it."""
    rule_named(plan.by).check(plan)
    name = plan.name.strip()
    if name and flaw_of_name(name, longest=LONGEST_NAME):
        raise Invalid(
            f"The name of a batch has at most {LONGEST_NAME} characters in one line.",
            next_step="Type a shorter name in one line, or leave it empty.",
            code="batch_name",
        )
    if not 0 <= plan.known_share <= MOST_KNOWN:
        raise Invalid(f"The share of known answers is 0 to {MOST_KNOWN}%.", next_step=_SHARES_ARE)
    if plan.most_each is not None and not 1 <= plan.most_each <= LARGEST_BATCH:
        raise Invalid(
            f"At most 1 to {LARGEST_BATCH:,} examples of each given label.",
            next_step="Choose another number, or leave it empty.",
        )
    if not 1 <= plan.size <= LARGEST_BATCH:
        raise Invalid(
            f"A batch has 1 to {LARGEST_BATCH:,} examples.", next_step="Choose another size."
        )
    if plan.reads not in (1, 2, 3):
        raise Invalid("Reads can be 1, 2 or 3.", next_step="Choose one of them.")
    for name, share in (("random", plan.audit_share), ("second", plan.second_share)):
        if share is not None and not 0 <= share <= 100:
            words = "random share" if name == "random" else "share of second reads"
            raise Invalid(f"The {words} is 0 to 100%.", next_step=_SHARES_ARE)
