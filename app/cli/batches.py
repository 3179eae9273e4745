"""`relabel batches`: what reviewers are given, made and changed at the console."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from app.actions.batches import BatchChange, change_from_console, make_from_console
from app.cli.batch_plan import PlanOptions, people_by_email
from app.cli.options import Place, spread
from app.cli.place import existing_database
from app.cli.screen import say
from app.datasets.projects import project_named
from app.db.engine import database_now, reading, writing
from app.db.words import BatchState, Routing
from app.insights.batches import BatchRow, batch_rows, rows_of
from app.review.batches.plan import due_time

Named = Annotated[str, typer.Argument(help="Project, by its name or its address.")]
Number = Annotated[int, typer.Argument(help="Of the batch, as the list says it.")]
Due = Annotated[
    datetime | None,
    typer.Option(help="Due at the end of that day.", formats=["%Y-%m-%d"], show_default="no date"),
]

batches = typer.Typer(
    help="See the batches of a project; make, hand over, pause, resume and close them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def listed(
    project: Named,
    place: Place,
    closed: Annotated[bool, typer.Option("--closed", help="Those that were closed too.")] = False,
) -> None:
    """Say how far each is, the newest first."""
    states = tuple(BatchState) if closed else (BatchState.OPEN, BatchState.PAUSED)
    with existing_database(place.settings()) as engine, reading(engine) as session:
        project_id, before = project_named(session, project).id, None
        lines = list[str]()
        while rows := batch_rows(session, project_id, states, before=before):
            lines += [_line(row) for row in rows]
            before = rows[-1].batch.number
    for line in lines or ["No batch is open." if not closed else "No batch was made yet."]:
        say(line)


def new(project: Named, options: PlanOptions, place: Place, due: Due = None) -> None:
    """Open a batch: reviewers get it at once."""
    with existing_database(place.settings()) as engine, writing(engine) as session:
        plan = options.plan(session, project_named(session, project).id)
        ends = due_time(due.date() if due else None, now=database_now(session))
        batch = make_from_console(session, project, replace(plan, due_at=ends))
        (row,) = rows_of(session, [batch])
    say(_line(row))


def hand(
    project: Named,
    number: Number,
    place: Place,
    person: Annotated[
        list[str] | None,
        typer.Option(help="Who reads it, by email; repeat it for more.", show_default="everyone"),
    ] = None,
    routing: Annotated[
        Routing | None, typer.Option(help="Who gets which example.", show_default="as it is")
    ] = None,
) -> None:
    """Give a batch to these people, or to everyone in the project."""
    with existing_database(place.settings()) as engine, writing(engine) as session:
        people = people_by_email(session, person or ())
        wanted = BatchChange(people=people, routing=routing)
        (row,) = rows_of(session, [change_from_console(session, project, number, wanted)])
    say(_line(row))


def _to(project: str, number: int, place: Place, state: BatchState) -> None:
    with existing_database(place.settings()) as engine, writing(engine) as session:
        changed = change_from_console(session, project, number, BatchChange(state=state))
        (row,) = rows_of(session, [changed])
    say(_line(row))


def pause(project: Named, number: Number, place: Place) -> None:
    """Hand out nothing more of it until it is resumed."""
    _to(project, number, place, BatchState.PAUSED)


def resume(project: Named, number: Number, place: Place) -> None:
    """Hand out its examples again."""
    _to(project, number, place, BatchState.OPEN)


def close(project: Named, number: Number, place: Place) -> None:
    """End it; what nobody was given may join another batch, what is owed stays owed."""
    _to(project, number, place, BatchState.CLOSED)


def _line(row: BatchRow) -> str:
    batch = row.batch
    state = "" if batch.state is BatchState.OPEN else f", {batch.state.value}"
    who = ", ".join(name for _, name in row.people) or "everyone"
    due = f"; due {batch.due_at:%Y-%m-%d}" if batch.due_at else ""
    done = f"{row.done:,} of {batch.size:,} reviewed, {row.changed:,} changed"
    return f"{batch.number} {batch.name}{state}: {row.rule}; {done}; {who}{due}."


for _command in (new, hand, pause, resume, close):
    batches.command(_command.__name__)(spread(_command))
batches.command("list")(spread(listed))
