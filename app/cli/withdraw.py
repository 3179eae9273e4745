"""`relabel withdraw`: an import that nobody has worked on is taken out again."""

from __future__ import annotations

from typing import Annotated

import typer

from app.actions.withdrawing import withdraw_from_console
from app.cli.place import existing_database, settings_from
from app.cli.screen import say
from app.cli.serve import Data, Database
from app.db.engine import database_now, writing


def withdraw(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    number: Annotated[
        int | None,
        typer.Argument(help="Of the import, as in its address; else the one that was done last."),
    ] = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Take an import out again that nobody has answered; then import its file otherwise."""
    with existing_database(settings_from(data, database)) as engine, writing(engine) as session:
        now = database_now(session)
        done = withdraw_from_console(session, project, number, now=now).data_import
        rows, name = done.rows_good, done.file_name
    say(f"{rows:,} examples of {name} are taken out of {project} again.")
