"""`relabel noise`: what kind of noise there is in a project."""

from __future__ import annotations

from typing import Annotated

import typer

from app.actions.probing import probe_from_console
from app.actions.studying import study_project
from app.audit.study.asking import Kept, last_study
from app.audit.study.report import Group
from app.cli.place import existing_database, settings_from
from app.cli.screen import say, step
from app.cli.serve import Data, Database
from app.datasets.blobs import BlobStore
from app.datasets.projects import project_named
from app.datasets.sources import source_names
from app.db.engine import reading, writing
from app.insights.annotators import annotators
from app.insights.drift_words import QUESTION
from app.insights.drift_words import lines as moved_lines
from app.insights.noise_words import group_words, is_sure, origin_lines, told
from app.insights.probes import STATE_WORDS, Probing, price_words, probing


def noise(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    probe: Annotated[
        bool,
        typer.Option(
            "--probe", help="Ask fresh examples of the suspicious groups, in one blind batch."
        ),
    ] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Look at what was decided: say what kind of noise it is, and which groups hold it."""
    settings = settings_from(data, database)
    with existing_database(settings) as engine:
        with reading(engine) as session:
            project_id = project_named(session, project).id
        step("Looking for patterns")
        study_project(engine, project_id, blobs=BlobStore(settings.blob_directory))
        with reading(engine) as session:
            there = project_named(session, project)
            kept = last_study(session, there)
            at_work = probing(session, there, kept)
            names = source_names(session, project_id)
            told_of = annotators(session, there, names)
        _say(kept, at_work)
        for line in told_of.lines if told_of is not None else ():
            say(line)
        if probe:
            with writing(engine) as session:
                begun = probe_from_console(session, project)
                number, size = begun.batch.number, begun.batch.size
            groups = f"{begun.groups:,} group" + "s" * (begun.groups != 1)
            say(
                f"Batch {number} asks {size:,} fresh examples of {groups}, read blind; "
                f"{price_words(begun.least, begun.most)} in all."
            )


def _say(kept: Kept | None, at_work: Probing) -> None:
    if kept is None or kept.report is None:
        say(
            "Not enough to tell kinds of noise apart: it takes a scored project with 100 decided "
            "examples."
        )
        return
    title, *rest = told(kept.report).lines
    for line in (f"{title}.", *rest):
        say(line)
    for one in at_work.slices:
        say(f"  Slice: {one.probed.words}: {at_work.fresh_words(one.probed)}.")
    slices = {one.probed.words for one in at_work.slices}
    for group in kept.report.groups:
        if group.words not in slices:
            say(f"  {group.words}: {group_words(group)} ({_standing(group, at_work)}).")
    for line in origin_lines(kept.report):
        say(f"  {line}")
    say(QUESTION)
    for line in moved_lines(kept.report.movement):
        say(f"  {line}")
    if at_work.asking is not None:
        say(f"{at_work.asking.words} Batch {at_work.asking.batch}.")


def _standing(group: Group, at_work: Probing) -> str:
    """What fresh examples say; without any, whether chance would bring as much."""
    probed = at_work.last.get(group.words)
    if probed is None:
        return "more than chance" if is_sure(group) else "may be chance"
    return f"{STATE_WORDS[probed.state].lower()}: {at_work.fresh_words(probed)}"
