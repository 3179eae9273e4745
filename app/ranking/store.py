"""A scoring run in SQL: begun, filled in chunks, served from one moment on, pruned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from app.db.dialects import locked
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import (
    Facts,
    Neighbour,
    RunCounts,
    RunFindings,
    RunSettings,
    Score,
    ScoringRun,
    Suggestion,
)
from app.db.tables.review import Batch, BatchMember
from app.db.words import BatchState, RunState
from app.jobs.queue import hold
from app.jobs.task import JobInHand
from app.ranking.runs import ScoreArguments

RUNS_KEPT = 3
"""Runs whose scores stay; of older ones only the summary is kept."""

_LAST = -1e12
"""Place of what cannot be ranked: behind everything else, in the order of the file."""


@dataclass(frozen=True)
class Described:
    """What a complete run says of itself."""

    counts: RunCounts
    findings: RunFindings
    artefacts: dict[str, str]
    versions: dict[str, str]
    settings: RunSettings
    log_seq: int
    message: str


class ScoreRow(TypedDict):
    """A row of the `score` table; null is what cannot be known."""

    run_id: int
    example_id: int
    priority: float | None
    quality: float | None
    difficulty: float | None
    p_given: float | None
    suggested_id: int
    suggestions: list[Suggestion]
    neighbours: list[Neighbour]
    facts: Facts
    signals: int


def begin(
    session: Session, job: JobInHand, arguments: ScoreArguments, *, now: datetime
) -> ScoringRun:
    """Start a run for this hold on the job; what an earlier hold began is over."""
    hold(session, job)
    assert job.project_id is not None
    session.execute(locked(select(Project.id).where(Project.id == job.project_id)))
    query = select(ScoringRun).where(
        ScoringRun.project_id == job.project_id, ScoringRun.state == RunState.RUNNING
    )
    for left in session.execute(query).scalars():
        left.state, left.finished_at = RunState.FAILED, now
        left.message = "The worker ended while it worked on this run; another began anew."
    newest = select(func.coalesce(func.max(ScoringRun.number), 0)).where(
        ScoringRun.project_id == job.project_id
    )
    run = ScoringRun(
        project_id=job.project_id,
        number=session.execute(newest).scalar_one() + 1,
        state=RunState.RUNNING,
        method=arguments.method,
        settings={
            **arguments.settings,
            "job": job.id,
            "refit": arguments.refit,
            "encoders": arguments.encoders,
        },
        seed=arguments.settings.get("seed", 0),
        created_by=job.created_by,
        started_at=now,
    )
    session.add(run)
    session.flush()
    return run


def add_scores(session: Session, job: JobInHand, rows: list[ScoreRow]) -> None:
    hold(session, job)
    session.execute(insert(Score), rows)


def publish(
    session: Session, job: JobInHand, run_id: int, described: Described, *, now: datetime
) -> None:
    """Serve the run from this transaction on, and re-order what waits in open batches."""
    hold(session, job)
    run = session.get_one(ScoringRun, run_id)
    run.counts, run.findings = described.counts, described.findings
    run.artefacts = described.artefacts
    run.versions, run.settings = described.versions, described.settings
    run.log_seq, run.message = described.log_seq, described.message
    run.state, run.finished_at = RunState.COMPLETE, now
    session.flush()
    session.execute(update(Project).where(Project.id == run.project_id).values(run_id=run_id))
    _reorder(session, run.project_id, run_id)


def _reorder(session: Session, project_id: int, run_id: int) -> None:
    """Membership stays, order is live."""
    scored = select(Score.priority).where(
        Score.run_id == run_id, Score.example_id == BatchMember.example_id
    )
    unscored = (
        select(literal(_LAST) - Example.row)
        .where(Example.id == BatchMember.example_id)
        .scalar_subquery()
    )
    surest = scored.with_only_columns(Score.quality)
    batches = session.execute(
        select(Batch.id, Batch.rule).where(
            Batch.project_id == project_id, Batch.state != BatchState.CLOSED
        )
    ).all()
    # A batch that bounds its likely errors shows what is probably right, the surest first.
    grids = [batch_id for batch_id, rule in batches if "most_errors" in rule]
    fixed = [batch_id for batch_id, rule in batches if "fixed" in rule]
    others = [batch_id for batch_id, _ in batches if batch_id not in {*grids, *fixed}]
    for ids, place in ((grids, surest), (others, scored)):
        session.execute(
            update(BatchMember)
            .where(BatchMember.waiting, BatchMember.batch_id.in_(ids))
            .values(priority=func.coalesce(place.scalar_subquery(), unscored))
            .execution_options(synchronize_session=False)
        )


def runs_to_forget(session: Session, project_id: int) -> tuple[list[int], set[str]]:
    """Runs whose scores go: all but the last three complete; and the arrays nobody else names."""
    runs = list(
        session.execute(
            select(ScoringRun)
            .where(ScoringRun.project_id == project_id, ScoringRun.state != RunState.RUNNING)
            .order_by(ScoringRun.id.desc())
        ).scalars()
    )
    complete = [run.id for run in runs if run.state is RunState.COMPLETE]
    staying = set(complete[:RUNS_KEPT])
    served = session.execute(select(Project.run_id).where(Project.id == project_id)).scalar_one()
    if served is not None:
        staying.add(served)
    gone = [run for run in runs if run.id not in staying]
    others = session.execute(
        select(ScoringRun.artefacts).where(ScoringRun.id.not_in([run.id for run in gone]))
    ).scalars()
    needed = {name for artefacts in others for name in own_arrays(artefacts)}
    return [run.id for run in gone], {
        name for run in gone for name in own_arrays(run.artefacts)
    } - needed


def own_arrays(artefacts: dict[str, str]) -> Iterable[str]:
    """Arrays a run made itself; uploads belong to their own table."""
    return (name for kind, name in artefacts.items() if not kind.startswith("uploaded_"))


def forget_chunk(session: Session, run_ids: list[int], *, size: int) -> int:
    """Delete some scores of these runs; how many went."""
    gone = 0
    for run_id in run_ids:
        some = select(Score.example_id).where(Score.run_id == run_id).limit(size)
        ids = list(session.execute(some).scalars())
        if ids:
            session.execute(
                delete(Score)
                .where(Score.run_id == run_id, Score.example_id.in_(ids))
                .execution_options(synchronize_session=False)
            )
            gone += len(ids)
            break
    return gone
