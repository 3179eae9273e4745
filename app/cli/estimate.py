"""`relabel estimate`: how many wrong labels are left in a project."""

from __future__ import annotations

from typing import Annotated

import typer

from app.actions.estimating import estimate_project
from app.cli.place import existing_database, settings_from
from app.cli.screen import say
from app.cli.serve import Data, Database
from app.datasets.projects import project_named
from app.db.engine import reading
from app.insights.health import health_of
from app.insights.health_words import told


def estimate(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    data: Data = None,
    database: Database = None,
) -> None:
    """Say how many wrong labels are left, from the random checks given so far."""
    with existing_database(settings_from(data, database)) as engine:
        with reading(engine) as session:
            project_id = project_named(session, project).id
        estimate_project(engine, project_id)
        with reading(engine) as session:
            health = health_of(session, project_named(session, project))
    if health is None:
        say(f"{project} has no labels to check yet: import some first.")
        return
    for line in told(health):
        say(line)
