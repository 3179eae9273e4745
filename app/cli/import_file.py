"""`relabel import`: a file becomes a project, or joins one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from app.accounts.people import anybody
from app.actions.deleting import no_empty_project
from app.cli.imports import (
    Asked,
    ImportRequest,
    ImportResult,
    OwnLabels,
    refuse,
    run_import,
    usual_answer,
)
from app.cli.options import (
    Place,
    choices_from,
    reading_from,
    reading_options,
    role_options,
    roles_from,
    spread,
)
from app.cli.place import made_database
from app.cli.screen import Bar, errors, following, hold_logs, say
from app.datasets.formats.registry import TABLES, in_words
from app.datasets.mapping import ImportMapping
from app.datasets.meeting import HERE
from app.db.engine import database_now, reading
from app.db.words import ImportState
from app.errors import DataProblem
from app.jobs.workers import none_reports

_PROBLEMS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ImportOptions:
    media: Annotated[Path | None, typer.Option(help="ZIP or folder with the images.")] = None
    pred_probs: Annotated[Path | None, typer.Option(help="Your model's probabilities.")] = None
    embeddings: Annotated[Path | None, typer.Option(help="Your embeddings.")] = None
    labels: Annotated[Path | None, typer.Option(help="List of labels with names.")] = None
    confirmations: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=2,
            help="Readers that make a change final in a new project.",
            show_default="1 while one person can review, else 2",
        ),
    ] = None
    lead: Annotated[
        str | None,
        typer.Option(help="E-mail of who leads a new project.", show_default="the first admin"),
    ] = None
    own_labels: Annotated[
        OwnLabels | None,
        typer.Option(
            help="Annotators of the file who review here, and so do not judge its labels: those "
            "with a member's e-mail, or also name, as their name.",
            show_default="ask",
        ),
    ] = None
    answer: Annotated[
        list[str] | None,
        typer.Option(help="An answer to a question by its code, as W304=merge; may come again."),
    ] = None
    yes: Annotated[bool, typer.Option("--yes", help="Take the usual answers.")] = False

    def request(self, project: str, file: Path, said: Mapping[str, str | None]) -> ImportRequest:
        beside = {
            "labels": self.labels,
            "pred_probs": self.pred_probs,
            "embeddings": self.embeddings,
        }
        return ImportRequest(
            project,
            file,
            ImportMapping(
                roles_from(said),
                reading_from(said),
                choices=choices_from(self.answer or ()),
            ),
            self.media,
            {name: path for name, path in beside.items() if path},
            self.confirmations,
            self.lead,
            self.own_labels,
        )


def import_a_file(
    project: Annotated[str, typer.Argument(help="Project; made when there is none.")],
    file: Annotated[
        Path, typer.Argument(help=f"{in_words(TABLES)}; or a ZIP or folder of images.")
    ],
    options: ImportOptions,
    place: Place,
    **said: str | None,
) -> None:
    """Check a file, import its good rows, and have them ranked."""
    settings = place.settings()
    hold_logs(settings)
    request = options.request(project, file, said)
    with made_database(settings) as engine, no_empty_project(engine, project):
        with following() as bar:
            ask = usual_answer if options.yes else lambda asked: ask_here(asked, bar)
            result = run_import(engine, settings, request, ask=ask, progress=bar)
        _tell(result)
        if result.nothing_new:
            say(result.obstacles[0]["message"])
        else:
            refuse(result)
            if result.state is not ImportState.DONE:
                raise DataProblem("Nothing was imported.", next_step="Mend the file and try again.")
            _next_step(engine, result)


import_file = spread(import_a_file, [*role_options(), *reading_options()])


def ask_here(question: Asked, bar: Bar) -> str | None:
    """Put a question to whoever sits there; without a terminal it stays open."""
    if not sys.stdin.isatty():
        return None
    options = [value for value, _ in question["options"]]
    with bar.away():
        say(question["message"])
        for value, words in question["options"]:
            say(f"    {value}: {words}")
        chosen: str = typer.prompt("Answer", default=usual_answer(question) or options[0])
    return chosen if chosen in options else None


def _tell(result: ImportResult) -> None:
    if result.read_as:
        say(f"Read as: {result.read_as}.")
    for warning in result.warnings:
        errors.print(f"{warning['code']} {warning['message']}", markup=False)
    for problem in result.problems[:_PROBLEMS_SHOWN]:
        where = f"row {problem['row']}: " if problem["row"] else ""
        errors.print(f"{problem['code']} {where}{problem['message']}", markup=False)
    if result.state is ImportState.DONE:
        again = "was imported before: " if result.already_there else ""
        say(
            f"{again}{result.rows_good:,} of {result.rows_read:,} rows are in "
            f"{result.project_slug}; {_others(result)}."
        )


def _others(result: ImportResult) -> str:
    """What became of the rows that were not imported."""
    here = result.codes.get(HERE, 0)
    if not here:
        return f"{result.rows_left_out:,} were left out"
    more = result.rows_left_out - here
    return f"{here:,} were there already" + (f"; {more:,} were left out" if more else "")


def _next_step(engine: Engine, result: ImportResult) -> None:
    with reading(engine) as session:
        idle = none_reports(session, now=database_now(session))
        newcomer = not anybody(session)
    if newcomer:
        say("Next: relabel serve, and open the link it prints to make the first account.")
    elif idle:
        say(f"Next: relabel score {result.project_slug} --wait, or start relabel serve.")
    else:
        say("A worker ranks them now.")
