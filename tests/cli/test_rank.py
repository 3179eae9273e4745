"""`relabel rank` orders a file of labels, joined by id, and says what it left aside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.nasty.array_cases import npz

COLUMNS = ["id", "rank", "priority", "label_quality", "difficulty", "suggested_label"]
CLASSES = np.array(["cat", "dog", "owl"])
PROBS = np.array(
    [[0.9, 0.05, 0.05], [0.02, 0.96, 0.02], [0.3, 0.3, 0.4], [0.05, 0.9, 0.05]], dtype=np.float32
)
LABELS = {"a": "cat", "b": "cat", "c": "owl", "d": "dog"}
DATA_ERROR = 65

Rank = Callable[..., tuple[int, str]]
Ranking = Callable[[], list[dict[str, str]]]


def archive(**arrays: Any) -> bytes:
    return npz(**({"pred_probs": PROBS, "classes": CLASSES} | arrays))


def test_the_wrong_label_comes_first_with_what_it_should_be(rank: Rank, ranking: Ranking) -> None:
    assert rank(archive(), LABELS) == (0, "")
    rows = ranking()
    assert list(rows[0]) == COLUMNS
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    assert (rows[0]["id"], rows[0]["suggested_label"]) == ("b", "dog")
    assert float(rows[0]["label_quality"]) == pytest.approx(0.02, abs=1e-6)
    assert {row["id"] for row in rows} == set(LABELS)
    priorities = [float(row["priority"]) for row in rows]
    assert priorities == sorted(priorities, reverse=True)


def as_process(folder: Path, *prefix: str) -> subprocess.CompletedProcess[str]:
    """Rank the four rows as a person would, with an earlier ranking in place."""
    (folder / "labels.csv").write_text("id,label\na,cat\nb,cat\nc,owl\nd,dog\n")
    (folder / "probs.npz").write_bytes(archive())
    (folder / "ranking.csv").write_text("an earlier one")
    words = "--labels labels.csv --pred-probs probs.npz --out ranking.csv --method vpv --eps 0.3"
    return subprocess.run(
        [*prefix, sys.executable, "-m", "app.cli.main", "rank", *words.split()],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_needs_no_database_and_leaves_one_file(tmp_path: Path) -> None:
    done = as_process(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "4 of 4 rows are ranked in ranking.csv.\n"
    assert (tmp_path / "ranking.csv").read_text().startswith(",".join(COLUMNS))
    assert len(list(tmp_path.iterdir())) == 3


def test_a_ranking_that_cannot_be_written_whole_leaves_the_earlier_one(tmp_path: Path) -> None:
    done = as_process(tmp_path, "sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
    assert done.returncode == 1
    assert "could not be written" in done.stderr
    assert (tmp_path / "ranking.csv").read_text() == "an earlier one"
    assert len(list(tmp_path.iterdir())) == 3


def test_rows_are_joined_by_id_whatever_their_order(rank: Rank, ranking: Ranking) -> None:
    rank(archive(), LABELS)
    plain = ranking()
    order = [3, 1, 0, 2]
    ids = np.array(sorted(LABELS))[order]
    assert rank(archive(pred_probs=PROBS[order], ids=ids), LABELS) == (0, "")
    assert ranking() == plain


def test_ties_stand_in_the_order_of_the_file(rank: Rank, ranking: Ranking) -> None:
    names = dict.fromkeys("zyxw", "cat")
    assert rank(archive(pred_probs=np.tile(PROBS[1], (4, 1))), names)[0] == 0
    assert [row["id"] for row in ranking()] == list("zyxw")


def test_what_cannot_be_scored_stands_last_with_empty_numbers_and_is_told(
    rank: Rank, ranking: Ranking
) -> None:
    labels = {"lost": "cat", "blank": "", **LABELS}
    ids = np.array([*LABELS, "blank"])
    code, told = rank(archive(pred_probs=np.vstack([PROBS, PROBS[:1]]), ids=ids), labels)
    assert code == 0
    assert "1 row cannot be scored and stands last, no probabilities: lost." in told
    assert "1 row cannot be scored and stands last, no label: blank." in told
    rows = ranking()
    assert [row["id"] for row in rows[4:]] == ["lost", "blank"]
    assert all(row[column] == "" for row in rows[4:] for column in COLUMNS[1:])
    assert [row["rank"] for row in rows[:4]] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("method", ["phi", "random", "self_confidence"])
def test_other_methods_rank_too(rank: Rank, ranking: Ranking, method: str) -> None:
    assert rank(archive(), LABELS, "--method", method) == (0, "")
    assert len(ranking()) == 4


def test_the_labels_of_neighbors_are_averaged_in_without_the_row_itself(
    rank: Rank, ranking: Ranking, tmp_path: Path
) -> None:
    (tmp_path / "near.npz").write_bytes(
        npz(embeddings=np.eye(4, dtype=np.float32) + 0.1, ids=np.array(list("dcba")))
    )
    assert rank(archive(), LABELS, "--embeddings", "near.npz") == (0, "")
    quality = {row["id"]: float(row["label_quality"]) for row in ranking()}
    # Each of the four has the three others as neighbors: a shares its label with b alone.
    assert quality["a"] == pytest.approx((0.9 + 1 / 3) / 2, abs=1e-6)
    assert quality["d"] == pytest.approx((0.9 + 0) / 2, abs=1e-6)


def test_a_class_no_row_is_given_is_named(rank: Rank) -> None:
    code, told = rank(archive(), {"a": "cat", "b": "cat", "c": "cat", "d": "cat"})
    assert (code, told) == (0, "2 classes are given to no row: dog, owl.\n")


def test_one_class_is_told_to_have_nothing_to_compare(rank: Rank, ranking: Ranking) -> None:
    content = npz(pred_probs=np.ones((2, 1)), classes=np.array(["cat"]))
    code, told = rank(content, {"a": "cat", "b": "cat"})
    assert code == 0
    assert "one class only" in told
    assert [row["id"] for row in ranking()] == ["a", "b"]


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        ("cat,dog\na,cat\n", "E109"),
        ("id,label\na,cat\na,dog\n", "E114"),
        ("id,label\n,cat\n", "E115"),
        ('id,label\n"a,cat\n', "E111"),
        ("id,label\na,cat,dog\n", "E110"),
        ("id,label\n", "E106"),
        ("", "E105"),
    ],
)
def test_labels_that_cannot_be_read_are_data_errors(rank: Rank, labels: str, code: str) -> None:
    ended, told = rank(archive(), labels)
    assert ended == DATA_ERROR
    assert told.startswith(f"labels.csv: {code} ")


@pytest.mark.parametrize(
    "more",
    [("--method", "luck"), ("--eps", "0.7"), ("--embeddings", "nowhere.npz")]
    + [("--out", out) for out in ("labels.csv", "nowhere/ranking.csv", ".")],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    rank: Rank, tmp_path: Path, more: tuple[str, ...]
) -> None:
    code, told = rank(archive(), LABELS, *more)
    assert code == 1
    assert told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "probs.npz"]
