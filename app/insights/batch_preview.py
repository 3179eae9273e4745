"""What a plan for a batch would bring, before anything is made."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.db.tables.datasets import Project
from app.insights.batch_outlook import LOOKED_AT, NOTHING, Asked, Outlook, by_pace, outlook
from app.insights.batches import planned_draws
from app.insights.health import Viewer
from app.noise.shares import SHARES, audit_share
from app.review.batches.each import Each
from app.review.batches.members import (
    SCORE_FIRST,
    audit_floor,
    check_labels,
    check_plan,
    expected_errors,
    fitting_and_first,
    fitting_of_each,
    planned_reads,
    qualities,
)
from app.review.batches.picking import Pool
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.registry import for_its_rule, rule_named
from app.review.batches.rules.rule import Order
from app.review.batches.views import with_its_view


@dataclass(frozen=True, slots=True)
class ShareWords:
    """One share of random reads: what it buys and what it costs."""

    share: int
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would bring, before anything is made."""

    fits: int
    words: str
    advised: int
    shares: tuple[ShareWords, ...]
    outlook: Outlook = NOTHING


def preview(session: Session, project: Project, plan: BatchPlan, viewer: Viewer) -> Preview:
    """How many examples fit, and what each share of random reads buys and costs."""
    rule = rule_named(plan.by)
    plan = for_its_rule(with_its_view(session, project.id, plan))
    check_labels(session, project.id, plan)
    if rule.order is Order.QUALITY:
        return Preview(*_quality_words(session, project, plan), 0, ())
    if rule.needs_ranking and project.run_id is None:
        check_plan(plan)
        return Preview(0, f"{rule.needs_ranking} {SCORE_FIRST}", 0, ())
    if rule.each is not None:
        counts = fitting_of_each(session, project.id, plan)
        fits, line = _each_words(rule.each, plan, counts)
        return Preview(fits, line, 0, (), by_pace(session, project, fits))
    pool = Pool(project.id, project.run_id)
    fits, first = fitting_and_first(session, pool, plan, most=LOOKED_AT)
    reads = fits or plan.size
    floor = audit_floor(project.target_bp, project.unserved)
    advised = audit_share(reads + planned_reads(session, project.id), floor)
    planned, target = planned_draws(session, project.id), percent(project.target_bp)
    words = [
        ShareWords(share, f"{_share_words(share, reads, planned)} {_floor_words(floor, target)}")
        for share in SHARES
    ]
    outlooks = outlook(session, project, Asked(rule, fits, first, viewer))
    return Preview(fits, _fit_words(plan, fits), advised, tuple(words), outlooks)


def _quality_words(session: Session, project: Project, plan: BatchPlan) -> tuple[int, str]:
    """How many tiles fit, and how many of them probably need another label."""
    check_plan(plan)
    if project.run_id is None:
        return 0, f"{rule_named(plan.by).needs_ranking} {SCORE_FIRST}"
    surest = qualities(session, Pool(project.id, project.run_id), plan)
    words = _fit_words(plan, len(surest))
    if not surest:
        return 0, words
    rate = expected_errors(surest)
    words += f" By the model, about {rate:.1f}% of them need another label"
    if rate > plan.most_errors:
        return len(surest), f"{words}: too many likely errors for the grid."
    return len(surest), f"{words}; nobody has checked that yet."


def _each_words(each: Each, plan: BatchPlan, counts: dict[int, int]) -> tuple[int, str]:
    """How many in all; those with fewer than were asked for give what they have."""
    fits = sum(counts.values())
    some = [count for count in counts.values() if count]
    if not some:
        return 0, "No example fits: all with a label are reviewed or served."
    few = sum(count < plan.size for count in some)
    kinds = each.one if len(some) == 1 else each.many
    words = f"{fits:,} examples: {plan.size:,} of each of {len(some):,} {kinds}."
    if few == len(some):
        words = f"{fits:,} examples of {len(some):,} {kinds}: none has {plan.size:,} left."
    elif few:
        words += (
            " 1 has fewer left and gives what it has."
            if few == 1
            else f" {few:,} have fewer left and give what they have."
        )
    return fits, words


def _fit_words(plan: BatchPlan, fits: int) -> str:
    rest = "reviewed, served or in another open batch"
    if plan.most_each is not None and fits < plan.size:
        rest = f"above {plan.most_each:,} of their given label, {rest}"
    if rule_named(plan.by).asks_filter or rule_named(plan.by).asks_suggested:
        rest = f"not of these, or {rest}"
    if fits == 0:
        return f"No example fits: all are {rest}."
    if plan.example_ids and fits < plan.size:
        return f"{fits:,} of the {plan.size:,} you picked fit; the others are {rest}."
    if fits < plan.size:
        return f"Only {fits:,} examples fit; the others are {rest}."
    return f"{fits:,} {'example fits' if fits == 1 else 'examples fit'}."


def percent(basis_points: int) -> str:
    return f"{basis_points / 100:g}%"


def _share_words(share: int, reads: int, planned: int) -> str:
    drawn = round(reads * share / 100)
    together = f"; with the open batches that makes about {drawn + planned:,}" if planned else ""
    return (
        f"About {drawn:,} of {reads:,} reads go to random examples instead of the next by "
        f"priority{together}."
    )


def _floor_words(floor: int, target: str) -> str:
    return (
        f"It takes {floor:,} random reads that find nothing to change to show that at most "
        f"{target} of the labels still need changing."
    )
