"""docs/commands.md: every command and its options, from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
import typer.main
from typer.testing import CliRunner

from app.cli.main import EXIT_CODES, relabel
from docs.generate.tables import page, table

INTRO = """\
`relabel COMMAND --help` says the same. What an option says (`--data`, `--database`) wins over the
environment, which [operate.md](operate.md) lists.
"""
ALWAYS = {0: "done", 1: "it failed", 2: "wrong usage"}
CODE_WORDS = {
    65: "data error",
    69: "database out of reach",
    75: "data directory in use",
    78: "unsafe configuration",
}


def commands() -> list[tuple[str, typer.Context]]:
    """Every command by its whole name; of a group each of its own."""
    root = typer.main.get_command(relabel)
    return list(_below(root, typer.Context(root, info_name="relabel")))


def _below(command: Any, context: typer.Context) -> Iterator[tuple[str, typer.Context]]:
    if not hasattr(command, "list_commands"):
        yield context.command_path, context
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        yield from _below(found, typer.Context(found, info_name=name, parent=context))


def commands_page() -> str:
    return page(
        "Commands",
        INTRO.splitlines(),
        [""],
        (line for name, _ in commands() for line in _command(name)),
        ["## Exit codes", ""],
        table(("code", "means"), ((f"`{code}`", words) for code, words in exit_codes().items())),
    )


def exit_codes() -> dict[int, str]:
    return ALWAYS | {code: CODE_WORDS[code] for _, code in EXIT_CODES if code not in ALWAYS}


def _command(name: str) -> Iterator[str]:
    yield from (f"## {name}", "", "```", *help_of(name).splitlines(), "```", "")


def help_of(name: str) -> str:
    """What `--help` prints, at one width wherever it runs."""
    words = [*name.split()[1:], "--help"]
    told = CliRunner().invoke(relabel, words, prog_name="relabel", env={"COLUMNS": "96"})
    if told.exit_code != 0:
        raise RuntimeError(f"{name} --help ended with {told.exit_code}: {told.output}")
    return "\n".join(line.rstrip() for line in told.output.strip("\n").splitlines())


def unexplained(context: typer.Context) -> list[str]:
    """Arguments and options that say nothing of themselves."""
    parameters: list[Any] = [one for one in context.command.params if one.name != "help"]
    return [" ".join(one.opts) for one in parameters if not getattr(one, "help", "")]
