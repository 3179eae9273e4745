"""Tables of issues by cleanlab: known beside the data, refused in words where they are alone."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from cleanlab.classification import CleanLearning

from app.db.words import DataType, ImportState
from tests.datasets.doors import Came, Door, Sent, by_command, each_door
from tests.web.cast import Cast

TEXTS = ["where is my card", "top up failed", "card was eaten", "it is not topped up"]
GIVEN = ["card", "top_up", "top_up", "top_up"]
LIKELY = ["card", "top_up", "card", "top_up"]


def of_datalab(**more: list[object]) -> pd.DataFrame:
    """As `Datalab.get_issues("label")` gives it, joined with what `get_issues()` has."""
    flagged = [given != likely for given, likely in zip(GIVEN, LIKELY, strict=True)]
    columns = {"is_label_issue": flagged, "label_score": [0.91, 0.82, 0.03, 0.77]}
    columns |= {"given_label": GIVEN, "predicted_label": LIKELY}
    columns |= {"is_outlier_issue": [False] * 4, "outlier_score": [0.5, 0.6, 0.7, 0.8]}
    return pd.DataFrame({**more, **columns})


def of_clean_learning() -> pd.DataFrame:
    """What the library itself gives."""
    probs = np.array([[0.9, 0.1], [0.2, 0.8], [0.97, 0.03], [0.8, 0.2], [0.1, 0.9]] * 8)
    labels = np.array([0, 1, 1, 0, 1] * 8)
    finds = CleanLearning(find_label_issues_kwargs={"n_jobs": 1})
    return finds.find_label_issues(labels=labels, pred_probs=probs)


def as_csv(table: pd.DataFrame, *, index: bool = False) -> bytes:
    return table.to_csv(index=index).encode()


def as_parquet(table: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    table.to_parquet(sink)
    return sink.getvalue()


def is_known(came: Came) -> bool:
    return "W152" in came.codes and "table of issues by cleanlab" in came.shown


@each_door
@pytest.mark.parametrize("kind", ["csv", "index", "parquet"])
def test_beside_the_texts(cast: Cast, door: Door, kind: str) -> None:
    table = of_datalab(text=[*TEXTS])
    content = as_parquet(table) if kind == "parquet" else as_csv(table, index=kind == "index")
    came = door(cast, Sent("issues.parquet" if kind == "parquet" else "issues.csv", content))
    assert came.state is ImportState.DONE, came.shown
    assert is_known(came)
    assert [(row.content, row.given) for row in came.rows] == list(zip(TEXTS, GIVEN, strict=True))
    assert came.rows[2].columns["predicted_label"] == "card"
    assert came.rows[2].columns["label_score"] == "0.03"


@each_door
def test_the_label_of_the_file_where_cleanlab_names_none(cast: Cast, door: Door) -> None:
    table = of_datalab(text=[*TEXTS], label=[*GIVEN]).drop(
        columns=["given_label", "predicted_label"]
    )
    came = door(cast, Sent("issues.csv", as_csv(table)))
    assert is_known(came) and came.given == GIVEN, came.shown


@each_door
def test_the_label_of_the_file_beside_the_numbers_of_cleanlab(cast: Cast, door: Door) -> None:
    numbers = [0, 1, 1, 1]
    table = of_datalab(text=[*TEXTS], label=[*GIVEN]).assign(given_label=numbers)
    came = door(cast, Sent("issues.csv", as_csv(table)))
    assert is_known(came) and came.given == GIVEN, came.shown
    assert came.rows[0].columns["given_label"] == "0"


@each_door
def test_a_table_of_fields_shows_none_of_it(cast: Cast, door: Door) -> None:
    table = of_datalab(size=[4.2, 5.1, 4.4, 6.0], town=["Mainz", "Worms", "Kehl", "Mainz"])
    came = door(cast, Sent("t.csv", as_csv(table), data_type=DataType.TABULAR))
    assert came.state is ImportState.DONE, came.shown
    fields = json.loads(came.rows[0].content)["fields"]
    assert [name for name, _ in fields] == ["size", "town"]
    assert came.given == GIVEN


@each_door
def test_what_the_library_itself_writes(cast: Cast, door: Door) -> None:
    issues = of_clean_learning()
    data = pd.DataFrame({"text": [f"some words {n}" for n in range(len(issues))]})
    came = door(cast, Sent("issues.csv", as_csv(data.join(issues))))
    assert is_known(came) and came.given == ["0", "1", "1", "0", "1"] * 8, came.shown


ALONE = {
    "of Datalab": of_datalab,
    "of one kind": lambda: of_datalab()[["is_outlier_issue", "outlier_score"]],
    "of CleanLearning": of_clean_learning,
    "a mask": lambda: of_datalab()[["is_label_issue"]],
}


@each_door
@pytest.mark.parametrize("case", ALONE)
@pytest.mark.parametrize("data_type", [DataType.TEXT, DataType.TABULAR, DataType.IMAGE])
def test_alone_it_says_what_is_missing(
    cast: Cast, door: Door, case: str, data_type: DataType
) -> None:
    for index in (False, True) if data_type is DataType.TABULAR else (True,):
        content = as_csv(ALONE[case](), index=index)
        came = door(cast, Sent("issues.csv", content, data_type=data_type))
        assert set(came.codes) & {"E144", "E109"} == {"E144"}, came.shown
        assert "which rows are suspect" in came.shown
        assert door is by_command or "data.join(issues)" in came.shown  # it raises: words alone


@each_door
def test_a_column_that_only_sounds_like_it(cast: Cast, door: Door) -> None:
    content = b"text,label,is_open_issue\na b,x,True\nc d,y,False\n"
    came = door(cast, Sent("q.csv", content))
    assert came.given == ["x", "y"] and not is_known(came)
