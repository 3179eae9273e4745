"""`relabel score`: rank a project's examples."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Annotated

import typer
from sqlalchemy import Engine, select

from app.actions.jobs import waiting_words
from app.actions.scoring import rank_anew_at_console
from app.actions.tasks.score import SCORING
from app.cli.options import Place, spread
from app.cli.place import existing_database
from app.cli.screen import hold_logs, say, step, watch
from app.datasets.projects import project_named
from app.datasets.pushed_models import models_called
from app.db.engine import database_now, reading, writing
from app.db.tables.jobs import Job
from app.db.words import JobState
from app.errors import Failure
from app.jobs.queue import UNFINISHED
from app.jobs.workers import none_reports
from app.ranking.made_of import in_words
from app.ranking.runs import DEFAULT_EPS, DEFAULT_METHOD, ScoringRequest, counts_told
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    wait: Annotated[bool, typer.Option("--wait", help="Stay until it is done.")] = False
    method: Annotated[str, typer.Option(help="How to rank.")] = DEFAULT_METHOD
    eps: Annotated[float, typer.Option(help="Unreliability of one review.")] = DEFAULT_EPS
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Average the probabilities of this pushed model in: its name, and its version if "
            "it has one. Name each; without, none ranks."
        ),
    ] = None


def rank_a_project(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    options: ScoreOptions,
    place: Place,
) -> None:
    """Rank a project anew; the old order is served until the new one is complete."""
    settings = place.settings()
    with existing_database(settings) as engine:
        with writing(engine) as session:
            now = database_now(session)
            here = project_named(session, project)
            name, models = here.name, models_called(session, here.id, options.model or ())
            request = ScoringRequest(options.method, options.eps, models=models)
            job = rank_anew_at_console(session, project, request, now=now)
            idle = none_reports(session, now=now)
            waits = waiting_words(session, job, now=now, everywhere=True) or "is under way"
        if options.wait:
            tell(follow(engine, settings, job.id))
            return
    say(f"Scoring of {name} {waits}.")
    if idle:
        say("No worker is running: start relabel serve or relabel worker, or use --wait.")


score = spread(rank_a_project)


def follow(engine: Engine, settings: Settings, job_id: int, *, quietly: bool = False) -> Job:
    """Watch a job to its end, and do the work here if no worker is there to do it."""
    job = watch(engine, job_id, alive=lambda: not _left_alone(engine, job_id))
    if job.state not in UNFINISHED:
        return job
    from app.worker import open_work  # loads the learners

    if not quietly:
        step("No worker is running: doing it here")
    hold_logs(settings)
    work = open_work(engine, settings)
    here = threading.Thread(target=work.until_idle, daemon=True)
    here.start()
    watch(engine, job_id, alive=here.is_alive)
    here.join()
    with reading(engine) as session:
        return session.execute(select(Job).where(Job.id == job_id)).scalar_one()


def _left_alone(engine: Engine, job_id: int) -> bool:
    """Nobody works on a job, and no worker reports that could: one that was killed may be missed
    only after a while, so this is asked again and again."""
    with reading(engine) as session:
        state = session.execute(select(Job.state).where(Job.id == job_id)).scalar_one()
        return state in UNFINISHED and none_reports(session, now=database_now(session))


def tell(job: Job) -> None:
    """Say how a scoring ended; one that was not done is a failure."""
    if job.state is not JobState.DONE:
        raise Failure(
            f"Scoring did not finish: {job.message or job.state.value}",
            next_step=SCORING.words.when_dead,
        )
    counts = counts_told(job)
    say(f"{counts['scored']:,} of {counts['examples']:,} examples are ranked.")
    for note in (*counts["notes"], *in_words(counts)):
        say(f"    {note}")
