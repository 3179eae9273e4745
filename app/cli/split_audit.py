"""`relabel split-audit`: how many labels of a split are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from app.actions.split_audits import draw_more_from_console, open_split_from_console, tell_split
from app.cli.options import Place, spread
from app.cli.place import existing_database
from app.cli.screen import say
from app.datasets.projects import project_named
from app.db.engine import reading, writing
from app.insights.split_audits import standings


@dataclass(frozen=True, slots=True)
class SplitOptions:
    open: Annotated[
        str, typer.Option(help="Open the audit of this split; one of it that is open ends.")
    ] = ""
    split: Annotated[str, typer.Option(help="The split of --read.")] = ""
    read: Annotated[
        int | None, typer.Option(help="Make a blind batch of so many more random examples.")
    ] = None


def split_audit(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    options: SplitOptions,
    place: Place,
) -> None:
    """Say how many labels of a split are wrong, by random reads of it alone, and their cost."""
    with existing_database(place.settings()) as engine:
        if options.open:
            with writing(engine) as session:
                open_split_from_console(session, project, options.open)
        if options.read is not None:
            split = options.split or options.open
            with writing(engine) as session:
                batch = draw_more_from_console(session, project, split, options.read)
                number, size = batch.number, batch.size
            say(f"Batch {number} asks {size:,} examples, read blind.")
        with reading(engine) as session:
            here = project_named(session, project)
            before = standings(session, here.id, log_seq=here.log_seq)
        if not before:
            say("No split was audited yet. Begin with --open SPLIT --read 200.")
            return
        for told in before:
            if told.is_open:
                tell_split(engine, told.row.id)
        with reading(engine) as session:
            here = project_named(session, project)
            for told in standings(session, here.id, log_seq=here.log_seq):
                state = f" ({told.over})" if told.over else ""
                say(f"Split {told.row.split}{state}: {told.words}")
                if told.costs:
                    say(f"  {told.costs}")


command = spread(split_audit)
