"""`relabel views`: the saved views of a project."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.place import existing_database, settings_from
from app.cli.screen import say
from app.cli.serve import Data, Database
from app.datasets.projects import project_named
from app.db.engine import reading
from app.insights.views import ViewShown, views_shown


def views(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    data: Data = None,
    database: Database = None,
) -> None:
    """List the saved views of the list of examples, and what each asks for."""
    with existing_database(settings_from(data, database)) as engine, reading(engine) as session:
        lines = [_line(one) for one in views_shown(session, project_named(session, project))]
    for line in lines or ["No view is saved yet."]:
        say(line)


def _line(view: ViewShown) -> str:
    count = "" if view.matching is None else f" ({view.matching:,})"
    return " ".join(filter(None, (f"{view.name}{count}: {view.words}.", view.gone)))
