"""Review batches: which examples, which people, how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, literal, select, update
from sqlalchemy.orm import Session

from app.db.log import ProjectLock, lock_project
from app.db.tables.datasets import DataImport, Example
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, BatchMember, BatchPerson, Lease, Serve
from app.db.words import BatchState, ImportState, Mode, Status
from app.errors import Conflict, Invalid, NotFound
from app.review.leases import release

if TYPE_CHECKING:
    from app.accounts.membership import Member

LARGEST_BATCH = 1_000_000
SHARES = (10, 20, 35, 50)  # per cent of random draws a lead may choose from
# Audit draws without a hit that certify "at most t of the labels are wrong", by t in 1/10,000.
FLOOR = ((500, 67), (300, 119), (200, 188), (100, 410), (50, 892), (20, 2481), (10, 5341))


@dataclass(frozen=True)
class BatchPlan:
    """What a lead asks for."""

    name: str = ""
    by: str = "priority"  # priority, label, hand or audit
    size: int = 100
    given_label_id: int | None = None
    example_ids: tuple[int, ...] = ()
    mode: Mode = Mode.EVERYTHING
    reads: int = 1
    audit_share: int | None = None  # per cent; None: the smallest that reaches the target's floor
    second_share: int = 0
    people: tuple[int, ...] = ()  # nobody named: everyone in the project
    due_at: datetime | None = None


def audit_floor(target_bp: int) -> int:
    """Draws needed to certify a target when no draw is wrong."""
    for target, draws in FLOOR:
        if target_bp >= target:
            return draws
    return FLOOR[-1][1]


def advised_share(size: int, planned: int, target_bp: int) -> int:
    """The smallest share whose expected draws over the open batches reach the floor."""
    floor = audit_floor(target_bp)
    for share in SHARES:
        if share / 100 * (size + planned) >= floor:
            return share
    return SHARES[-1]


def _eligible(project_id: int) -> list[ColumnElement[bool]]:
    """Undecided, visible, and never served, in whatever epoch: what was served is owed instead."""
    visible = select(DataImport.id).where(
        DataImport.project_id == project_id, DataImport.state == ImportState.DONE
    )
    served = exists().where(Serve.example_id == Example.id)
    return [
        Example.project_id == project_id,
        Example.status == Status.UNREVIEWED,
        Example.import_id.in_(visible),
        ~served,
    ]


def _ordered(run_id: int | None) -> Select[*tuple[Any, ...]]:
    """Candidates in their order: by priority of the run that is served, else by row."""
    if run_id is None:
        place = literal(0.0) - Example.row
        return select(Example.id, place.label("priority")).order_by(place.desc(), Example.id)
    # What cannot be scored comes last, in the order of the file.
    place = func.coalesce(Score.priority, literal(-1e12) - Example.row)
    return (
        select(Example.id, place.label("priority"))
        .outerjoin(Score, (Score.run_id == run_id) & (Score.example_id == Example.id))
        .order_by(place.desc(), Example.id)
    )


def _free() -> ColumnElement[bool]:
    """In no open batch yet."""
    return ~exists().where(
        BatchMember.example_id == Example.id,
        BatchMember.waiting,
        Batch.id == BatchMember.batch_id,
        Batch.state != BatchState.CLOSED,
    )


def _by_priority(held: ProjectLock, size: int) -> Select[*tuple[Any, ...]]:
    """Walk the ranking from its top; the index carries the order."""
    if held.run_id is None:
        return _ordered(None).limit(size)
    return (
        select(Example.id, Score.priority)
        .join(Score, (Score.run_id == held.run_id) & (Score.example_id == Example.id))
        .where(Score.priority.is_not(None))
        .order_by(Score.priority.desc(), Score.example_id.desc())
        .limit(size)
    )


def _conditions(project_id: int, plan: BatchPlan) -> list[ColumnElement[bool]]:
    """What an example must fulfil to be picked by the plan's rule."""
    conditions = [*_eligible(project_id), _free()]
    if plan.by == "label":
        conditions.append(Example.given_label_id == plan.given_label_id)
    elif plan.by == "hand":
        conditions.append(Example.id.in_(plan.example_ids))
    return conditions


def _members(session: Session, held: ProjectLock, plan: BatchPlan) -> list[tuple[int, float]]:
    """The examples the plan's rule picks now, with their place."""
    conditions = _conditions(held.project_id, plan)
    if plan.by == "priority":
        query = _by_priority(held, plan.size)
    elif plan.by == "hand":
        query = _ordered(held.run_id)
    else:
        query = _ordered(held.run_id).limit(plan.size)
    rows = list(session.execute(query.where(*conditions)))
    missing = plan.size - len(rows)
    if plan.by == "priority" and held.run_id is not None and missing > 0:
        taken = {row[0] for row in rows}
        rest = _ordered(held.run_id).where(*conditions).limit(plan.size)
        rows += [row for row in session.execute(rest) if row[0] not in taken][:missing]
    return [(row[0], float(row[1])) for row in rows]


def fitting(session: Session, project_id: int, plan: BatchPlan) -> int:
    """How many examples the plan's rule would pick now; at most its size."""
    _check(plan)
    some = select(Example.id).where(*_conditions(project_id, plan)).limit(plan.size)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _check(plan: BatchPlan) -> None:
    if plan.by not in ("priority", "label", "hand", "audit"):
        raise Invalid(f"There is no batch rule called {plan.by!r}.", next_step="Pick by score.")
    if plan.by == "hand" and not plan.example_ids:
        raise Invalid("No example is selected.", next_step="Select examples in the list first.")
    if not 1 <= plan.size <= LARGEST_BATCH:
        raise Invalid(
            f"A batch has 1 to {LARGEST_BATCH:,} examples.", next_step="Choose another size."
        )
    if plan.reads not in (1, 2, 3):
        raise Invalid("Reads can be 1, 2 or 3.", next_step="Choose one of them.")
    if plan.audit_share is not None and not 0 <= plan.audit_share <= 100:
        raise Invalid("The random share is 0 to 100%.", next_step="Choose another share.")
    if not 0 <= plan.second_share <= 100:
        raise Invalid("The share of second reads is 0 to 100%.", next_step="Choose another share.")


def planned_reads(session: Session, project_id: int) -> int:
    """First reads asked for by the open priority batches together."""
    rows = session.execute(
        select(Batch.rule, Batch.size).where(
            Batch.project_id == project_id, Batch.state == BatchState.OPEN
        )
    )
    return sum(size for rule, size in rows if rule.get("by") == "priority")


def create_batch(
    session: Session, member: Member, plan: BatchPlan, *, target_bp: int = 500, now: datetime
) -> Batch:
    """Pick the examples and open the batch."""
    _check(plan)
    held = lock_project(session, member.project_id)
    chosen = _members(session, held, plan)
    if not chosen:
        raise Conflict(
            "No example fits this rule: all are reviewed, served or in another open batch.",
            next_step="Choose another rule, or close a batch first.",
            code="nothing_fits",
        )
    share, mode = _share_and_mode(session, held, plan, len(chosen), target_bp)
    number = session.scalar(
        select(func.coalesce(func.max(Batch.number), 0) + 1).where(
            Batch.project_id == held.project_id
        )
    )
    batch = Batch(
        project_id=held.project_id,
        number=number or 1,
        name=plan.name.strip()[:200] or rule_name(plan, len(chosen)),
        rule={"by": plan.by, "size": plan.size, "label": plan.given_label_id},
        state=BatchState.OPEN,
        mode=mode,
        reads=plan.reads,
        audit_share=share,
        second_share=plan.second_share,
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


def _share_and_mode(
    session: Session, held: ProjectLock, plan: BatchPlan, size: int, target_bp: int
) -> tuple[int, Mode]:
    """Only priority batches carry a coin; a batch that is all audit is blind."""
    if plan.by == "audit":
        return 100, Mode.BLIND
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
        chosen = [pair for pair in _members(session, held, plan) if pair[0] not in there]
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
        select(Lease.id, Lease.example_id, Lease.read_due_id, Lease.batch_id).where(
            Lease.batch_id == batch.id, Lease.ended_at.is_(None)
        )
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


def rule_name(plan: BatchPlan, size: int) -> str:
    return {
        "priority": f"Top {size:,} by priority",
        "label": f"{size:,} with one given label",
        "hand": f"{size:,} picked by hand",
        "audit": f"{size:,} at random",
    }[plan.by]


def rule_in_words(batch: Any) -> str:
    """The rule, in the words of the desk; the same for every example of the batch."""
    by = batch.rule.get("by") if batch is not None else "expert"
    return {
        "priority": "by priority",
        "label": "by given label",
        "hand": "picked by hand",
        "audit": "at random",
        "expert": "sent to an expert",
    }.get(str(by), "by priority")
