"""Have the noise of a project looked at, and keep what is found."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.actions.batches import make
from app.actions.turn import Caller, work_by_slug
from app.audit.study.asking import ask_for_study, due_studies, group_named
from app.audit.study.probes import confirmed_slice
from app.audit.study.report import Report
from app.datasets.blobs import BlobStore
from app.db.engine import database_now, reading, writing
from app.db.tables.audit import Study
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.tables.review import Batch
from app.db.words import Role
from app.errors import Conflict
from app.progress import Progress, quiet
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.registry import BY_PERSON

MOST_OF_A_NAME = 120


def study_again(caller: Caller, slug: str) -> Job:
    """A lead asks; without a ranking nobody can say what the reviewers were shown first."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        if turn.lock.run_id is None:
            raise Conflict(
                "The examples are not ranked yet.",
                next_step="Score the project first.",
                code="not_scored",
            )
        by = turn.member.person_id
        return ask_for_study(turn.session, turn.project_id, by=by, now=turn.now)


def make_of_group(caller: Caller, slug: str, place: int, words: str) -> Batch:
    """A batch of the examples of a group that nobody has reviewed, those that look worst first.

    The words say which group was meant: the list may have changed since it was shown.
    """
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        project = turn.session.get_one(Project, turn.project_id)
        chosen = group_named(turn.session, project, place, words).to_review
    return _make(caller, project.id, f"Group: {words}", chosen)


def make_of_slice(caller: Caller, slug: str, probe_id: int) -> Batch:
    """The same of a slice, as long as fresh examples confirm it."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        probed = confirmed_slice(turn.session, turn.project_id, probe_id)
        project_id, chosen = turn.project_id, probed.row.to_review
    return _make(caller, project_id, f"Slice: {probed.words}", chosen)


def _make(caller: Caller, project_id: int, name: str, chosen: Sequence[int]) -> Batch:
    examples = tuple(chosen)
    plan = BatchPlan(
        name=name[:MOST_OF_A_NAME], by="hand", example_ids=examples, size=len(examples)
    )
    return make(caller, project_id, plan)


def start_due_studies(session: Session, *, now: datetime) -> list[int]:
    """Enqueue a study for every project that is due; which ones."""
    due = due_studies(session)
    for project_id in due:
        ask_for_study(session, project_id, by=None, now=now)
    return due


def study_project(
    engine: Engine,
    project_id: int,
    *,
    blobs: BlobStore | None = None,
    progress: Progress = quiet,
) -> bool:
    """Look at the noise and keep what is found; whether there was enough to look at.

    `blobs` hold the vectors of the ranking, if it kept any.
    """
    from app.audit.study.telling import Means, tell  # heavy: loaded by a worker's first study

    began = time.monotonic()
    with reading(engine) as session:
        project = session.get(Project, project_id)
        if project is None or project.run_id is None:
            return False
        place = (project.log_seq, project.run_id)
        rng = np.random.default_rng([project_id, project.log_seq])
        report = tell(session, project, Means(rng, BY_PERSON, blobs, progress))
    with writing(engine) as session:
        if session.get(Project, project_id, with_for_update=True) is None:
            return False  # it was removed meanwhile
        row = _row(project_id, place, report, now=database_now(session))
        row.took_ms = round(1000 * (time.monotonic() - began))
        session.merge(row)
    return report is not None


def _row(project_id: int, place: tuple[int, int], report: Report | None, *, now: datetime) -> Study:
    return Study(
        project_id=project_id,
        up_to_seq=place[0],
        run_id=place[1],
        made_at=now,
        report=report.written() if report is not None else {},
    )
