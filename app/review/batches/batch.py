"""Review batches: made, paused, closed, handed to people."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.turn import Turn
from app.datasets.display_names import shown_names
from app.db.log import ProjectLock
from app.db.tables.datasets import Label
from app.db.tables.json_columns import StoredRule
from app.db.tables.review import Batch, BatchMember, BatchPerson, Lease
from app.db.words import BatchState, Mode, Routing, WhyEnded, WhyLeft
from app.errors import Conflict, NotFound
from app.noise.shares import audit_share
from app.review.batches.filling import add_members
from app.review.batches.members import (
    audit_floor,
    check_errors,
    check_plan,
    members,
    planned_reads,
)
from app.review.batches.picking import Pool
from app.review.batches.plan import BatchPlan, stored
from app.review.batches.rules.label import WITHOUT
from app.review.batches.rules.registry import for_its_rule, rule_named, rule_of
from app.review.batches.rules.rule import Draws, Order
from app.review.books.leases import give_back, live_leases
from app.review.books.leaving import give_up_batch

_OWED = "a read that is owed"


class Batched(Protocol):
    """A batch, or as much of one as serving needs."""

    @property
    def id(self) -> int: ...
    @property
    def state(self) -> BatchState: ...
    @property
    def mode(self) -> Mode: ...
    @property
    def routing(self) -> Routing: ...
    @property
    def audit_share(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def rule(self) -> StoredRule: ...


def is_grid(batch: Batched | None) -> bool:
    """Whether first reads of a batch are pages of tiles."""
    return batch is not None and rule_of(batch.rule).on_grid


def is_practice(batch: Batched | None) -> bool:
    """Whether a batch hands out its own settled examples, and nothing else."""
    return batch is not None and rule_of(batch.rule).settled


def rule_in_words(batch: Batched | None) -> str:
    """The rule, in the words of the desk; the same for every example of the batch.

    Where a coin draws some at random, it says so on every card: true of each, and tells of none.
    """
    if batch is None:
        return _OWED
    words = rule_of(batch.rule).words
    return f"{words}, or drawn at random" if 0 < batch.audit_share < 100 else words


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opens a batch (nobody: the console), when, and what the project's target is."""

    by: int | None
    now: datetime
    target_bp: int = 500


def create_batch(turn: Turn, plan: BatchPlan, *, target_bp: int = 500) -> Batch:
    """Pick the examples and open the batch."""
    opening = Opening(turn.member.person_id, turn.now, target_bp)
    return open_batch(turn.lock, seeded(plan, turn.rng), opening)


def seeded(plan: BatchPlan, rng: random.Random) -> BatchPlan:
    """The plan with a seed, where its rule draws at random."""
    return replace(plan, seed=rng.getrandbits(31)) if rule_named(plan.by).sampled else plan


def open_batch(lock: ProjectLock, plan: BatchPlan, opening: Opening) -> Batch:
    """The same, whoever asks."""
    plan = for_its_rule(plan)
    check_plan(plan)
    session, rule = lock.session, rule_named(plan.by)
    chosen = members(session, Pool(lock.project_id, lock.run_id, plan.seed), plan)
    if not chosen:
        raise Conflict(
            "No example fits this rule: all are reviewed, served or in another open batch.",
            next_step="Choose another rule, or close a batch first.",
            code="nothing_fits",
        )
    stored_rule = stored(plan)
    if rule.order is Order.QUALITY:
        check_errors(plan, [picked.place for picked in chosen])
        stored_rule["most_errors"] = plan.most_errors
    if rule.order is Order.FIXED:
        stored_rule["fixed"] = True
    share, mode = _share_and_mode(lock, plan, len(chosen), opening.target_bp)
    batch = Batch(
        project_id=lock.project_id,
        number=_next_number(session, lock.project_id),
        name=plan.name.strip()[:200] or _title(session, plan, len(chosen)),
        rule=stored_rule,
        state=BatchState.OPEN,
        mode=mode,
        reads=plan.reads,
        routing=plan.routing,
        audit_share=share,
        second_share=rule.second_share if plan.second_share is None else plan.second_share,
        size=len(chosen),
        everyone=not plan.people,
        due_at=plan.due_at,
        created_by=opening.by,
        created_at=opening.now,
    )
    session.add(batch)
    session.flush()
    add_members(session, batch.id, chosen, now=opening.now)
    _name_people(session, batch.id, plan.people)
    return batch


def _next_number(session: Session, project_id: int) -> int:
    last = select(func.coalesce(func.max(Batch.number), 0)).where(Batch.project_id == project_id)
    return (session.scalar(last) or 0) + 1


def _share_and_mode(
    lock: ProjectLock, plan: BatchPlan, size: int, target_bp: int
) -> tuple[int, Mode]:
    """Only some rules mix random draws in; where all are random, reads are blind."""
    rule = rule_named(plan.by)
    mode = rule.mode or plan.mode
    if rule.draws is Draws.ALL:
        return 100, mode
    if rule.draws is Draws.NONE:
        return 0, mode
    if plan.audit_share is not None:
        return plan.audit_share, Mode.BLIND if plan.audit_share == 100 else plan.mode
    planned = size + planned_reads(lock.session, lock.project_id)
    return audit_share(planned, audit_floor(target_bp, lock.unserved)), plan.mode


def _title(session: Session, plan: BatchPlan, size: int) -> str:
    """What a batch is called whose lead gave it no name."""
    ids = [one for one in (plan.given_label_id, plan.suggested_id) if one]
    names = shown_names(session.scalars(select(Label).where(Label.id.in_(ids))))
    about = about_words(stored(plan), names)
    return rule_named(plan.by).title(about[:160], size)[:200]


def about_words(rule: StoredRule, names: Mapping[int, str]) -> str:
    """The label, the pair or the filter of a rule; nothing for one that asks for none."""

    def named(label: int | None) -> str:
        if not label:
            return WITHOUT
        return names.get(label, "a retired label")

    if rule_of(rule).asks_filter:
        words, view = rule.get("words", ""), rule.get("view")
        return f"{view} ({words})" if view else words
    label = rule.get("label")
    if rule_of(rule).asks_suggested:
        return f"{named(label)} → {named(rule.get('suggested'))}"
    return named(label) if label else ""


def _name_people(session: Session, batch_id: int, people: Sequence[int]) -> None:
    rows = [{"batch_id": batch_id, "person_id": person} for person in sorted(set(people))]
    if rows:
        session.execute(insert(BatchPerson), rows)


def batch_of(session: Session, project_id: int, number: int) -> Batch:
    batch = session.scalars(
        select(Batch).where(Batch.project_id == project_id, Batch.number == number)
    ).one_or_none()
    if batch is None:
        raise NotFound()
    return batch


def set_state(lock: ProjectLock, batch: Batch, state: BatchState, *, now: datetime) -> int:
    """Pause, reopen or close. Closing gives members back to the pool; returns how many."""
    if batch.state is BatchState.CLOSED and state is not BatchState.CLOSED:
        raise Conflict("This batch is closed.", next_step="Make a new batch of what is left.")
    batch.state = state
    lock.session.flush()
    return _close(lock, batch, now=now) if state is BatchState.CLOSED else 0


def _close(lock: ProjectLock, batch: Batch, *, now: datetime) -> int:
    batch.closed_at = now
    leases = live_leases(lock, Lease.batch_id == batch.id)
    give_back(lock, leases, why=WhyEnded.BATCH_CLOSED, now=now)
    waiting = lock.session.execute(
        update(BatchMember)
        .where(BatchMember.batch_id == batch.id, BatchMember.waiting)
        .values(waiting=False, left_at=now, left_why=WhyLeft.BATCH_CLOSED)
        .execution_options(synchronize_session=False)
    )
    lock.session.flush()
    return int(getattr(waiting, "rowcount", 0)) + len(leases)


def people_named(session: Session, batch_id: int) -> list[int]:
    """Whom a batch names; nobody where it is for everyone."""
    query = select(BatchPerson.person_id).where(BatchPerson.batch_id == batch_id)
    return list(session.scalars(query.order_by(BatchPerson.person_id)))


def set_people(lock: ProjectLock, batch: Batch, people: Sequence[int], *, now: datetime) -> None:
    """Hand the batch to these people; nobody named: to everyone in the project.

    Who is taken off gives back what they hold of it at once.
    """
    session = lock.session
    session.execute(delete(BatchPerson).where(BatchPerson.batch_id == batch.id))
    batch.everyone = not people
    _name_people(session, batch.id, people)
    session.flush()
    give_up_batch(lock, batch.id, now=now)


def set_routing(lock: ProjectLock, batch: Batch, routing: Routing, *, now: datetime) -> None:
    """Say whose first reads it is. Who may read it no more gives back what they hold of it."""
    batch.routing = routing
    lock.session.flush()
    give_up_batch(lock, batch.id, now=now)
