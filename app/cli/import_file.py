"""`relabel import`: a file becomes a project, or joins one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from app.accounts.people import anybody
from app.actions.following import Following
from app.cli.imports import ImportResult, refuse, run_import, usual_answer
from app.cli.place import made_database, settings_from
from app.cli.screen import Bar, errors, following, say
from app.cli.serve import Data, Database
from app.db.engine import database_now, reading
from app.db.words import ImportState
from app.errors import DataProblem
from app.jobs.workers import none_reports
from app.settings import Settings

_PROBLEMS_SHOWN = 20


def import_file(
    project: Annotated[str, typer.Argument(help="Project; made when there is none.")],
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSONL or Parquet; or a ZIP of images.")],
    text: Annotated[str | None, typer.Option(help="Column with the text.")] = None,
    image: Annotated[str | None, typer.Option(help="Column with image file names.")] = None,
    columns: Annotated[str | None, typer.Option(help="Columns of a table: A,B,C.")] = None,
    label: Annotated[str | None, typer.Option(help="Column with the given label.")] = None,
    id: Annotated[str | None, typer.Option(help="Column with the id.")] = None,
    group: Annotated[
        str | None, typer.Option(help="Column with what belongs together: patient, session, …")
    ] = None,
    media: Annotated[Path | None, typer.Option(help="ZIP or folder with the images.")] = None,
    pred_probs: Annotated[Path | None, typer.Option(help="Your model's probabilities.")] = None,
    embeddings: Annotated[Path | None, typer.Option(help="Your embeddings.")] = None,
    labels: Annotated[Path | None, typer.Option(help="List of labels with names.")] = None,
    confirmations: Annotated[
        int | None, typer.Option(min=1, max=2, help="Readers that make a change final.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take the usual answers.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Check a file, import its good rows, and have them ranked."""
    settings = settings_from(data, database)
    options = {
        "text": text,
        "image": image,
        "columns": columns.split(",") if columns else None,
        "label": label,
        "id": id,
        "group": group,
        "media": media,
        "pred_probs": pred_probs,
        "embeddings": embeddings,
        "labels": labels,
        "confirmations": confirmations,
        "yes": yes,
    }
    with made_database(settings) as engine:
        result = _run(engine, settings, project, file, options)
        _tell(result)
        refuse(result)
        if result.state is not ImportState.DONE:
            raise DataProblem("Nothing was imported.", next_step="Mend the file and try again.")
        _next_step(engine, result)


def _run(
    engine: Engine, settings: Settings, project: str, file: Path, options: dict[str, Any]
) -> ImportResult:
    hooks = Following()
    with following() as bar:
        return run_import(
            engine,
            settings,
            project=project,
            file=file,
            ask=None if options["yes"] else lambda question: ask_here(question, bar),
            progress=bar,
            prepare=hooks.prepare,
            after_import=hooks.after_import,
            **options,
        )


def ask_here(question: dict[str, Any], bar: Bar) -> str | None:
    """Put a question to whoever sits there; without a terminal it stays open."""
    if not sys.stdin.isatty():
        return None
    options = [value for value, _ in question["options"]]
    with bar.away():
        say(str(question["message"]))
        for value, words in question["options"]:
            say(f"    {value}: {words}")
        chosen: str = typer.prompt("Answer", default=usual_answer(question) or options[0])
    return chosen if chosen in options else None


def _tell(result: ImportResult) -> None:
    for warning in result.warnings:
        errors.print(f"{warning['code']} {warning['message']}", markup=False)
    for problem in result.problems[:_PROBLEMS_SHOWN]:
        where = f"row {problem['row']}: " if problem.get("row") else ""
        errors.print(f"{problem['code']} {where}{problem['message']}", markup=False)
    if result.state is ImportState.DONE:
        again = "was imported before: " if result.already_there else ""
        say(
            f"{again}{result.rows_good:,} of {result.rows_read:,} rows are in "
            f"{result.project_slug}; {result.rows_left_out:,} were left out."
        )


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
