"""The living queue: decisions train the next ranking, and only the order of what waits changes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.db.dialects import locked
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.tables.ranking import ScoringRun
from app.db.tables.review import Batch, BatchMember, Decision, Lease
from app.db.words import BatchState, JobState
from app.ranking.runs import SCORE, current_run, score_anew, scoring_job

MOST_REFIT_AFTER = 100_000
FIXED = ("random",)  # an order that no decision changes
AFTER_FAILURE = timedelta(hours=1)


def due_refits(session: Session, *, now: datetime) -> list[int]:
    """Projects that have learnt enough since their last scoring; takes no lock."""
    return [one for one in that_learnt(session) if _is_due(session, one, now=now)]


def start_due_refits(session: Session, *, now: datetime) -> list[int]:
    """Enqueue a scoring for every project that is due; which ones."""
    started = []
    for project_id in due_refits(session, now=now):
        session.execute(locked(select(Project.id).where(Project.id == project_id)))
        session.expire_all()
        if _is_due(session, project_id, now=now):
            score_anew(session, project_id, refit=True, created_by=None, now=now)
            started.append(project_id)
    return started


def that_learnt(session: Session) -> list[int]:
    """Projects with an answer younger than their ranking; a cheap look for every few seconds."""
    younger = exists().where(Decision.project_id == Project.id, Decision.seq > ScoringRun.log_seq)
    query = (
        select(Project.id)
        .join(ScoringRun, ScoringRun.id == Project.run_id)
        .where(
            Project.archived_at.is_(None),
            Project.refit_after > 0,
            Project.log_seq > ScoringRun.log_seq,
            ScoringRun.method.not_in(FIXED),
            younger,
        )
        .order_by(Project.id)
    )
    return list(session.scalars(query))


def _is_due(session: Session, project_id: int, *, now: datetime) -> bool:
    """Enough new answers, or a batch read to its end."""
    run = current_run(session, project_id)
    if run is None or scoring_job(session, project_id) or not _rested(session, project_id, now=now):
        return False
    new = answers_since(session, project_id, run.log_seq)
    after = session.get_one(Project, project_id).refit_after
    return new >= after or (new > 0 and _batch_ended(session, project_id, run))


def _rested(session: Session, project_id: int, *, now: datetime) -> bool:
    """Scoring takes at most half of the time; one that failed is not tried again at once."""
    last = session.scalars(
        select(Job)
        .where(Job.project_id == project_id, Job.task == SCORE.name, Job.finished_at.is_not(None))
        .order_by(Job.id.desc())
        .limit(1)
    ).first()
    if last is None or last.finished_at is None:
        return True
    if last.state is not JobState.DONE:
        return now - last.finished_at >= AFTER_FAILURE
    took = last.finished_at - (last.started_at or last.created_at)
    return now - last.finished_at >= took


def answers_since(session: Session, project_id: int, seq: int, *, until: int | None = None) -> int:
    """Answers that a ranking made at this place of the log has not learnt from."""
    query = select(func.count()).where(Decision.project_id == project_id, Decision.seq > seq)
    if until is not None:
        query = query.where(Decision.seq <= until)
    return session.scalar(query) or 0


def _batch_ended(session: Session, project_id: int, run: ScoringRun) -> bool:
    """A batch with answers the ranking does not know is closed, or nothing of it is left."""
    waiting = exists().where(BatchMember.batch_id == Batch.id, BatchMember.waiting)
    in_hand = exists().where(Lease.batch_id == Batch.id, Lease.ended_at.is_(None))
    new = exists().where(Decision.batch_id == Batch.id, Decision.seq > run.log_seq)
    ended = or_(Batch.state == BatchState.CLOSED, and_(~waiting, ~in_hand))
    query = select(exists().where(Batch.project_id == project_id, ended, new))
    return bool(session.scalar(query))
