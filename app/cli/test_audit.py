"""`relabel test-audit`: which of some models is better on right labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from app.actions.model_audits import (
    AuditAsked,
    compare_models,
    open_from_console,
    read_more_from_console,
)
from app.cli.options import Place, spread
from app.cli.place import existing_database
from app.cli.screen import say, step
from app.datasets.projects import project_named
from app.datasets.pushed_models import models_called
from app.db.engine import reading, writing
from app.insights.model_audits import Standing, standing
from app.insights.model_words import (
    cost_words,
    flip_note,
    flip_words,
    headline,
    held_words,
    pair_words,
    wrong_words,
)
from app.shares import percent


@dataclass(frozen=True, slots=True)
class AuditOptions:
    model: Annotated[
        list[str] | None,
        typer.Option(help="Open an audit of these models: name each, with its version if any."),
    ] = None
    split: Annotated[str, typer.Option(help="The split it is about; else every example.")] = ""
    read: Annotated[
        int | None, typer.Option(help="Make a blind batch of so many more examples.")
    ] = None


def test_audit(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    options: AuditOptions,
    place: Place,
) -> None:
    """Compare models on right labels: say which is ahead, and what more reads would bring."""
    with existing_database(place.settings()) as engine:
        if options.model:
            with writing(engine) as session:
                here = project_named(session, project).id
                asked = AuditAsked(models_called(session, here, options.model), options.split)
                open_from_console(session, project, asked)
        if options.read is not None:
            with writing(engine) as session:
                batch = read_more_from_console(session, project, options.read)
                number, size = batch.number, batch.size
            say(f"Batch {number} asks {size:,} examples, read blind.")
        with reading(engine) as session:
            told = standing(session, project_named(session, project).id)
        if told is None:
            say("No test-set audit yet. Open one with --model NAME --model NAME.")
            return
        step("Comparing models")
        compare_models(engine, told.audit.row.id)
        with reading(engine) as session:
            told = standing(session, project_named(session, project).id)
            assert told is not None  # it was there just now, and is never deleted
            for line in _lines(told):
                say(line)


command = spread(test_audit)


def _lines(told: Standing) -> list[str]:
    row, report, names = told.audit.row, told.report, told.names
    assert report is not None  # it was told just now
    of = f"split {row.split}" if row.split else "every example"
    state = "" if told.audit.is_open else ", closed"
    lines = [
        f"Test-set audit {row.number}, {of}{state}: {report.size - report.gone:,} examples, "
        f"the models differ on {report.differ:,}, {report.decided:,} of these are decided.",
        headline(report, names),
    ]
    for one in report.models:
        seen = one.corrected
        right = "not known yet" if seen.estimate is None else percent(seen.estimate)
        bounds = f"{percent(seen.low)} to {percent(seen.high)}"
        lines.append(
            f"  {names[one.model]}: {percent(one.given)} on given labels, {right} on corrected "
            f"ones ({bounds})"
        )
    for pair in report.pairs:
        more = cost_words(pair, report, names)
        said = [pair_words(pair, names), held_words(pair), more if pair.more else ""]
        lines.append("  " + " ".join(filter(None, said)))
    lines += [f"  {flip_words(one, names)}" for one in report.flips]
    lines += [f"  {note}" for note in [flip_note(report)] if note]
    return [*lines, f"Wrong labels: {wrong_words(report)}."]
