"""`relabel reviewers`: how far reviewers agree, and how right each of them is."""

from __future__ import annotations

from typing import Annotated

import typer

from app.actions.comparing_reviewers import compare_reviewers
from app.audit.reviewers.asking import last_comparison
from app.cli.place import existing_database, settings_from
from app.cli.screen import say, step
from app.cli.serve import Data, Database
from app.datasets.projects import project_named
from app.db.engine import reading
from app.insights.reviewer_words import line_of, lines
from app.insights.reviewers import reviewers_of


def reviewers(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    data: Data = None,
    database: Database = None,
) -> None:
    """Say how far reviewers agree, and how right each of them is; sorted by name."""
    with existing_database(settings_from(data, database)) as engine:
        with reading(engine) as session:
            project_id = project_named(session, project).id
        step("Comparing reviewers")
        compare_reviewers(engine, project_id)
        with reading(engine) as session:
            kept = last_comparison(session, project_named(session, project))
            people = reviewers_of(session, project_id, kept)
    if kept is None:
        return
    for words in lines(kept.report):
        say(words)
    for one in people:
        say(f"  {line_of(one.name, one.found)}")
