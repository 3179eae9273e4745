"""`relabel rank` orders a file of labels, and says what it cannot score."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli.main import relabel
from app.errors import DataProblem, Failure, Invalid

CLASSES = np.array(["cat", "dog", "owl"])
PROBS = np.array(
    [[0.9, 0.05, 0.05], [0.02, 0.96, 0.02], [0.3, 0.3, 0.4], [0.05, 0.9, 0.05]], dtype=np.float32
)
LABELS = {"a": "cat", "b": "cat", "c": "owl", "d": "dog"}


def files(folder: Path, labels: dict[str, str] | None = None, **arrays: Any) -> tuple[str, ...]:
    table = folder / "labels.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "label"), *(labels or LABELS).items()])
    stored = {"pred_probs": PROBS, "classes": CLASSES} | arrays
    np.savez(folder / "probs.npz", **stored)
    return (
        *("--labels", str(table)),
        *("--pred-probs", str(folder / "probs.npz")),
        *("--out", str(folder / "ranking.csv")),
    )


def rank(folder: Path, *arguments: str) -> list[dict[str, str]]:
    result = CliRunner().invoke(relabel, ["rank", *arguments])
    if isinstance(result.exception, Failure):
        raise result.exception
    assert result.exit_code == 0, result.output
    with (folder / "ranking.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_wrong_label_comes_first_with_what_it_should_be(tmp_path: Path) -> None:
    rows = rank(tmp_path, *files(tmp_path))
    assert list(rows[0]) == [
        "id",
        "rank",
        "priority",
        "label_quality",
        "difficulty",
        "suggested_label",
    ]
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    assert (rows[0]["id"], rows[0]["suggested_label"]) == ("b", "dog")
    assert float(rows[0]["label_quality"]) == pytest.approx(0.02, abs=1e-6)
    assert {row["id"] for row in rows} == set(LABELS)


def test_rows_are_joined_by_id_whatever_their_order(tmp_path: Path) -> None:
    plain = rank(tmp_path, *files(tmp_path))
    order = [3, 1, 0, 2]
    ids = np.array(sorted(LABELS))[order]
    assert rank(tmp_path, *files(tmp_path, pred_probs=PROBS[order], ids=ids)) == plain


def test_what_cannot_be_scored_stands_last_without_a_rank(tmp_path: Path) -> None:
    probs = PROBS.copy()
    probs[0] = np.nan
    rows = rank(tmp_path, *files(tmp_path, LABELS | {"d": "emu"}, pred_probs=probs))
    assert [row["id"] for row in rows[2:]] == ["a", "d"]
    assert all(row["rank"] == row["priority"] == "" for row in rows[2:])


@pytest.mark.parametrize("method", ["phi", "random", "self_confidence"])
def test_other_methods_rank_too(tmp_path: Path, method: str) -> None:
    assert len(rank(tmp_path, *files(tmp_path), "--method", method)) == 4


def test_neighbours_are_averaged_in(tmp_path: Path) -> None:
    plain = rank(tmp_path, *files(tmp_path))
    np.savez(tmp_path / "emb.npz", embeddings=np.eye(4, dtype=np.float32) + 0.1)
    near = rank(tmp_path, *files(tmp_path), "--embeddings", str(tmp_path / "emb.npz"))
    assert near != plain
    assert {row["id"] for row in near} == set(LABELS)


@pytest.mark.parametrize(
    ("arrays", "code"),
    [
        ({"pred_probs": PROBS[:3]}, "E505"),
        ({"ids": np.array(["a", "a", "b", "c"])}, "E505"),
        ({"classes": np.array(["cat", "dog"])}, "E506"),
        ({"classes": np.array(["cat", "dog", "dog"])}, "E506"),
        ({"pred_probs": PROBS * 100}, "E503"),
        ({"classes": np.array(["cat", "dog", "owl"], dtype=object)}, "E242"),
    ],
)
def test_arrays_that_do_not_fit_are_data_errors(
    tmp_path: Path, arrays: dict[str, Any], code: str
) -> None:
    with pytest.raises(DataProblem) as refused:
        rank(tmp_path, *files(tmp_path, **arrays))
    assert refused.value.code == code
    assert refused.value.next_step


def test_labels_need_a_header_and_ids_of_their_own(tmp_path: Path) -> None:
    arguments = files(tmp_path)
    for content in ("cat,dog\n", "id,label\na,cat\na,dog\n", 'id,label\n"a,cat\n'):
        (tmp_path / "labels.csv").write_text(content)
        with pytest.raises(DataProblem):
            rank(tmp_path, *arguments)


def test_an_unknown_method_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        rank(tmp_path, *files(tmp_path), "--method", "luck")
