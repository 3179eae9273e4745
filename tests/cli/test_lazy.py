"""The list of commands loads no room, and says what the commands say of themselves."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module

import pytest
import typer
from typer.testing import CliRunner

from app.cli.main import COMMANDS, relabel

HEAVY = ("sqlalchemy", "numpy", "fastapi", "app.db", "app.datasets", "rich.progress")


def test_help_loads_no_room() -> None:
    code = (
        "import sys\n"
        "from app.cli.main import relabel\n"
        "relabel(['--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Rank a file of labels" in done.stdout
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_the_list_says_what_the_command_says(command) -> None:
    module, _, name = command.place.partition(":")
    found = getattr(import_module(module), name)
    said = found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found)
    assert command.help == said
    shown = CliRunner().invoke(relabel, [command.name, "--help"])
    assert shown.exit_code == 0
    assert f"{command.name} " in shown.output.splitlines()[0] + " "


def test_a_command_nobody_knows_is_wrong_usage() -> None:
    assert CliRunner().invoke(relabel, ["scoer", "x"]).exit_code == 2
