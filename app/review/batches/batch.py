"""Review batches: which examples, which people, how they are read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from app.db.log import ProjectLock, lock_project
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Batch, BatchMember, BatchPerson, Lease, Serve
from app.db.words import BatchState, Mode
from app.errors import Conflict, NotFound
from app.review.batches.picking import (
    GRID_SECOND_SHARE,
    BatchPlan,
    advised_share,
    check_grid,
    check_plan,
    members,
    planned_reads,
)
from app.review.books.leases import HELD, release

if TYPE_CHECKING:
    from app.accounts.membership import Member


def create_batch(
    session: Session, member: Member, plan: BatchPlan, *, target_bp: int = 500, now: datetime
) -> Batch:
    """Pick the examples and open the batch."""
    check_plan(plan)
    held = lock_project(session, member.project_id)
    chosen = members(session, held, plan)
    if not chosen:
        raise Conflict(
            "No example fits this rule: all are reviewed, served or in another open batch.",
            next_step="Choose another rule, or close a batch first.",
            code="nothing_fits",
        )
    rule: dict[str, Any] = {"by": plan.by, "size": plan.size, "label": plan.given_label_id}
    if plan.known_share and plan.by != "grid":
        rule["known"] = plan.known_share
    if plan.until_sure:
        rule["until_sure"] = True
    if plan.by == "grid":
        check_grid(plan, [quality for _, quality in chosen])
        rule["most_errors"] = plan.most_errors
    share, mode = _share_and_mode(session, held, plan, len(chosen), target_bp)
    number = session.scalar(
        select(func.coalesce(func.max(Batch.number), 0) + 1).where(
            Batch.project_id == held.project_id
        )
    )
    batch = Batch(
        project_id=held.project_id,
        number=number or 1,
        name=plan.name.strip()[:200] or _rule_name(session, plan, len(chosen)),
        rule=rule,
        state=BatchState.OPEN,
        mode=mode,
        reads=plan.reads,
        audit_share=share,
        second_share=_second_share(plan),
        size=len(chosen),
        everyone=not plan.people,
        due_at=plan.due_at,
        created_by=member.person_id,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    _add_members(session, batch.id, chosen, now=now)
    if plan.people:
        session.execute(
            insert(BatchPerson),
            [{"batch_id": batch.id, "person_id": person} for person in sorted(set(plan.people))],
        )
    return batch


def _second_share(plan: BatchPlan) -> int:
    if plan.second_share is None:
        return GRID_SECOND_SHARE if plan.by == "grid" else 0
    return plan.second_share


def _share_and_mode(
    session: Session, held: ProjectLock, plan: BatchPlan, size: int, target_bp: int
) -> tuple[int, Mode]:
    """Only priority batches carry a coin; a batch that is all audit is blind."""
    if plan.by == "audit":
        return 100, Mode.BLIND
    if plan.by == "grid":
        return 0, Mode.EVERYTHING
    if plan.by != "priority":
        return 0, plan.mode
    if plan.audit_share is not None:
        return plan.audit_share, Mode.BLIND if plan.audit_share == 100 else plan.mode
    return advised_share(size, planned_reads(session, held.project_id), target_bp), plan.mode


def _add_members(
    session: Session, batch_id: int, chosen: list[tuple[int, float]], *, now: datetime
) -> None:
    for start in range(0, len(chosen), 5_000):
        session.execute(
            insert(BatchMember),
            [
                {"batch_id": batch_id, "example_id": example, "priority": place, "joined_at": now}
                for example, place in chosen[start : start + 5_000]
            ],
        )


def top_up(session: Session, batch: Any, held: ProjectLock, *, now: datetime) -> None:
    """Replace members that were served elsewhere by the next that fit; by hand, the size falls."""
    served = session.scalar(  # in whatever epoch: a new one gives no batch more to read
        select(func.count(func.distinct(Serve.example_id))).where(Serve.batch_id == batch.id)
    )
    waiting = _count(session, BatchMember, BatchMember.batch_id == batch.id, BatchMember.waiting)
    missing = batch.size - (served or 0) - waiting
    if missing <= 0:
        return
    chosen: list[tuple[int, float]] = []
    if batch.rule.get("by") != "hand":
        plan = BatchPlan(by=batch.rule["by"], size=missing, given_label_id=batch.rule.get("label"))
        mine = exists().where(
            BatchMember.batch_id == batch.id, BatchMember.example_id == Example.id
        )
        there = set(session.scalars(select(Example.id).where(mine)))
        chosen = [pair for pair in members(session, held, plan) if pair[0] not in there]
        _add_members(session, batch.id, chosen, now=now)
    if len(chosen) < missing:
        session.execute(
            update(Batch)
            .where(Batch.id == batch.id)
            .values(size=Batch.size - (missing - len(chosen)))
            .execution_options(synchronize_session=False)
        )


def _count(session: Session, table: Any, *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def batch_of(session: Session, project_id: int, number: int) -> Batch:
    found = session.scalars(
        select(Batch).where(Batch.project_id == project_id, Batch.number == number)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def set_state(session: Session, batch: Batch, state: BatchState, *, now: datetime) -> int:
    """Pause, reopen or close. Closing gives members back to the pool; returns how many."""
    held = lock_project(session, batch.project_id)
    if batch.state is BatchState.CLOSED and state is not BatchState.CLOSED:
        raise Conflict("This batch is closed.", next_step="Make a new batch of what is left.")
    batch.state = state
    if state is not BatchState.CLOSED:
        session.flush()
        return 0
    batch.closed_at = now
    live = session.execute(
        select(*HELD).where(Lease.batch_id == batch.id, Lease.ended_at.is_(None))
    ).all()
    release(session, held, live, why="batch closed", now=now)
    waiting = session.execute(
        update(BatchMember)
        .where(BatchMember.batch_id == batch.id, BatchMember.waiting)
        .values(waiting=False, left_at=now, left_why="batch closed")
        .execution_options(synchronize_session=False)
    )
    session.flush()
    return int(getattr(waiting, "rowcount", 0)) + len(live)


def set_people(session: Session, batch: Batch, people: list[int]) -> None:
    """Hand the batch to these people; nobody named: to everyone in the project."""
    session.execute(delete(BatchPerson).where(BatchPerson.batch_id == batch.id))
    batch.everyone = not people
    if people:
        session.execute(
            insert(BatchPerson),
            [{"batch_id": batch.id, "person_id": person} for person in sorted(set(people))],
        )
    session.flush()


def _rule_name(session: Session, plan: BatchPlan, size: int) -> str:
    """What a batch is called whose lead gave it no name."""
    label = session.get(Label, plan.given_label_id) if plan.given_label_id else None
    given = label.name[:160] if label is not None else "Without a label"
    return {
        "priority": f"Top {size:,} by priority",
        "label": f"{given}, {size:,} of them",
        "hand": f"{size:,} picked by hand",
        "audit": f"{size:,} at random",
        "grid": f"{given}, {size:,} probably right",
    }[plan.by]


def rule_in_words(batch: Any) -> str:
    """The rule, in the words of the desk; the same for every example of the batch."""
    by = batch.rule.get("by") if batch is not None else "expert"
    return {
        "priority": "by priority",
        "label": "by given label",
        "hand": "picked by hand",
        "audit": "at random",
        "grid": "probably right",
        "expert": "sent to an expert",
    }.get(str(by), "by priority")
