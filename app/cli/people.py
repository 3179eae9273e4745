"""`relabel people`: accounts from the console, for the first admin and for lost passwords."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from app.accounts.links import Grant, make_link
from app.accounts.membership import join
from app.accounts.people import create_person, person_by_email
from app.cli.place import existing_database, settings_from
from app.cli.screen import say
from app.cli.serve import Data, Database
from app.datasets.projects import project_by_slug
from app.db.engine import database_now, writing
from app.db.tables.accounts import Person
from app.db.words import LinkKind, Role
from app.errors import NotFound
from app.settings import Settings

people = typer.Typer(
    help="Add a person, or give somebody a new password.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Email = Annotated[str, typer.Argument(help="E-mail address.")]
Url = Annotated[
    str | None,
    typer.Option(
        help="Address of the site, for the link.",
        show_default="RELABEL_PUBLIC_URL or http://127.0.0.1:8000",
    ),
]


@people.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="Name that others see.")],
    admin: Annotated[bool, typer.Option("--admin", help="May do everything everywhere.")] = False,
    project: Annotated[str | None, typer.Option(help="Project to join.")] = None,
    role: Annotated[Role, typer.Option(help="Role in that project.")] = Role.REVIEWER,
    url: Url = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make an account and print the link that sets its password."""
    settings = settings_from(data, database)
    with existing_database(settings) as engine, writing(engine) as session:
        now = database_now(session)
        person = create_person(session, name=name, email=email, password=None, admin=admin, now=now)
        if project is not None:
            found = project_by_slug(session, project)
            join(session, found.id, person.id, role, now=now)
        link = _password_link(session, settings, person, url)
    say(f"{person.name} has an account. Send them this link; it works once, for one day:")
    say(f"    {link}")


@people.command()
def reset(email: Email, url: Url = None, data: Data = None, database: Database = None) -> None:
    """Print a link that sets a new password."""
    settings = settings_from(data, database)
    with existing_database(settings) as engine, writing(engine) as session:
        person = person_by_email(session, email)
        if person is None:
            raise NotFound(
                f"Nobody has an account with {email}.",
                next_step="Check the spelling, or add the person with relabel people add.",
            )
        link = _password_link(session, settings, person, url)
    say(f"A new password for {person.name}; the link works once, for one day:")
    say(f"    {link}")


def _password_link(session: Session, settings: Settings, person: Person, url: str | None) -> str:
    grant = Grant(person_id=person.id)
    raw = make_link(session, LinkKind.RESET, grant, now=database_now(session))
    base = url or settings.public_url or "http://127.0.0.1:8000"
    return f"{base.rstrip('/')}/reset/{raw}"
