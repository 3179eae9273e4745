"""`relabel recovery`: which remedy against wrong labels works on a project's data."""

from __future__ import annotations

from typing import Annotated

import typer

from app.actions.recovering import check_can_measure, measure_project
from app.audit.recovery.asking import last_recovery
from app.audit.recovery.report import Report
from app.audit.recovery.words import (
    KIND_WORDS,
    NOT_A_FORECAST,
    gain_words,
    share_words,
    told,
    verdict,
)
from app.cli.place import existing_database, settings_from
from app.cli.screen import say, step
from app.cli.serve import Data, Database
from app.datasets.blobs import BlobStore
from app.datasets.projects import project_named
from app.datasets.sources import source_names
from app.db.engine import reading
from app.training.kinds import NoiseKind
from app.training.network import LARGE
from app.training.remedies.registry import REMEDIES


def recovery(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    data: Data = None,
    database: Database = None,
) -> None:
    """Train small networks with every remedy, and score them on examples checked at random."""
    settings = settings_from(data, database)
    with existing_database(settings) as engine:
        with reading(engine) as session:
            there = project_named(session, project)
            check_can_measure(session, there)
            project_id = there.id
        step("Measuring remedies, which takes minutes")
        measure_project(engine, project_id, blobs=BlobStore(settings.blob_directory))
        with reading(engine) as session:
            kept = last_recovery(session, project_named(session, project))
            sources = source_names(session, project_id)
    report = kept.report if kept is not None else None
    if report is None:
        say("There was not enough to measure by: vectors of the checked examples are missing.")
        return
    _say(report, sources)


def _say(report: Report, sources: dict[int, str]) -> None:
    said = told(report, sources)
    for line in said.lines:
        say(line)
    for name, remedy in REMEDIES.items():
        found = report.of(name)
        if found is not None:
            gain = gain_words(found.gain, by_cost=bool(report.costs))
            score = share_words(found.accuracy)
            say(f"  {remedy.words}: {score}; {gain}; {verdict(found, report)}")
    say(f"{NOT_A_FORECAST} Noise was added {KIND_WORDS[NoiseKind(report.kind)]}.")
    for point in report.noise:
        head = "large" if point.width == LARGE else "linear"
        say(f"  {point.at:.0%} wrong, {head}: {share_words(point.accuracy)}")
    for one in said.advice:
        say(one.words)
