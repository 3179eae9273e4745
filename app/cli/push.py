"""`relabel push`: an array of your own joins a project while people review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.cli.import_file import ask_here
from app.cli.imports import kept_file
from app.cli.place import existing_database, settings_from
from app.cli.score import follow, tell
from app.cli.screen import errors, following, say
from app.cli.serve import Data, Database
from app.datasets.blobs import BlobStore
from app.datasets.projects import project_by_slug
from app.datasets.pushed_arrays import Sent, refuse_array, stage_array
from app.datasets.pushed_check import check_array
from app.db.engine import database_now, reading, writing
from app.db.tables.datasets import Prediction
from app.db.words import ArrayState
from app.errors import Invalid
from app.jobs.workers import none_reports
from app.ranking.runs import score_anew
from app.settings import Settings

_MOST_ROUNDS = 5

Ask = Callable[[dict[str, Any]], str | None]


@dataclass
class _Push:
    """A file on its way in; `scoring` is the job that ranks with it."""

    engine: Engine
    settings: Settings
    scoring: list[int] = field(default_factory=list)

    def run(self, project: str, sent: Sent) -> Prediction:
        blobs = BlobStore(self.settings.blob_directory)
        with following() as bar:
            found = None
            for _ in range(_MOST_ROUNDS):
                with writing(self.engine) as session:
                    now = database_now(session)
                    project_id = project_by_slug(session, project).id
                    staged = stage_array(session, project_id, sent, by=None, now=now)
                found = check_array(
                    self.engine, blobs, staged.id, when_ready=self._score, progress=bar
                )
                answers = _answers(found, lambda question: ask_here(question, bar))
                if not answers:
                    break
                sent = Sent(sent.file, sent.name, sent.kind, sent.choices | answers)
        assert found is not None
        return found

    def _score(self, session: Session, found: Prediction) -> None:
        now = database_now(session)
        self.scoring.append(score_anew(session, found.project_id, created_by=None, now=now).id)


def push(
    project: Annotated[str, typer.Argument(help="Project, as it stands in its address.")],
    file: Annotated[Path, typer.Argument(help="NPZ, NPY, or a table with the id of each row.")],
    kind: Annotated[
        str, typer.Option(help="pred_probs, embeddings or losses; else as the file names it.")
    ] = "",
    name: Annotated[str, typer.Option(help="Name of the model; else that of the file.")] = "",
    choice: Annotated[
        list[str] | None, typer.Option(help="Answer to a question, such as E502=softmax.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until it is ranked.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Check an array of your own model, and have the project ranked with it."""
    settings = settings_from(data, database)
    choices = _choices(choice or [])
    with existing_database(settings) as engine:
        with reading(engine) as session:
            project_by_slug(session, project)
        kept = kept_file(BlobStore(settings.blob_directory), file)
        going = _Push(engine, settings)
        found = going.run(project, Sent(kept["sha256"], name or file.name, kind, choices))
        _tell(found)
        refuse_array(found)
        say(f"{found.rows:,} rows of {found.kind} are in {project} as {found.name}.")
        if wait and going.scoring:
            tell(follow(engine, settings, going.scoring[-1]))
            return
        with reading(engine) as session:
            idle = none_reports(session, now=database_now(session))
    say("Scoring is waiting its turn; the ranking from before is served until it is done.")
    if idle:
        say("No worker is running: start relabel serve or relabel worker, or use --wait.")


def _choices(given: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if not all(code and value for code, _, value in pairs):
        raise Invalid("A choice is written CODE=ANSWER.", next_step="Such as E502=softmax.")
    return {code: value for code, _, value in pairs}


def _answers(found: Prediction, ask: Ask) -> dict[str, str]:
    """What somebody who sits there says to the questions that are open."""
    if found.state is not ArrayState.STOPPED:
        return {}
    questions = found.report.get("questions", [])
    asked = {one["code"]: ask(one) for one in questions if one["answer"] is None}
    return {code: answer for code, answer in asked.items() if answer is not None}


def _tell(found: Prediction) -> None:
    for told in (*found.report.get("warnings", []), *found.report.get("questions", [])):
        errors.print(f"{told['code']} {told['message']}", markup=False)
