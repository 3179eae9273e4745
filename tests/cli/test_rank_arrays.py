"""P1 to P12 at `relabel rank`: nothing is scored that cannot be meant."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.nasty.array_cases import (
    COUNT,
    LOGITS,
    NAMES,
    ONE_HOT,
    STRUCTURED,
    bomb,
    changed,
    full,
    header_of,
    npy,
    npz,
    probs,
    twice,
)

THIRTY = {f"k{row}": NAMES[row % 3] for row in range(COUNT)}
DATA_ERROR = 65

Rank = Callable[..., tuple[int, str]]
Ranking = Callable[[], list[dict[str, str]]]


def damaged(values: bytes) -> bytes:
    """An .npz whose pred_probs are these bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("pred_probs.npy", values)
        packed.writestr("classes.npy", npy(np.array(NAMES)))
    return target.getvalue()


REFUSED = [
    ("P1", changed(4, 0, np.nan), "E501", "k4"),
    ("P1-infinity", changed(4, 0, np.inf), "E501", "k4"),
    ("P1-no-ids", npz(pred_probs=probs() * np.nan, classes=np.array(NAMES)), "E501", "row 1"),
    ("P2", changed(4, 0, -0.5), "E502", "k4"),
    ("P2-logits", full(LOGITS), "E502", "softmax"),
    ("P3", full(probs() * 0.9), "E503", "0.9"),
    ("P4", full(probs() * 100), "E504", "Divide them by 100"),
    ("P5", npz(pred_probs=probs(29), classes=np.array(NAMES)), "E505", "29 rows"),
    ("P5-twice", full(probs(), ids=np.array(["k0"] * COUNT)), "E505", "1 of them different"),
    ("P5-strange", full(probs(), ids=np.arange(COUNT)), "E505", "no id"),
    ("P5-short", full(probs(), ids=np.arange(7)), "E505", "7 ids"),
    ("P6", full(probs()[:, :2] / 0.9, names=NAMES[:2]), "E506", "no column for c"),
    ("P7", full(np.hstack([probs(), probs()]) / 2), "E506", "column 4 has no name"),
    ("P7-names", full(probs(), names=(*NAMES, "d")), "E506", "no column for d"),
    ("P7-twice", full(probs(), names=("a", "b", "a")), "E506", "2 columns are called a"),
    ("P8", npz(pred_probs=probs()), "E243", "classes is missing"),
    ("P9-object", full(probs().astype(object)), "E241", "objects"),
    ("P9-object-ids", full(probs(), ids=np.array(["k1"] * 30, dtype=object)), "E241", "objects"),
    ("P9-structured", full(STRUCTURED), "E508", "structured"),
    ("P9-one-dimension", full(np.ones(COUNT)), "E508", "1 dimensions"),
    ("P11-version", damaged(npy(probs(), (3, 0))), "E242", "version 3"),
    ("P11-cut", damaged(npy(probs())[:-7]), "E242", "bytes"),
    ("P11-huge", damaged(header_of("(10000000000000,)")), "E242", "bytes"),
    ("P12-extra", npz(pred_probs=probs(), classes=np.array(NAMES), x=probs()), "E243", "x does"),
    ("P12-missing", npz(probabilities=probs()), "E243", "pred_probs"),
    ("P12-twice", twice(), "E243", "twice"),
    ("P12-bomb", bomb(), "E216", "200 times"),
    ("P12-no-archive", npy(probs()), "E243", "exactly classes, pred_probs"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[0])
def test_probabilities_that_cannot_be_meant_are_data_errors_and_nothing_is_written(
    rank: Rank, tmp_path: Path, case: tuple[str, bytes, str, str]
) -> None:
    _, content, code, words = case
    (tmp_path / "ranking.csv").write_text("what was there before")
    ended, told = rank(content, THIRTY)
    assert ended == DATA_ERROR
    assert told.startswith(f"probs.npz: {code} ")
    assert words in told
    assert len(told.strip().splitlines()) == 2  # what happened, and what to do
    assert (tmp_path / "ranking.csv").read_text() == "what was there before"
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(full(probs() * 0.9995), "W503", id="P3-nearly"),
        pytest.param(full(probs(40)), "W505", id="P5-more"),
        pytest.param(full(probs()[:, ::-1], names=NAMES[::-1]), "", id="P8-named"),
        pytest.param(full(probs().astype(np.float16)), "W503", id="P9-float16"),
        pytest.param(full(probs().astype(">f8")), "", id="P9-bigendian"),
        pytest.param(full(np.asfortranarray(probs())), "", id="P9-fortran"),
        pytest.param(full(ONE_HOT), "W341", id="P10"),
    ],
)
def test_what_can_be_mended_is_ranked_and_told(
    rank: Rank, ranking: Ranking, content: bytes, code: str
) -> None:
    assert rank(full(probs()), THIRTY) == (0, "")
    plain = ranking()
    ended, told = rank(content, THIRTY)
    assert ended == 0
    assert told.startswith(code)
    assert bool(told) == bool(code)
    found = [row["id"] for row in ranking()]
    assert code == "W341" or found == [row["id"] for row in plain]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (npz(embeddings=np.eye(3, dtype=np.float32)), "E505"),
        (npz(embeddings=np.full((4, 2), np.nan)), "E501"),
        (npz(vectors=np.eye(4)), "E243"),
    ],
)
def test_embeddings_that_do_not_fit_are_data_errors(
    rank: Rank, tmp_path: Path, content: bytes, code: str
) -> None:
    (tmp_path / "near.npz").write_bytes(content)
    ended, told = rank(full(probs()), THIRTY, "--embeddings", "near.npz")
    assert ended == DATA_ERROR
    assert told.startswith(f"near.npz: {code} ")
    assert not (tmp_path / "ranking.csv").exists()
