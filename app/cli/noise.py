"""`relabel noise`: what kind of noise there is in a project."""

from __future__ import annotations

from typing import Annotated

import typer

from app.actions.studying import study_project
from app.audit.study.asking import last_study
from app.cli.place import existing_database, settings_from
from app.cli.screen import say, step
from app.cli.serve import Data, Database
from app.datasets.projects import project_named
from app.db.engine import reading
from app.insights.noise_words import group_words, is_sure, told


def noise(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    data: Data = None,
    database: Database = None,
) -> None:
    """Look at what was decided: say what kind of noise it is, and which groups hold it."""
    with existing_database(settings_from(data, database)) as engine:
        with reading(engine) as session:
            project_id = project_named(session, project).id
        step("Looking for patterns")
        study_project(engine, project_id)
        with reading(engine) as session:
            kept = last_study(session, project_named(session, project))
    if kept is None or kept.report is None:
        say(
            "Not enough to tell kinds of noise apart: it takes a scored project with 100 decided "
            "examples."
        )
        return
    said = told(kept.report)
    for line in (said.title + ".", said.meaning, said.advice, said.reach, said.basis):
        say(line)
    for group in kept.report.groups:
        chance = "more than chance" if is_sure(group) else "may be chance"
        say(f"  {group.words}: {group_words(group)} ({chance}).")
