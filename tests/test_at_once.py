"""The parts of `make test` run side by side, tell what they said, and fail when one fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.at_once import Part, compiled_once, run

Said = pytest.CaptureFixture[str]


def part(name: str, code: str, **more: bool) -> Part:
    return Part(name, [sys.executable, "-c", code], **more)


def test_each_part_tells_what_it_said_in_one_piece_when_it_ends(capsys: Said) -> None:
    slow = "import time; print('slow begins', flush=True); time.sleep(0.5); print('slow ends')"
    assert run([part("slow", slow), part("quick", "print('quick')")], os.environ) == []
    assert capsys.readouterr().out.split() == ["quick", "slow", "begins", "slow", "ends"]


def test_a_part_that_fails_is_named_and_the_others_go_on(capsys: Said) -> None:
    other = part("b", "import time; time.sleep(0.5); print('done all the same')")
    assert run([part("a", "raise SystemExit('what is wrong')"), other], os.environ) == ["a"]
    said = capsys.readouterr().out
    assert "what is wrong" in said and "done all the same" in said


def test_where_the_first_fails_nothing_more_is_waited_for(capsys: Said, tmp_path: Path) -> None:
    mark = tmp_path / "ended"
    long = f"""
import pathlib, time
try:
    time.sleep(60)
except KeyboardInterrupt:
    pathlib.Path({str(mark)!r}).write_text("asked to end")
"""
    wrong = "import time; time.sleep(1); raise SystemExit('a type is wrong')"
    assert run([part("lint", wrong, first=True), part("tests", long)], os.environ) == ["lint"]
    assert "a type is wrong" in capsys.readouterr().out
    assert mark.read_text() == "asked to end"


def test_who_is_told_to_stop_ends_what_was_started(tmp_path: Path) -> None:
    begun, ended = tmp_path / "begun", tmp_path / "ended"
    long = f"""
import pathlib, time
pathlib.Path({str(begun)!r}).touch()
try:
    time.sleep(60)
except KeyboardInterrupt:
    pathlib.Path({str(ended)!r}).touch()
"""
    code = f"""
import os, signal, sys
from tests.at_once import Part, run, stopped
signal.signal(signal.SIGTERM, stopped)
run([Part("tests", [sys.executable, "-c", {long!r}])], os.environ)
"""
    process = subprocess.Popen([sys.executable, "-c", code])
    while not begun.exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    assert process.wait(30) == 128 + signal.SIGTERM
    assert ended.exists()


def test_what_was_compiled_is_kept_even_where_it_is_not_to_be(tmp_path: Path) -> None:
    (tmp_path / "some.py").write_text("x = 1\n")
    around = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tmp_path)}
    assert run([part("a", "import some")], around) == []
    assert not (tmp_path / "__pycache__").exists()
    assert run([part("a", "import some")], compiled_once(around)) == []
    assert list((tmp_path / "__pycache__").glob("some.*.pyc"))
