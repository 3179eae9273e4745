"""The parts of `make test` run side by side, tell what they said, and fail when one fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.at_once import Part, run

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
