"""`relabel demo`: sample projects, ready to review, and links that sign in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.accounts.links import Grant, make_link
from app.accounts.people import Newcomer, create_person, person_by_email
from app.cli.place import made_database, make_directory, take
from app.cli.sample_projects import Cast, make_project, missing_samples
from app.cli.screen import hold_logs, step
from app.cli.serve import Door, run_server
from app.db.engine import database_now, writing
from app.db.words import LinkKind
from app.samples.catalogue import SAMPLES
from app.settings import Settings

_DIRECTORY = Path("var/demo")
_HOST = "127.0.0.1"
_LEAD = ("Lead", "lead@example.org")
_REVIEWER = ("Reviewer", "reviewer@example.org")


def demo(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any.")] = 8000,
    data: Annotated[
        Path | None,
        typer.Option(help="Data directory. [default: RELABEL_DATA, else var/demo]"),
    ] = None,
) -> None:
    """Open sample projects, imported and scored, and print links that sign you in."""
    settings = Settings(data=directory_of(data), database="", blobs="", public_url="")
    hold_logs(settings)
    make_directory(settings.data)
    lock = take(settings.data)
    step(f"Opening the demo in {settings.data}")
    with made_database(settings) as engine:
        with writing(engine) as session:
            cast = _cast(session, now=database_now(session))
        coming = _make_first(engine, settings, cast)
        with writing(engine) as session:
            links = _links(session, cast, now=database_now(session))
    beside = ("-m", "app.cli.more_samples", str(cast.lead_id), str(cast.reviewer_id))
    door = Door(
        _HOST,
        port,
        greeting=lambda where: _greeting(where, links, len(coming)),
        beside=beside if coming else (),
        log_level="WARNING",
    )
    run_server(settings, door, lock=lock)


def directory_of(named: Path | None) -> Path:
    """The one that is named, else that of the environment, else one apart from all others."""
    around = Settings()
    usual = around.data if "data" in around.model_fields_set else _DIRECTORY
    return (named or usual).resolve()


def _cast(session: Session, *, now: datetime) -> Cast:
    """A lead and a reviewer without passwords: they come in by their links."""
    ids = []
    for (name, email), admin in ((_LEAD, True), (_REVIEWER, False)):
        person = person_by_email(session, email) or create_person(
            session, Newcomer(name, email, admin=admin), now=now
        )
        ids.append(person.id)
    return Cast(*ids)


def _make_first(engine: Engine, settings: Settings, cast: Cast) -> list[str]:
    """Make one sample ready before anything opens; the names of those still to come."""
    missing = missing_samples(engine)
    if len(missing) == len(SAMPLES):
        step(f"Sample 1 of {len(missing)}: {missing[0]}: importing, scoring, opening a batch")
        make_project(engine, settings, missing.pop(0), cast)
    return missing


def _links(session: Session, cast: Cast, *, now: datetime) -> tuple[str, str]:
    """Links that work on this machine until the evening: the lead's, the reviewer's."""
    lead, reviewer = (
        make_link(session, LinkKind.SIGNIN, Grant(person_id=person), now=now)
        for person in (cast.lead_id, cast.reviewer_id)
    )
    return lead, reviewer


def _greeting(where: str, links: tuple[str, str], coming: int) -> tuple[str, ...]:
    more = (f"{coming} more samples are being made ready; they join the list of projects.",)
    return (
        *(more if coming else ()),
        "Sign in with one click (on this machine, for 12 hours):",
        f"    as reviewer: {where}/signin?link={links[1]}",
        f"    as lead:     {where}/signin?link={links[0]}",
        "Next: open the reviewer's link and review ten examples with the keys; then sign in as",
        "lead (a private window keeps both) to give the second reads and make a release.",
    )
