"""What a command says, and the code it ends with, where its place does not let it work."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.outages import damage
from tests.running.processes import relabel

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1  # of Linux
COMMANDS = (
    ("serve", "--port", "0"),
    ("worker",),
    ("import", "Topics", "{file}", "--yes"),
    ("score", "topics"),
    ("release", "topics", "--out", "{out}"),
    ("people", "reset", "kim@example.org"),
)
WRITING = (
    ("serve", "--port", "0"),
    ("import", "Topics", "{file}", "--yes"),
    ("people", "add", "kim@example.org", "--name", "Kim"),
)
every_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])


def written(command: tuple[str, ...], folder: Path) -> list[str]:
    (folder / "topics.csv").write_text("id,text,label\n1,a,b\n")
    places = {"file": str(folder / "topics.csv"), "out": str(folder / "out")}
    return [word.format(**places) for word in command]


def in_words(ended: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert ended.returncode == code, ended.stderr
    assert all(word in ended.stderr for word in words), ended.stderr
    assert "Traceback" not in ended.stderr and "Error" not in ended.stderr


@every_command
@pytest.mark.parametrize("how", ["malformed", "not a database"])
def test_a_damaged_database_ends_every_command_with_65(
    sqlite_template: Path, tmp_path: Path, command: tuple[str, ...], how: str
) -> None:
    shutil.copy(sqlite_template, tmp_path / "relabel.sqlite")
    damage(tmp_path / "relabel.sqlite", how)
    ended = relabel(*written(command, tmp_path), "--data", str(tmp_path))
    in_words(ended, 65, "The database is damaged", "relabel.sqlite", "newest backup")


@pytest.mark.parametrize(
    "command", [one for one in COMMANDS if one[0] != "worker"], ids=lambda one: one[0]
)
def test_a_server_that_is_not_there_ends_every_command_with_69(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    there = ("--data", str(tmp_path), "--database", "postgresql://kim:secret@127.0.0.1:1/none")
    ended = relabel(*written(command, tmp_path), *there)
    in_words(ended, 69, "cannot be reached", "127.0.0.1", "start the database")
    assert "secret" not in ended.stderr


@every_command
def test_an_address_of_no_database_ends_every_command_with_78(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    there = ("--data", str(tmp_path / "data"), "--database", "kim:secret@nowhere")
    ended = relabel(*written(command, tmp_path), *there)
    in_words(ended, 78, "postgresql://user:password@host/name")
    assert "secret" not in ended.stderr and not (tmp_path / "data").exists()


def held_to_rights() -> None:
    """Even root may write then only where the rights of files say so; others are held anyway."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


def without_rights(*arguments: str) -> subprocess.CompletedProcess[str]:
    return relabel(*arguments, first=held_to_rights)


@pytest.mark.parametrize("command", WRITING, ids=lambda one: one[0])
@pytest.mark.parametrize("what", ["directory", "file"])
def test_a_place_that_may_only_be_read_ends_a_command_with_78(
    sqlite_template: Path, tmp_path: Path, command: tuple[str, ...], what: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "relabel.sqlite")
    folder.chmod(0o555 if what == "directory" else 0o755)
    (folder / "relabel.sqlite").chmod(0o444)
    ended = without_rights(*written(command, tmp_path), "--data", str(folder))
    in_words(ended, 78, "may not write", "--data")


def test_a_data_directory_that_cannot_be_made_ends_serve_with_78(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    ended = without_rights("serve", "--port", "0", "--data", str(closed / "data"))
    in_words(ended, 78, "cannot be made", "--data")
