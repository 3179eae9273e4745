"""Which scoring run is served, and how another one is started; light enough for the web."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.db.tables.datasets import Prediction, Project, Source
from app.db.tables.jobs import Job
from app.db.tables.ranking import FieldRanges, RunCounts, ScoringRun, ScoringSettings
from app.db.words import ArrayState, JobState, RunState
from app.errors import Invalid
from app.jobs.task import AskedBy, JobInHand, TaskName
from app.jobs.under_way import ask_once, job_under_way
from app.ranking.asked_models import checked_models, models_to_use
from app.ranking.evidence_methods import EVIDENCE_METHODS, Given
from app.ranking.said import kept_in
from app.scoring.methods import DEFAULT_METHOD as DEFAULT_METHOD
from app.scoring.methods import METHOD_NAMES, METHOD_WORDS

METHODS = METHOD_NAMES
"""Those that need labels and predictions alone."""

DEFAULT_EPS = 0.2
MOST_EPS = 0.5


@dataclass(frozen=True)
class ScoringRequest:
    """How to rank. Without `eps` it is that of unknown reviewers, later that measured here.

    `refit`: nobody asked for it, new decisions did. `models`: ids of pushed models that take part.
    """

    method: str = DEFAULT_METHOD
    eps: float | None = None
    seed: int = 0
    eps_measured: bool | None = None
    refit: bool = False
    models: tuple[int, ...] = ()


AS_USUAL = ScoringRequest()


@dataclass(frozen=True)
class ScoreArguments:
    method: str = DEFAULT_METHOD
    settings: ScoringSettings = field(default_factory=ScoringSettings)
    refit: bool = False
    encoders: bool = False  # the run that follows another, with what the encoders see


SCORE = TaskName("score", ScoreArguments)


def current_run(session: Session, project_id: int) -> ScoringRun | None:
    """The run whose ranking is served, or None while the order is that of the file."""
    query = select(ScoringRun).join(Project, Project.run_id == ScoringRun.id)
    return session.execute(query.where(Project.id == project_id)).scalar_one_or_none()


def ranked_anew_at(session: Session, project: Project) -> datetime | None:
    """When the ranking that is served was last made because somebody asked for it.

    What it learns by itself from new decisions goes on from there, and makes it no other one.
    """
    query = (
        select(ScoringRun.finished_at, ScoringRun.settings)
        .where(
            ScoringRun.project_id == project.id,
            ScoringRun.id <= (project.run_id or 0),
            ScoringRun.state == RunState.COMPLETE,
        )
        .order_by(ScoringRun.id.desc())
    )
    for finished_at, settings in session.execute(query):
        if not settings.get("refit"):
            return finished_at
    return None


def arrays_in_use(project_id: int) -> tuple[ColumnElement[bool], ...]:
    """What the next ranking is made with; an array that is checked anew still counts."""
    return (
        Prediction.project_id == project_id,
        Prediction.blob != "",
        Prediction.state != ArrayState.STOPPED,
        Prediction.removed_at.is_(None),
    )


def methods_offered(session: Session, project_id: int) -> tuple[str, ...]:
    """The ways to rank this project."""
    arrays = (
        select(Prediction.kind, func.count(func.distinct(Prediction.name)))
        .where(*arrays_in_use(project_id))
        .group_by(Prediction.kind)
    )
    names = dict(session.execute(arrays).all())
    sources = session.scalar(
        select(func.count()).select_from(Source).where(Source.project_id == project_id)
    )
    votes = bool(kept_in(session, project_id))
    given = Given(names.get("losses", 0), names.get("pred_probs", 0), sources or 0, votes)
    by_evidence = [one.name for one in EVIDENCE_METHODS.values() if one.offered(given)]
    return (*METHODS, *by_evidence)


def method_words() -> dict[str, str]:
    """What people call each way to rank."""
    return {**METHOD_WORDS, **{one.name: one.words for one in EVIDENCE_METHODS.values()}}


class RunAtDesk(NamedTuple):
    """What a desk shows of a run beside its examples; without one, nothing.

    How many examples carried each label when they were scored, and where most numbers of each
    column lie.
    """

    labels: Mapping[int, int] = MappingProxyType({})
    ranges: Mapping[str, FieldRanges] = MappingProxyType({})


def run_at_desk(session: Session, run_id: int | None) -> RunAtDesk:
    row = session.execute(
        select(ScoringRun.counts, ScoringRun.findings["ranges"].label("ranges")).where(
            ScoringRun.id == run_id
        )
    ).one_or_none()
    if row is None:
        return RunAtDesk()
    return RunAtDesk(dict(row.counts.get("labels", [])), row.ranges or {})


def runs_of(session: Session, project_id: int) -> list[ScoringRun]:
    """Every run of the project, newest first."""
    query = (
        select(ScoringRun)
        .where(ScoringRun.project_id == project_id)
        .order_by(ScoringRun.number.desc(), ScoringRun.id.desc())
    )
    return list(session.execute(query).scalars())


def scoring_job(session: Session, project_id: int) -> Job | None:
    """The scoring that waits or runs now, with its step and progress."""
    return job_under_way(session, project_id, SCORE)


def follows_a_ranking(job: Job) -> bool:
    """Whether a scoring only betters what another has just made: nobody has to wait for it."""
    return bool(job.arguments.get("encoders"))


def start_scoring(
    session: Session,
    project_id: int,
    request: ScoringRequest = AS_USUAL,
    *,
    created_by: int | None,
    now: datetime,
) -> Job:
    """Enqueue a scoring; one that waits already and asks for the same is returned instead."""
    settings = _checked(request, methods_offered(session, project_id))
    if models := checked_models(session, project_id, request.models):
        settings["models"] = models
    arguments = ScoreArguments(request.method, settings, request.refit)
    asked_by = AskedBy(project_id, created_by)
    return ask_once(session, SCORE, arguments, asked_by=asked_by, now=now)


def score_anew(
    session: Session,
    project_id: int,
    *,
    refit: bool = False,
    created_by: int | None,
    now: datetime,
) -> Job:
    """Rank again the way the served ranking was made, or by default where that is not offered."""
    run = current_run(session, project_id)
    if run is None:
        return start_scoring(session, project_id, created_by=created_by, now=now)
    known = run.method in methods_offered(session, project_id)
    models = models_to_use(session, project_id, run.settings.get("models", []))
    request = ScoringRequest(
        method=run.method if known else DEFAULT_METHOD,
        eps=run.settings.get("eps"),
        seed=run.settings.get("seed", 0),
        eps_measured=run.settings.get("eps_measured"),
        refit=refit,
        models=tuple(one.id for one in models),
    )
    return start_scoring(session, project_id, request, created_by=created_by, now=now)


def _otherwise(method: str) -> str:
    known = EVIDENCE_METHODS.get(method)
    return known.otherwise if known is not None else ""


def _checked(request: ScoringRequest, offered: tuple[str, ...]) -> ScoringSettings:
    if request.method not in offered:
        raise Invalid(
            f"There is no way to rank called {request.method!r}.",
            next_step=f"Choose one of {', '.join(offered)}." + _otherwise(request.method),
            code="unknown_method",
        )
    eps = DEFAULT_EPS if request.eps is None else request.eps
    if not math.isfinite(eps) or not 0 <= eps <= MOST_EPS:
        raise Invalid(
            "The unreliability of one review lies between 0 and 0.5.",
            next_step="Use 0.05 for experts, 0.2 when unknown, 0.3 for a crowd.",
            code="eps_out_of_range",
        )
    if not 0 <= request.seed < 2**31:
        raise Invalid(
            "The seed is a whole number from 0 to 2147483647.",
            next_step="Leave it out to use 0.",
            code="seed_out_of_range",
        )
    measured = request.eps is None if request.eps_measured is None else request.eps_measured
    return {"eps": float(eps), "seed": request.seed, "eps_measured": measured}


def counts_told(job: Job) -> RunCounts:
    """What a scoring that is done says of itself."""
    return cast(RunCounts, job.result)


def scoring_ended(
    session: Session, job: JobInHand, state: JobState, message: str, now: datetime
) -> None:
    """Close the runs of a job that ended without being done; the served run stays."""
    wanted = RunState.CANCELLED if state is JobState.CANCELLED else RunState.FAILED
    query = select(ScoringRun).where(
        ScoringRun.project_id == job.project_id, ScoringRun.state == RunState.RUNNING
    )
    for run in session.execute(query).scalars():
        if run.settings.get("job") == job.id:
            run.state, run.message, run.finished_at = wanted, message, now
    session.flush()


def vectors_kept(session: Session, project: Project) -> bool:
    """Whether the ranking that is served kept the vectors it compared by; no file is looked at."""
    run = session.get(ScoringRun, project.run_id) if project.run_id is not None else None
    return run is not None and {"embeddings", "example_ids"} <= set(run.artefacts)
