"""`relabel release` and `relabel verify`: a cleaned dataset, and the proof of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Engine

from app.actions.releasing import make_release_at_console
from app.cli.place import existing_database, settings_from
from app.cli.score import follow
from app.cli.screen import errors, say
from app.cli.serve import Data, Database
from app.datasets.projects import project_named
from app.db.engine import database_now, reading, writing
from app.db.tables.releases import Release
from app.db.words import RunState
from app.errors import Failure, Invalid
from app.releases.companions.registry import COMPANIONS, companion_named
from app.releases.durable import partial, put_in_place
from app.releases.formats.csv_file import CSV
from app.releases.formats.format import EXACT
from app.releases.formats.registry import FLAVOURS, FORMATS, flavour_named, format_named
from app.releases.options import Pending, ReleaseSpec, What
from app.releases.shelf import release_directory, release_warnings
from app.releases.verify import verify as check
from app.settings import Settings

T = TypeVar("T")
DATA_ERROR = 65


def release(
    project: Annotated[str, typer.Argument(help="Project, by its name or its address.")],
    out: Annotated[Path, typer.Option(help="Directory to make; it must not exist yet.")],
    format: Annotated[
        str, typer.Option(help="Of the data file.", metavar="|".join(FORMATS))
    ] = CSV.name,
    flavour: Annotated[
        str,
        typer.Option(
            help="Of CSV: exact, or safe to open in a spreadsheet.", metavar="|".join(FLAVOURS)
        ),
    ] = EXACT.name,
    what: Annotated[What, typer.Option(help="All rows, final ones, or changed ones.")] = What.ALL,
    unreviewed: Annotated[bool, typer.Option(help="Rows that nobody has read.")] = True,
    pending: Annotated[
        Pending,
        typer.Option(help="Changes that wait for a second reader: given label, or a column."),
    ] = Pending.GIVEN,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            help="One more file, as another tool reads the rows; may be said several times.",
            metavar="|".join(COMPANIONS),
        ),
    ] = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Write the cleaned dataset with removed rows, log and manifest."""
    if out.exists():
        raise Invalid(f"{out} exists already.", next_step="Name a directory that does not.")
    chosen = _named("--format", format_named, format)
    spec = ReleaseSpec(
        chosen,
        _named("--flavour", flavour_named, flavour),
        unreviewed,
        pending,
        what,
        tuple(_named("--beside", companion_named, name) for name in dict.fromkeys(beside or [])),
    )
    settings = settings_from(data, database)
    with existing_database(settings) as engine:
        release, name = _made(engine, settings, project, spec)
    _copy(release_directory(settings, release.id), out)
    for warning in release_warnings(release):
        say(warning)
    head = (release.head_hash or b"").hex()
    say(f"Release {release.number} of {name} is in {out}")
    say(f"Its log ends in {head}")
    say("Keep that hash apart from the files. Check both with:")
    say(f"    relabel verify {out} --head {head}")


def _made(
    engine: Engine, settings: Settings, project: str, spec: ReleaseSpec
) -> tuple[Release, str]:
    """The release, once it is complete, and its project's name."""
    with writing(engine) as session:
        row = project_named(session, project)
        name, now = row.name, database_now(session)
        asked = make_release_at_console(session, row.id, spec, now=now)
    job = follow(engine, settings, asked.job.id)
    with reading(engine) as session:
        release = session.get_one(Release, asked.release.id)
    if release.state is not RunState.COMPLETE or release.head_hash is None:
        raise Failure(
            f"Release {release.number} was not made: "
            f"{release.message or job.message or job.state.value}",
            next_step="Mend that, then ask for it again.",
        )
    return release, name


def _named(option: str, find: Callable[[str], T], name: str) -> T:
    """A record of a registry, by what an option says."""
    try:
        return find(name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=f"'{option}'") from error


def _copy(shelf: Path, out: Path) -> None:
    """Under its name only when it is whole."""
    if not shelf.is_dir():
        raise Failure(
            "The release is made, but its files are not on this machine.",
            next_step="They lie in the data directory of the machine whose worker made them.",
        )
    try:
        with partial(out) as work:
            shutil.copytree(shelf, work, dirs_exist_ok=True)
            there = put_in_place(work, out)
    except OSError as error:
        raise Failure(
            f"The release is made but could not be copied to {out}: {error.strerror}.",
            next_step=f"Copy {shelf} yourself.",
        ) from error
    if not there:
        raise Invalid(f"{out} exists already.", next_step=f"Copy {shelf} yourself.")


def verify(
    directory: Annotated[Path, typer.Argument(help="A release directory.")],
    head: Annotated[
        str | None, typer.Option(help="The hash that was kept when it was made.")
    ] = None,
) -> None:
    """Replay a release's log and compare every row, offline."""
    verified = check(directory, head=head)
    if not verified.sound:
        for line in verified.problems.lines():
            errors.print(line, markup=False)
        errors.print("The release does not agree with its log.", markup=False)
        raise typer.Exit(DATA_ERROR)
    counts = verified.counts
    say(
        f"Release {verified.number} of {verified.project} agrees with its log of "
        f"{verified.events:,} events."
    )
    say(
        f"{counts['imported']:,} imported = {counts['kept']:,} kept + {counts['removed']:,} removed"
        f" + {counts['erased']:,} erased; {counts['rows']:,} rows in the data file."
    )
    say(f"Its log ends in {verified.head}")
    if head is None:
        say("Compare that with the hash that was kept, or give it with --head.")
