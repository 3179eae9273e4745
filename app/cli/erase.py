"""`relabel erase`: an example or a person goes for ever, and every number stays right."""

from __future__ import annotations

from typing import Annotated

import typer

from app.actions.erasing import erase_from_console, example_by_key, what_goes
from app.actions.erasing_people import erase_person_from_console
from app.cli.place import existing_database, settings_from
from app.cli.score import follow
from app.cli.screen import say
from app.cli.serve import Data, Database
from app.datasets.projects import project_named
from app.datatypes.hidden_characters import written_out
from app.db.engine import database_now, reading, writing
from app.db.tables.jobs import Job
from app.db.words import JobState
from app.errors import Failure

erase = typer.Typer(
    help="Erase an example or a person for ever; the log and every number stay right.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; it cannot be undone.")]


@erase.command()
def example(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    key: Annotated[str, typer.Argument(help="Id of the example, as its file says it.")],
    yes: Yes = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Erase the content and notes of an example, and the files of releases that hold it."""
    settings = settings_from(data, database)
    with existing_database(settings) as engine:
        with reading(engine) as session:
            there = project_named(session, project)
            found = example_by_key(session, there.id, key)
            goes = what_goes(session, there.id, found.id)
        if not yes:
            say(f"Example {written_out(key)} of {there.name} goes for ever.")
            say(f"Releases that lose their files: {goes.releases:,}.")
            if typer.prompt("Type its id once more to erase it") != key:
                raise typer.Abort()
        with writing(engine) as session:
            done = erase_from_console(session, project, key, now=database_now(session))
        say(f"It is erased: event {done.seq:,} of the log.")
        if done.releases:
            say(f"Releases that lost their files: {done.releases:,}. Make a new one.")
        if done.job is not None:
            _finish(follow(engine, settings, done.job, quietly=True))
    if goes.copies:
        say(f"Other examples say the same: {goes.copies:,}. Erase them too, if you must.")


@erase.command()
def person(
    email: Annotated[str, typer.Argument(help="E-mail address.")],
    yes: Yes = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Erase a person's name, e-mail, password and notes; every answer stays and counts."""
    settings = settings_from(data, database)
    with existing_database(settings) as engine:
        if not yes and typer.prompt("Type the e-mail once more to erase it") != email:
            raise typer.Abort()
        with writing(engine) as session:
            job = erase_person_from_console(session, email, now=database_now(session)).id
        say("The person is erased. The answers stay, under a pseudonym.")
        _finish(follow(engine, settings, job, quietly=True))


def _finish(job: Job) -> None:
    if job.state is not JobState.DONE:
        raise Failure(
            f"What is left in files could not be deleted: {job.message or job.state.value}",
            next_step="Mend that, and start relabel worker: it tries again.",
        )
    say("Nothing of it is left in files.")
