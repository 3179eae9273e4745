"""Commands that are read when they are called: `relabel --help` loads none of the rooms."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from app.cli.loading import load


class Later(NamedTuple):
    """A command by its name, where it stands (module:name), and what the list says of it."""

    name: str
    place: str
    help: str


def typer_of(commands: Sequence[Later], *, name: str, help: str) -> typer.Typer:
    """A command whose sub-commands are these; it looks as if all of them had been loaded."""
    places = {one.name: one.place for one in commands}

    class Group(TyperGroup):
        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            """Put the command itself where something stood for it in the list."""
            called, standing, rest = super().resolve_command(ctx, args)
            return called, standing and loaded(called or "", places[called or ""]), rest

    typer_app = typer.Typer(
        name=name,
        cls=Group,
        help=help,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for one in commands:
        typer_app.command(one.name, help=one.help)(_standing)
    return typer_app


def _standing() -> None:
    """Never run: the group loads the command that was called."""


def loaded(name: str, place: str) -> Any:
    """The command as Typer makes it of a function, or of a group of commands."""
    module, _, thing = place.partition(":")
    load("app.db.tables.all", module)  # foreign keys need every table
    command = getattr(sys.modules[module], thing)
    if isinstance(command, typer.Typer):
        group = get_group(command)
        group.name = name
        return group
    single = typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    single.command(name)(command)
    return get_command(single)
