"""`relabel bulk`: a group of examples gets another label with one act."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from app.actions.bulk_fixing import apply_from_console, undo_from_console
from app.actions.bulk_starting import BulkAsked, start_from_console
from app.audit.bulk_fixes import Fix, fixes_of
from app.audit.study.probes import probes_of
from app.cli.place import existing_database, settings_from
from app.cli.screen import say
from app.cli.serve import Data, Database
from app.datasets.labels import label_named, labels_of
from app.datasets.projects import project_named
from app.db.engine import reading, writing
from app.errors import NotFound
from app.insights.bulk import state_words
from app.insights.bulk_groups import OfSlice, Which
from app.noise.acceptance import DEFAULT_FAILURES, DEFAULT_PRECISION
from app.review.batches.filters import Filter

Named = Annotated[str, typer.Argument(help="Project, by its name or its address.")]
Number = Annotated[int, typer.Argument(help="Of the bulk fix.")]

bulk = typer.Typer(
    help="Give a group of examples another label with one act, once a sample has proved it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@bulk.command()
def start(
    project: Named,
    from_label: Annotated[str, typer.Option("--from", help="Their label now, by its name.")],
    to_label: Annotated[str, typer.Option("--to", help="Their right label, by its name.")],
    slice: Annotated[
        str, typer.Option("--slice", help="A confirmed slice, by what its examples share.")
    ] = "",
    suggested: Annotated[
        str, typer.Option("--suggested", help="Only what the model reads as this label.")
    ] = "",
    text: Annotated[str, typer.Option("--text", help="Only what holds these words.")] = "",
    floor: Annotated[
        float, typer.Option("--floor", help="Share that must be right: 0.8, 0.9, 0.95 or 0.98.")
    ] = DEFAULT_PRECISION,
    failures: Annotated[
        int, typer.Option("--failures", help="How many of the checks may fail, 0 to 3.")
    ] = DEFAULT_FAILURES,
    data: Data = None,
    database: Database = None,
) -> None:
    """Have a random sample of a group read blind. Nothing is changed yet."""
    with existing_database(settings_from(data, database)) as engine, writing(engine) as session:
        project_id = project_named(session, project).id
        came, to = (label_named(session, project_id, name).id for name in (from_label, to_label))
        read_as = label_named(session, project_id, suggested).id if suggested else None
        which: Which = Filter(suggested=read_as, text=text)
        if slice:
            which = _slice(session, project_id, slice)
        fix = start_from_console(
            session, project, BulkAsked(which, came, to, floor=floor, failures=failures)
        )
        number, batch, checks, size = fix.row.number, fix.batch, fix.row.checks, fix.size
    say(
        f"Bulk fix {number}: batch {batch} asks {checks:,} of {size:,} examples, read blind. "
        f"Apply it with: relabel bulk apply {project!r} {number}"
    )


def _slice(session: Session, project_id: int, words: str) -> OfSlice:
    found = [one for one in probes_of(session, project_id) if one.words == words]
    if not found:
        raise NotFound(
            f"No group {words!r} was probed.", next_step="Write it as `relabel noise` does."
        )
    return OfSlice(found[-1].row.id)


@bulk.command()
def apply(project: Named, number: Number, data: Data = None, database: Database = None) -> None:
    """Give the group its label, if the checks prove what was asked for."""
    with existing_database(settings_from(data, database)) as engine, writing(engine) as session:
        told = apply_from_console(session, project, number)
    say(
        f"{told.changed:,} labels changed, {told.left:,} left as they are. A new estimate of what "
        "is left has begun."
    )


@bulk.command()
def undo(project: Named, number: Number, data: Data = None, database: Database = None) -> None:
    """Give what nobody has answered since its earlier label back."""
    with existing_database(settings_from(data, database)) as engine, writing(engine) as session:
        told = undo_from_console(session, project, number)
    say(
        f"{told.changed:,} labels are the earlier ones again, {told.left:,} left as they are. A "
        "new estimate of what is left has begun."
    )


@bulk.command("list")
def listed(project: Named, data: Data = None, database: Database = None) -> None:
    """Say how every bulk fix of a project stands."""
    with existing_database(settings_from(data, database)) as engine, reading(engine) as session:
        there = project_named(session, project)
        names = {one.id: one.name for one in labels_of(session, there.id, retired=True)}
        lines = [_line(one, names) for one in fixes_of(session, there.id)]
    for line in lines or ["No bulk fix yet."]:
        say(line)


def _line(fix: Fix, names: dict[int, str]) -> str:
    row = fix.row
    labels = f"{names[row.from_label_id]} to {names[row.to_label_id]}"
    return f"{row.number} {row.words}, {labels}: {fix.state.value}. {state_words(fix)}"
