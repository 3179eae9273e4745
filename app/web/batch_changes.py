"""What a lead does to batches, the same by page and by program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from app.accounts.activity import Act, ActivityKind, Detail, record
from app.accounts.membership import Member
from app.db.tables.datasets import Project
from app.db.tables.review import Batch
from app.db.words import BatchState
from app.errors import Invalid
from app.insights.batches import planned_draws
from app.review.batches.batch import create_batch, set_people, set_state
from app.review.batches.picking import (
    NEEDS_SCORES,
    SCORE_FIRST,
    SHARES,
    BatchPlan,
    advised_share,
    audit_floor,
    check_plan,
    expected_errors,
    fitting,
    grid_qualities,
    planned_reads,
)
from app.review.books.may import active_people


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


def preview(session: Session, project: Project, plan: BatchPlan) -> Preview:
    """How many examples fit, and what each share of random reads buys and costs."""
    plan = _sized(plan)
    if plan.by == "grid":
        return Preview(*_grid_words(session, project, plan), 0, ())
    fits = fitting(session, project.id, plan)
    reads = fits or plan.size
    advised = advised_share(reads, planned_reads(session, project.id), project.target_bp)
    planned = planned_draws(session, project.id)
    words = [
        ShareWords(share, _share_words(share, reads, planned, project.target_bp))
        for share in SHARES
    ]
    return Preview(fits, _fit_words(plan, fits), advised, tuple(words))


def _grid_words(session: Session, project: Project, plan: BatchPlan) -> tuple[int, str]:
    """How many tiles fit, and how many of them probably need another label."""
    check_plan(plan)
    if project.run_id is None:
        return 0, f"{NEEDS_SCORES} {SCORE_FIRST}"
    qualities = grid_qualities(session, project.id, project.run_id, plan)
    words = _fit_words(plan, len(qualities))
    if not qualities:
        return 0, words
    rate = expected_errors(qualities)
    words += f" By the model, about {rate:.1f}% of them need another label"
    if rate > plan.most_errors:
        return len(qualities), f"{words}: too many likely errors for the grid."
    return len(qualities), f"{words}; nobody has checked that yet."


def _sized(plan: BatchPlan) -> BatchPlan:
    """A batch picked by hand is as large as what was picked."""
    if plan.by != "hand":
        return plan
    return replace(plan, size=max(1, len(set(plan.example_ids))))


def _fit_words(plan: BatchPlan, fits: int) -> str:
    rest = "reviewed, served or in another open batch"
    if fits == 0:
        return f"No example fits: all are {rest}."
    if plan.by == "hand" and fits < plan.size:
        return f"{fits:,} of the {plan.size:,} you picked fit; the others are {rest}."
    if fits < plan.size:
        return f"Only {fits:,} examples fit; the others are {rest}."
    return f"{fits:,} {'example fits' if fits == 1 else 'examples fit'}."


def percent(basis_points: int) -> str:
    return f"{basis_points / 100:g}%"


def _share_words(share: int, reads: int, planned: int, target_bp: int) -> str:
    drawn, floor = round(reads * share / 100), audit_floor(target_bp)
    together = f"; with the open batches that makes about {drawn + planned:,}" if planned else ""
    return (
        f"About {drawn:,} of {reads:,} reads go to random examples instead of the next by "
        f"priority{together}. It takes {floor:,} random reads that find nothing to change to "
        f"show that at most {percent(target_bp)} of the labels still need changing."
    )


def due_time(day: date | None, *, now: datetime) -> datetime | None:
    """Due at the end of that day."""
    if day is None:
        return None
    if day < now.date():
        raise Invalid("The due date has passed.", next_step="Choose today or a later day.")
    return datetime.combine(day, time(23, 59, 59), UTC)


def make_batch(session: Session, member: Member, plan: BatchPlan, *, now: datetime) -> Batch:
    """Open a batch and say so in the activity."""
    _check_people(session, member.project_id, plan.people)
    project = session.get_one(Project, member.project_id)
    batch = create_batch(session, member, _sized(plan), target_bp=project.target_bp, now=now)
    detail: dict[str, Detail] = {"batch": batch.number, "name": batch.name, "size": batch.size}
    act = Act(ActivityKind.BATCH_CREATED, member.person_id, member.project_id, detail)
    record(session, act, now=now)
    session.flush()
    return batch


def _check_people(session: Session, project_id: int, people: Sequence[int]) -> None:
    if set(people) - set(active_people(session, project_id)):
        raise Invalid(
            "Somebody named here does not take part in this project.",
            next_step="Choose people of the project.",
            code="not_a_member",
        )


def change_state(
    session: Session, member: Member, batch: Batch, state: BatchState, *, now: datetime
) -> int:
    """Pause, reopen or close; how many examples went back to the pool."""
    back = set_state(session, batch, state, now=now)
    detail = {"batch": batch.number, "state": state.value, "back": back}
    act = Act(ActivityKind.BATCH_STATE, member.person_id, member.project_id, detail)
    record(session, act, now=now)
    session.flush()
    return back


def reassign(
    session: Session, member: Member, batch: Batch, people: Sequence[int], *, now: datetime
) -> None:
    """Hand the batch to these people; nobody named: to everyone."""
    _check_people(session, member.project_id, people)
    set_people(session, batch, list(people))
    detail: dict[str, Detail] = {"batch": batch.number, "people": sorted(set(people))}
    act = Act(ActivityKind.BATCH_PEOPLE, member.person_id, member.project_id, detail)
    record(session, act, now=now)
    session.flush()
