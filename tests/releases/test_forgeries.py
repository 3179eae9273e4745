"""Whoever forges a release is found out without the head hash, unless the log was written anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import relabel
from app.releases.verify import Verified, verify
from tests.releases.forgeries import FORGERIES, REWRITTEN

ENOUGH = 57


def files_named(found: Verified) -> set[str]:
    return {problem.file for problem in found.problems.listed}


def test_there_are_enough() -> None:
    assert len(FORGERIES) >= ENOUGH and len(REWRITTEN) == 3


def test_nothing_is_wrong_before(made: Path) -> None:
    for way in {forgery.way for forgery in FORGERIES.values()}:
        assert verify(made / way).problems.lines() == []


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_and_the_file_named(made: Path, forge, name: str) -> None:
    forgery = FORGERIES[name]
    place = forge(forgery).place
    found = verify(place)
    assert forgery.names in files_named(found), found.problems.lines()
    kept = verify(made / forgery.way).head
    assert not verify(place, head=kept).sound


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_log_written_anew_is_found_by_the_head_alone(made: Path, forge, name: str) -> None:
    place = forge(REWRITTEN[name]).place
    assert verify(place).problems.lines() == []
    found = verify(place, head=verify(made / REWRITTEN[name].way).head)
    assert files_named(found) == {"events.jsonl"}


def test_the_command_refuses_a_forgery_with_65(forge) -> None:
    place = forge(FORGERIES["rows: another text"]).place
    said = CliRunner().invoke(relabel, ["verify", str(place)])
    assert said.exit_code == 65
    assert "data.jsonl, row 3" in said.output and "not what was imported" in said.output
