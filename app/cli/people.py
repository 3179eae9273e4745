"""`relabel people`: accounts from the console, for the first admin and for lost passwords."""

from __future__ import annotations

from typing import Annotated

import typer

from app.accounts.people import Newcomer
from app.actions.own_labels import link_from_console, unlink_from_console
from app.actions.people import Added, NewLink, add_from_console, reset_from_console
from app.cli.place import existing_database, settings_from
from app.cli.screen import say
from app.cli.serve import Data, Database
from app.db.engine import database_now, writing
from app.db.words import Role
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
    name: Annotated[
        str, typer.Option(help="Name that others see; an account that is there keeps its own.")
    ] = "",
    admin: Annotated[bool, typer.Option("--admin", help="May do everything everywhere.")] = False,
    project: Annotated[str | None, typer.Option(help="Project to join.")] = None,
    role: Annotated[Role, typer.Option(help="Role in that project.")] = Role.REVIEWER,
    url: Url = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make an account and print the link that sets its password; or add one to a project."""
    settings = settings_from(data, database)
    newcomer = Newcomer(name, email, admin=admin)
    with existing_database(settings) as engine, writing(engine) as session:
        now = database_now(session)
        added = add_from_console(session, newcomer, project, role, now=now)
    if added.role is not None:
        say(_taking_part(added, role))
    if added.link is not None:
        say(f"{added.name} has an account. Send them this link; it works once, for one day:")
        say(f"    {_full(settings, added.link, url)}")


def _taking_part(added: Added, asked: Role) -> str:
    """What became of somebody's part in the project."""
    who = added.name if added.link is not None else f"{added.name}, whose account was there,"
    if added.role is None or added.before == added.role:
        higher = "" if added.role is asked else f"; {asked.value} is less, and changes nothing"
        return f"{added.name} takes part in {added.project} already, as {added.before}{higher}."
    before = f" (was {added.before})" if added.before is not None else ""
    return f"{who} takes part in {added.project} as {added.role}{before}."


@people.command()
def reset(email: Email, url: Url = None, data: Data = None, database: Database = None) -> None:
    """Print a link that sets a new password."""
    settings = settings_from(data, database)
    with existing_database(settings) as engine, writing(engine) as session:
        link = reset_from_console(session, email, now=database_now(session))
    say(f"A new password for {link.for_whom}; the link works once, for one day:")
    say(f"    {_full(settings, link, url)}")


@people.command()
def link(
    email: Email,
    source: Annotated[str, typer.Argument(help="Annotator, as the file names them.")],
    project: Annotated[str, typer.Option(help="Project the labels are in.")],
    off: Annotated[bool, typer.Option("--off", help="They are not this member's.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Say that an annotator of a file is a member, who then judges none of these labels."""
    settings = settings_from(data, database)
    with existing_database(settings) as engine, writing(engine) as session:
        act = unlink_from_console if off else link_from_console
        act(session, project, email, source, now=database_now(session))
    if off:
        say(f"The labels of {source} are not taken for those of {email} any more.")
    else:
        say(f"{email} gave the labels of {source}, and is given none of them to judge.")


def _full(settings: Settings, link: NewLink, url: str | None) -> str:
    base = url or settings.public_url or "http://127.0.0.1:8000"
    return base.rstrip("/") + link.path
