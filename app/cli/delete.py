"""`relabel delete`: a project is hidden at once, and removed for good after 30 days."""

from __future__ import annotations

from typing import Annotated

import typer

from app.actions.deleting import delete_from_console, restore_from_console
from app.cli.place import existing_database, settings_from
from app.cli.screen import say
from app.cli.serve import Data, Database
from app.datasets.projects import goes_at
from app.db.engine import database_now, writing


def delete(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    name: Annotated[str, typer.Option(help="Its name once more, to be sure; else asked.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Bring it back; for 30 days.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Delete a project: hidden at once, removed for good after 30 days; --undo brings it back."""
    with existing_database(settings_from(data, database)) as engine:
        typed = name if name or undo else typer.prompt("Type its name to delete it")
        with writing(engine) as session:
            now = database_now(session)
            if undo:
                say(f"{restore_from_console(session, project, now=now).name} is back.")
                return
            gone = delete_from_console(session, project, typed, now=now)
            told, day = gone.name, goes_at(gone)
    say(f"{told} is hidden now, and removed for good after {day:%Y-%m-%d}.")
    say("Until then relabel delete --undo brings it back.")
