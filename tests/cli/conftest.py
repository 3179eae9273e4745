"""`relabel rank` on files of a test."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import run

Rank = Callable[..., tuple[int, str]]
Ranking = Callable[[], list[dict[str, str]]]


@pytest.fixture
def rank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Rank:
    """Run the command on these labels and bytes; its exit code and what it said on stderr."""

    def ranked(content: bytes, labels: dict[str, str] | str, *more: str) -> tuple[int, str]:
        if isinstance(labels, dict):
            table = "id,label\n" + "".join(f"{name},{label}\n" for name, label in labels.items())
        else:
            table = labels
        (tmp_path / "labels.csv").write_text(table, encoding="utf-8")
        (tmp_path / "probs.npz").write_bytes(content)
        words = ["rank", "--labels", "labels.csv", "--pred-probs", "probs.npz"]
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["relabel", *words, "--out", "ranking.csv", *more])
        with pytest.raises(SystemExit) as ended:
            run()
        return int(ended.value.code or 0), capsys.readouterr().err

    return ranked


@pytest.fixture
def ranking(tmp_path: Path) -> Ranking:
    """Read what was written."""

    def rows() -> list[dict[str, str]]:
        with (tmp_path / "ranking.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return rows
