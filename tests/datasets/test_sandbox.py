"""What the parser may not do, tried inside a real parser process; and what its death means."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from structlog.testing import CapturingLogger

import app
from app.cli.imports import refuse
from app.datasets import parsing
from app.db.engine import reading
from app.db.tables.datasets import DataImport
from app.db.words import ImportState
from app.errors import DataProblem
from app.settings import Settings
from tests.datasets.bringing import bring_in

pytestmark = pytest.mark.usefixtures("started_anew")
ROOT = Path(app.__file__).parent.parent
START = """
import sys
from pathlib import Path
from app.datasets import sandbox
sandbox.enter([Path(sys.argv[1])], [])
"""
FORBIDDEN = {
    "a socket": "import socket; socket.socket()",
    "a name look-up": "import socket; socket.getaddrinfo('localhost', 80)",
    "another program": "import subprocess; subprocess.run(['true'])",
    "a shell": "import os; os.system('true')",
    "a database": "import sqlite3; sqlite3.connect(sys.argv[1] + '/x.db')",
    "a database file": "open(sys.argv[2])",
    "a file elsewhere": "open('/tmp/relabel-elsewhere', 'w')",
    "the home folder": "open(Path.home() / '.profile')",
}


def tried(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", START + code, str(folder), str(folder / "relabel.sqlite")],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_parser_may_not_use(what: str, tmp_path: Path) -> None:
    (tmp_path / "relabel.sqlite").write_text("secret")
    done = tried(FORBIDDEN[what], tmp_path)
    assert done.returncode == 1 and "PermissionError" in done.stderr, done.stderr


def test_a_parser_may_write_into_its_own_folder_only(tmp_path: Path) -> None:
    done = tried("(Path(sys.argv[1]) / 'staged').write_text('x')", tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "staged").read_text() == "x"


def test_memory_is_limited(tmp_path: Path) -> None:
    done = tried("bytearray(3 << 30)", tmp_path)
    assert done.returncode == 1 and "MemoryError" in done.stderr


DEATHS = {
    "import os; os._exit(9)": "it was killed",
    "bytearray(1 << 62)": "it needed more memory than it may use",
    "raise ValueError('inside')": "something in the file is more than it can read",
}


@pytest.mark.parametrize("code", DEATHS)
def test_a_parser_that_dies_fails_the_import_in_words_and_nothing_else(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\na b,x\n")
    settings = Settings(data=tmp_path / "data")
    started = subprocess.Popen

    def dies(command: list[str], **more: Any) -> Any:
        return started([command[0], "-c", code], **more)

    with monkeypatch.context() as patched:
        patched.setattr(parsing.subprocess, "Popen", dies)
        result = bring_in(engine, settings, "p", path)
    assert result.state is ImportState.FAILED
    with reading(engine) as session:
        message = session.get_one(DataImport, result.import_id).message
    assert message == f"parser_crashed: {DEATHS[code]}"
    with pytest.raises(DataProblem) as refused:
        refuse(result)
    assert refused.value.code == "parser_crashed"
    again = bring_in(engine, settings, "p", path)
    assert (again.import_id, again.state) == (result.import_id, ImportState.DONE)


QUOTES = """
def read(cell):
    raise ValueError(f"{cell!r} is not a number: Mrs Kowalska, born 1951")
read("Mrs Kowalska, born 1951")
"""


def test_the_log_says_where_a_parser_died_and_quotes_nothing_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a message quotes is a cell of somebody's file, which no log may keep."""
    script = tmp_path / "reads.py"
    script.write_text(QUOTES)
    died = subprocess.run(  # these words alone
        [sys.executable, str(script)], capture_output=True, check=False
    )
    assert b"Kowalska" in died.stderr
    logged = CapturingLogger()
    monkeypatch.setattr(parsing, "_log", logged)
    parsing.note_death(died.stderr)
    parsing.note_death(b"Fatal Python error: Mrs Kowalska")
    assert logged.calls == [
        ("warning", ("parser_crashed",), {"place": "reads.py:3", "kind": "ValueError"}),
        ("warning", ("parser_crashed",), {"place": "", "kind": ""}),
    ]
