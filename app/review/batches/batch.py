"""Review batches: made, topped up, paused, closed, handed to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.turn import Turn
from app.audit.stands import stands
from app.db.log import ProjectLock
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Label
from app.db.tables.json_columns import StoredRule
from app.db.tables.review import Batch, BatchMember, BatchPerson, Decision, Lease
from app.db.words import BatchState, Mode, ReadReason, Status, WhyEnded, WhyLeft
from app.errors import Conflict, NotFound
from app.noise.shares import audit_share
from app.review.batches.members import (
    Picked,
    audit_floor,
    check_errors,
    check_plan,
    members,
    planned_reads,
)
from app.review.batches.picking import Pool
from app.review.batches.plan import BatchPlan, stored
from app.review.batches.rules.registry import for_its_rule, rule_named, rule_of
from app.review.batches.rules.rule import Draws, Order
from app.review.books.leases import give_back, live_leases
from app.review.books.leaving import give_up_batch

_CHUNK = 5_000
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
    def audit_share(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def rule(self) -> StoredRule: ...


def is_grid(batch: Batched | None) -> bool:
    """Whether first reads of a batch are pages of tiles."""
    return batch is not None and rule_of(batch.rule).on_grid


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
    if rule_named(plan.by).sampled:
        plan = replace(plan, seed=turn.rng.getrandbits(31))
    return open_batch(turn.lock, plan, Opening(turn.member.person_id, turn.now, target_bp))


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
    _add_members(session, batch.id, chosen, now=opening.now)
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
    label = session.get(Label, plan.given_label_id) if plan.given_label_id else None
    return rule_named(plan.by).title(label.name[:160] if label is not None else "", size)


def _add_members(
    session: Session, batch_id: int, chosen: Sequence[Picked], *, now: datetime
) -> None:
    for start in range(0, len(chosen), _CHUNK):
        session.execute(
            insert(BatchMember),
            [
                {"batch_id": batch_id, "example_id": example, "priority": place, "joined_at": now}
                for example, place in chosen[start : start + _CHUNK]
            ],
        )


def _name_people(session: Session, batch_id: int, people: Sequence[int]) -> None:
    rows = [{"batch_id": batch_id, "person_id": person} for person in sorted(set(people))]
    if rows:
        session.execute(insert(BatchPerson), rows)


def top_up(lock: ProjectLock, batch: Batched, *, now: datetime) -> None:
    """Replace members that were served elsewhere by the next that fit; else the size falls."""
    session = lock.session
    asked = batch.size + grow(lock, batch, now=now)
    served = session.scalar(  # in whatever epoch: a new one gives no batch more to read
        select(func.count(func.distinct(Serve.example_id)) - _erased_unread(batch.id)).where(
            Serve.batch_id == batch.id
        )
    )
    waiting = session.scalar(
        select(func.count()).where(BatchMember.batch_id == batch.id, BatchMember.waiting)
    )
    missing = asked - (served or 0) - (waiting or 0)
    if missing <= 0:
        return
    chosen: list[Picked] = []
    rule = rule_of(batch.rule)
    if not (rule.asks_examples or rule.sampled):
        chosen = _further_members(lock, batch, missing)
        _add_members(session, batch.id, chosen, now=now)
    if len(chosen) < missing:
        session.execute(
            update(Batch)
            .where(Batch.id == batch.id)
            .values(size=Batch.size - (missing - len(chosen)))
            .execution_options(synchronize_session="evaluate")  # whoever holds the batch sees it
        )


def _erased_unread(batch_id: int) -> Any:
    """Examples that were served in the batch and erased before anybody had answered: no reads."""
    served = exists().where(Serve.batch_id == batch_id, Serve.example_id == Example.id)
    read = exists().where(
        Decision.example_id == Example.id, Decision.read_reason == ReadReason.FIRST, stands()
    )
    project = select(Batch.project_id).where(Batch.id == batch_id).scalar_subquery()
    return (
        select(func.count())
        .where(Example.project_id == project, Example.status == Status.ERASED, served, ~read)
        .scalar_subquery()
    )


def grow(lock: ProjectLock, batch: Batched, *, now: datetime) -> int:
    """Let those join that are asked for only now; how many reads the batch has more."""
    rule = rule_of(batch.rule)
    named = rule.more(lock.session, lock.project_id, batch.id) if rule.more is not None else ()
    if not named:
        return 0
    plan = BatchPlan(by=rule.name, example_ids=tuple(named), size=len(named))
    joining = _not_yet_there(lock, batch, plan)
    _add_members(lock.session, batch.id, joining, now=now)
    lock.session.execute(
        update(Batch)
        .where(Batch.id == batch.id)
        .values(size=Batch.size + len(joining))
        .execution_options(synchronize_session=False)
    )
    return len(joining)


def _further_members(lock: ProjectLock, batch: Batched, count: int) -> list[Picked]:
    """The next that fit the rule and were not in the batch before."""
    plan = BatchPlan(by=batch.rule["by"], size=count, given_label_id=batch.rule.get("label"))
    return _not_yet_there(lock, batch, plan)


def _not_yet_there(lock: ProjectLock, batch: Batched, plan: BatchPlan) -> list[Picked]:
    mine = exists().where(BatchMember.batch_id == batch.id, BatchMember.example_id == Example.id)
    there = set(lock.session.scalars(select(Example.id).where(mine)))
    further = members(lock.session, Pool(lock.project_id, lock.run_id), plan)
    return [picked for picked in further if picked.example_id not in there]


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
