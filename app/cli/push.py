"""`relabel push`: an array of your own joins a project while people review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from app.actions.arrays import Checked, check_pushed, push_from_console
from app.actions.jobs import waiting_words
from app.actions.models import check_pushed_model, push_model_from_console
from app.actions.storage import Storage, gone_if_refused
from app.cli.import_file import ask_here
from app.cli.imports import Asked
from app.cli.options import Place, choices_from, spread
from app.cli.place import existing_database
from app.cli.score import follow, tell
from app.cli.screen import errors, following, hold_logs, say
from app.datasets.array_kinds import ARRAY_KINDS
from app.datasets.blobs import BlobStore
from app.datasets.folders import store_file
from app.datasets.mapping import StoredFile
from app.datasets.projects import project_named
from app.datasets.pushed_arrays import Sent, refuse_array
from app.datasets.pushed_models import SentModel, called, refuse_model
from app.datasets.report import array_report_of, model_report_of
from app.db.engine import database_now, reading, writing
from app.db.tables.datasets import Prediction
from app.db.tables.jobs import Job
from app.db.words import ArrayState
from app.jobs.workers import none_reports

_MOST_ROUNDS = 5

Ask = Callable[[Asked], str | None]


@dataclass(frozen=True, slots=True)
class PushOptions:
    kind: Annotated[
        str, typer.Option(help=f"{', '.join(ARRAY_KINDS)}; else as the file names it.")
    ] = ""
    name: Annotated[str, typer.Option(help="Name of the model; else that of the file.")] = ""
    choice: Annotated[
        list[str] | None, typer.Option(help="Answer to a question, such as E502=softmax.")
    ] = None
    wait: Annotated[bool, typer.Option("--wait", help="Stay until it is ranked.")] = False
    model: Annotated[
        str,
        typer.Option(
            help="The file says what this model predicts (id and label, or an NPZ with ids, "
            "pred_probs and classes). It is compared in the test-set audit; it ranks if asked to."
        ),
    ] = ""
    version: Annotated[str, typer.Option(help="Version of the model.")] = ""
    size: Annotated[int | None, typer.Option(help="How many parameters the model has.")] = None
    split: Annotated[str, typer.Option(help="The split it predicts; else every example.")] = ""


def push_a_file(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    file: Annotated[Path, typer.Argument(help="NPZ, NPY, or a table with the id of each row.")],
    options: PushOptions,
    place: Place,
) -> None:
    """Check an array of your own model, and have the project ranked with it."""
    settings = place.settings()
    hold_logs(settings)
    choices = choices_from(options.choice or ())
    with existing_database(settings) as engine:
        with reading(engine) as session:
            project_named(session, project)
        storage = Storage(engine, BlobStore(settings.blob_directory))
        stored = store_file(storage.blobs, file)
        if options.model:
            _push_model(storage, project, stored, options)
            return
        sent = Sent(stored.sha256, options.name or file.name, options.kind, choices)
        array, scoring = _push(storage, project, sent)
        _tell(array)
        refuse_array(array)
        say(f"{array.rows:,} rows of {array.kind} are in {project} as {array.name}.")
        if options.wait and scoring is not None:
            tell(follow(engine, settings, scoring))
            return
        _say_who_ranks(engine, scoring)


push = spread(push_a_file)


def _push_model(storage: Storage, project: str, stored: StoredFile, options: PushOptions) -> None:
    """Check what a model predicts and keep it."""
    sent = SentModel(stored, options.model, options.version, options.size, options.split)
    refused = gone_if_refused(storage, stored.sha256)
    with refused, writing(storage.engine) as session:
        model_id = push_model_from_console(session, project, sent, storage.blobs).id
    with following() as bar:
        model = check_pushed_model(storage, model_id, progress=bar)
    report = model_report_of(model.report)
    for told in (*report["problems"], *report["warnings"]):
        errors.print(f"{told['code']} {told['message']}", markup=False)
    refuse_model(model)
    say(f"{model.n_examples:,} predictions of {called(model)} are in {project}.")


def _push(storage: Storage, project: str, sent: Sent) -> Checked:
    """Bring a file in, and answer what its check asks with whoever sits there."""
    with following() as bar:
        for _ in range(_MOST_ROUNDS):
            with gone_if_refused(storage, sent.file):
                staged = push_from_console(storage.engine, project, sent)
            checked = check_pushed(storage, staged.id, by=None, progress=bar)
            answers = _answers(checked.array, lambda question: ask_here(question, bar))
            if not answers:
                break
            sent = replace(sent, choices={**sent.choices, **answers})
    return checked


def _say_who_ranks(engine: Engine, scoring: int | None) -> None:
    with reading(engine) as session:
        now = database_now(session)
        idle, job = none_reports(session, now=now), session.get(Job, scoring or 0)
        waits = waiting_words(session, job, now=now, everywhere=True) if job is not None else ""
    waits = waits or "is under way"
    say(f"Scoring {waits}; the ranking from before is served until it is done.")
    if idle:
        say("No worker is running: start relabel serve or relabel worker, or use --wait.")


def _answers(array: Prediction, ask: Ask) -> dict[str, str]:
    """What somebody who sits there says to the questions that are open."""
    if array.state is not ArrayState.STOPPED:
        return {}
    asked = {
        one["code"]: ask(
            {"code": one["code"], "message": one["message"], "options": one["options"]}
        )
        for one in array_report_of(array.report)["questions"]
        if one["answer"] is None
    }
    return {code: answer for code, answer in asked.items() if answer is not None}


def _tell(array: Prediction) -> None:
    report = array_report_of(array.report)
    for told in (*report["warnings"], *report["questions"]):
        errors.print(f"{told['code']} {told['message']}", markup=False)
