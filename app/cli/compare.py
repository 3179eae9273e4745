"""`relabel compare`: what is another in one release than in an earlier one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Place, spread
from app.cli.place import existing_database
from app.cli.screen import say
from app.datasets.projects import project_named
from app.db.engine import reading
from app.errors import Invalid
from app.releases.differences import Compared, compared_with, csv_lines, summary_of
from app.releases.formats.csv_file import write_table
from app.releases.shelf import release_of


def compare_releases(
    project: Annotated[str, typer.Argument(help="Project, as it stands in its address.")],
    number: Annotated[int, typer.Argument(help="Number of the release.")],
    place: Place,
    other: Annotated[
        int | None,
        typer.Option("--with", help="The release to compare it with; else the one before."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="CSV file to write every difference to.")] = None,
) -> None:
    """Say which labels changed between two releases, and which rows came and went."""
    if out is not None and out.exists():
        raise Invalid(f"{out} exists already.", next_step="Name a file that does not.")
    with existing_database(place.settings()) as engine, reading(engine) as session:
        row = project_named(session, project)
        older, newer = compared_with(session, release_of(session, row.id, number), other)
        compared = Compared.of(session, older, newer)
        told = summary_of(compared, most=0)
        say(f"From release {older.number} to release {newer.number}: {told.words}.")
        for flow in told.flows:
            say(f"{flow.count:>8,}  {flow.before or 'no label'} → {flow.after or 'no label'}")
        if out is not None:
            with out.open("wb") as file:
                write_table(file, csv_lines(compared))
            say(f"Every difference is in {out}")


compare = spread(compare_releases)
