"""`relabel doctor`: whether what is stored is whole."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import select

from app.accounts.membership import is_there
from app.cli.place import existing_database, settings_from
from app.cli.screen import say
from app.cli.serve import Data, Database
from app.datasets.projects import project_named
from app.db.engine import reading
from app.db.tables.datasets import Project
from app.errors import DataProblem
from app.insights.doctor import examine, notes


def doctor(
    project: Annotated[
        str | None, typer.Argument(help="Project, by its name or its address; else all.")
    ] = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Look whether every log, serve and owed read is whole; changes nothing."""
    wrong = 0
    with existing_database(settings_from(data, database)) as engine, reading(engine) as session:
        if project is not None:
            looked_at = [project_named(session, project)]
        else:
            looked_at = list(
                session.scalars(select(Project).where(is_there()).order_by(Project.id))
            )
        for one in looked_at:
            findings = list(examine(session, one))
            wrong += len(findings)
            say(f"{one.name}: {'whole' if not findings else f'{len(findings)} wrong'}")
            for finding in findings:
                say(f"    {finding.what} {finding.next_step}")
            for note in notes(session, one):
                say(f"    {note}")
    if wrong:
        raise DataProblem(
            f"{wrong} findings in {len(looked_at)} projects.",
            next_step="Do what stands beside each; nothing was changed.",
            code="not_whole",
        )
