"""`relabel recurring`: batches that are made again every day, week or month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from app.actions.recurring import add_from_console, delete_from_console, pause_from_console
from app.cli.batch_plan import PlanOptions
from app.cli.options import Place, spread
from app.cli.place import existing_database
from app.cli.screen import say
from app.datasets.projects import project_named
from app.db.engine import reading, writing
from app.insights.recurring import RecurringShown, recurring_shown
from app.review.batches.recurring import RecurringPlan
from app.review.batches.repeats import Schedule, clock_words, day_of, minute_of

Named = Annotated[str, typer.Argument(help="Project, by its name or its address.")]
Number = Annotated[int, typer.Argument(help="Of the recurring batch, as the list says it.")]

recurring = typer.Typer(
    help="Have a batch made again every day, week or month.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@dataclass(frozen=True, slots=True)
class WhenOptions:
    every: Annotated[str, typer.Option(help="day, week or month.")] = "week"
    on: Annotated[
        str, typer.Option(help="A weekday by its name, or a day of the month from 1.")
    ] = ""
    at: Annotated[str, typer.Option(help="Time of the day, in UTC.")] = "08:00"
    due_days: Annotated[
        int | None, typer.Option(help="In how many days each is due.", show_default="no date")
    ] = None


def add(project: Named, when: WhenOptions, options: PlanOptions, place: Place) -> None:
    """Have a batch made again and again; the first when its time comes."""
    with existing_database(place.settings()) as engine, writing(engine) as session:
        project_id = project_named(session, project).id
        schedule = Schedule(when.every, day_of(when.every, when.on), minute_of(when.at))
        plan = RecurringPlan(options.plan(session, project_id), schedule, when.due_days)
        made = add_from_console(session, project, plan)
        (line,) = (
            _line(one) for one in recurring_shown(session, project_id) if one.row.id == made.id
        )
    say(line)


def listed(project: Named, place: Place) -> None:
    """Say when each is made next, and what it made last."""
    with existing_database(place.settings()) as engine, reading(engine) as session:
        lines = [_line(one) for one in recurring_shown(session, project_named(session, project).id)]
    for line in lines or ["No batch is made again and again yet."]:
        say(line)


def _line(one: RecurringShown) -> str:
    row = one.row
    following = f"next {row.next_at:%Y-%m-%d} {clock_words(row.minute)} UTC"
    last = f"last: batch {one.made[0]} {one.made[1]}" if one.made else ""
    parts = (one.when, "paused" if one.paused else following, last, one.note)
    return f"{row.id} {one.name}: {'; '.join(filter(None, parts))}."


def pause(project: Named, number: Number, place: Place) -> None:
    """Make none until it is resumed."""
    with existing_database(place.settings()) as engine, writing(engine) as session:
        pause_from_console(session, project, number, paused=True)
    say(f"Recurring batch {number} is paused.")


def resume(project: Named, number: Number, place: Place) -> None:
    """Go on at its next time; what came due meanwhile is not made."""
    with existing_database(place.settings()) as engine, writing(engine) as session:
        row = pause_from_console(session, project, number, paused=False)
        following = f"{row.next_at:%Y-%m-%d %H:%M} UTC"
    say(f"Recurring batch {number} goes on: next {following}.")


def delete(project: Named, number: Number, place: Place) -> None:
    """End it; the batches that it made stay."""
    with existing_database(place.settings()) as engine, writing(engine) as session:
        delete_from_console(session, project, number)
    say(f"Recurring batch {number} is ended. The batches that it made stay.")


for _command in (add, pause, resume, delete):
    recurring.command(_command.__name__)(spread(_command))
recurring.command("list")(spread(listed))
