"""Which examples a batch's rule picks, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, select
from sqlalchemy.orm import Session

from app.db.log import ProjectLock
from app.db.tables.datasets import DataImport, Example
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, BatchMember, Serve
from app.db.words import BatchState, ImportState, Mode, Status
from app.errors import Conflict, Invalid

LARGEST_BATCH = 1_000_000
SHARES = (10, 20, 35, 50)  # per cent of random draws a lead may choose from
GRID_SECOND_SHARE = 10  # per cent of what a grid confirms that is read again
MOST_KNOWN = 20  # per cent of known answers: the rest of the time is for the dataset
NEEDS_SCORES = "A grid needs scores: it shows what is probably right."
SCORE_FIRST = "Score the project first."
MOST_ERRORS = 5  # per cent of labels that probably need changing, above which no grid is offered
# Audit draws without a hit that certify "at most t of the labels are wrong", by t in 1/10,000.
FLOOR = ((500, 67), (300, 119), (200, 188), (100, 410), (50, 892), (20, 2481), (10, 5341))


@dataclass(frozen=True)
class BatchPlan:
    """What a lead asks for."""

    name: str = ""
    by: str = "priority"  # priority, label, hand, audit or grid
    size: int = 100
    given_label_id: int | None = None
    example_ids: tuple[int, ...] = ()
    mode: Mode = Mode.EVERYTHING
    reads: int = 1
    until_sure: bool = False  # more reads while model and answers leave the right label open
    audit_share: int | None = None  # per cent; None: the smallest that reaches the target's floor
    second_share: int | None = None  # per cent; None: none, but of a grid a tenth
    people: tuple[int, ...] = ()  # nobody named: everyone in the project
    due_at: datetime | None = None
    most_errors: int = MOST_ERRORS  # per cent; a grid with more is refused
    known_share: int = 0  # per cent of reads whose right label is settled already


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


def _surest(run_id: int | None, size: int) -> Select[*tuple[Any, ...]]:
    """Those whose given label is most probably right, for the grid."""
    return (
        select(Example.id, Score.quality)
        .join(Score, (Score.run_id == run_id) & (Score.example_id == Example.id))
        .where(Score.quality.is_not(None))
        .order_by(Score.quality.desc(), Example.id.desc())
        .limit(size)
    )


def _conditions(project_id: int, plan: BatchPlan) -> list[ColumnElement[bool]]:
    """What an example must fulfil to be picked by the plan's rule."""
    conditions = [*_eligible(project_id), _free()]
    if plan.by in ("label", "grid"):
        conditions.append(Example.given_label_id == plan.given_label_id)
    elif plan.by == "hand":
        conditions.append(Example.id.in_(plan.example_ids))
    return conditions


def members(session: Session, held: ProjectLock, plan: BatchPlan) -> list[tuple[int, float]]:
    """The examples the plan's rule picks now, with their place."""
    if plan.by == "grid" and held.run_id is None:
        raise Conflict(
            NEEDS_SCORES,
            next_step=SCORE_FIRST,
            code="not_scored",
        )
    conditions = _conditions(held.project_id, plan)
    if plan.by == "priority":
        query = _by_priority(held, plan.size)
    elif plan.by == "grid":
        query = _surest(held.run_id, plan.size)
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
    check_plan(plan)
    some = select(Example.id).where(*_conditions(project_id, plan)).limit(plan.size)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def check_plan(plan: BatchPlan) -> None:
    if plan.by not in ("priority", "label", "hand", "audit", "grid"):
        raise Invalid(f"There is no batch rule called {plan.by!r}.", next_step="Pick by score.")
    if plan.by == "hand" and not plan.example_ids:
        raise Invalid("No example is selected.", next_step="Select examples in the list first.")
    if plan.by == "grid" and plan.given_label_id is None:
        raise Invalid("A grid shows one label.", next_step="Choose the given label.")
    if not 0 <= plan.most_errors <= 50:
        raise Invalid("The error rate of a grid is 0 to 50%.", next_step="Choose another one.")
    if not 0 <= plan.known_share <= MOST_KNOWN:
        raise Invalid(
            f"The share of known answers is 0 to {MOST_KNOWN}%.", next_step="Choose another share."
        )
    if not 1 <= plan.size <= LARGEST_BATCH:
        raise Invalid(
            f"A batch has 1 to {LARGEST_BATCH:,} examples.", next_step="Choose another size."
        )
    if plan.until_sure and plan.by == "grid":
        raise Invalid(
            "A grid cannot be read until sure: its pages are answered at once.",
            next_step="Choose a number of reads.",
        )
    if plan.reads not in (1, 2, 3):
        raise Invalid("Reads can be 1, 2 or 3.", next_step="Choose one of them.")
    if plan.audit_share is not None and not 0 <= plan.audit_share <= 100:
        raise Invalid("The random share is 0 to 100%.", next_step="Choose another share.")
    if plan.second_share is not None and not 0 <= plan.second_share <= 100:
        raise Invalid("The share of second reads is 0 to 100%.", next_step="Choose another share.")


def planned_reads(session: Session, project_id: int) -> int:
    """First reads asked for by the open priority batches together."""
    rows = session.execute(
        select(Batch.rule, Batch.size).where(
            Batch.project_id == project_id, Batch.state == BatchState.OPEN
        )
    )
    return sum(size for rule, size in rows if rule.get("by") == "priority")


def grid_qualities(
    session: Session, project_id: int, run_id: int | None, plan: BatchPlan
) -> list[float]:
    """Label quality of each example a grid would hold."""
    query = _surest(run_id, plan.size).where(*_conditions(project_id, plan))
    return [float(quality) for _, quality in session.execute(query)]


def expected_errors(qualities: Sequence[float]) -> float:
    """Per cent of the labels that probably need changing."""
    return 100 * sum(1.0 - quality for quality in qualities) / len(qualities) if qualities else 0.0


def check_grid(plan: BatchPlan, qualities: Sequence[float]) -> None:
    """Confirming many at once is for labels that are probably right."""
    rate = expected_errors(qualities)
    if rate > plan.most_errors:
        raise Conflict(
            f"Too many likely errors for the grid: about {rate:.1f}% of these {len(qualities):,}, "
            f"and at most {plan.most_errors}% are allowed.",
            next_step="Ask for fewer examples, or review them on the desk.",
            code="too_many_errors",
        )
