"""Rows of several annotators: uneven ones, bad ones, typed ones; every row has its count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db.engine import reading
from app.db.tables.datasets import DataImport, LeftOut
from app.db.words import ImportState
from app.releases.verify import verify
from tests.datasets.doors import Came, Door, Sent, by_api, each_door
from tests.releases.shelves import by_api as release_by_api
from tests.web.cast import Cast

MOST = {"source": "annotator", "choices": {"W352": "most"}}
HEAD = "id,text,label,annotator"
Labels = list[tuple[str, str | None]]


def said(**choices: str) -> dict[str, Any]:
    return {"source": "annotator", "choices": {"W352": "most", **choices}}


def long_table(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows, ""]).encode()


def labels(came: Came) -> Labels:
    return [(row.key, row.given) for row in came.rows]


def left_out(cast: Cast, came: Came) -> list[tuple[int, str]]:
    """The lines of the list of rows that are left out."""
    with reading(cast.engine) as session:
        query = select(LeftOut.row, LeftOut.code).join(DataImport).order_by(LeftOut.row)
        rows = session.execute(query.where(DataImport.project_id == came.project.id)).all()
        return [(row, code) for row, code in rows]


GOOD = ("1,aa bb,pos,ann", "1,aa bb,neg,bob", "2,cc dd,neg,ann", "2,cc dd,neg,bob")


@each_door
def test_a_vote_that_ends_early_is_a_vote(cast: Cast, door: Door) -> None:
    """Who gave it is missing, and nothing that the example needs."""
    came = door(cast, Sent("v.csv", long_table(*GOOD, "1,aa bb,neg"), MOST))
    assert labels(came) == [("1", "neg"), ("2", "neg")], came.shown
    assert came.rows[0].columns["all_labels"] == "ann: pos; bob: neg; : neg"
    assert (came.codes["W172"], left_out(cast, came)) == (1, [])


@each_door
def test_an_id_that_was_chosen_may_repeat_too(cast: Cast, door: Door) -> None:
    table = long_table(*GOOD, head="item,comment,rating,rater")
    roles = {"id": "item", "text": "comment", "label": "rating", "source": "rater"}
    asked = door(cast, Sent("v.csv", table, roles, answers=False))
    assert asked.open == {"W352"}, asked.shown
    came = door(cast, Sent("v.csv", table, roles))
    assert labels(came) == [("1", "pos"), ("2", "neg")] and "E114" not in came.codes, came.shown


@each_door
def test_uneven_votes_are_one_question(cast: Cast, door: Door) -> None:
    rows = (*GOOD, "1,aa, bb,neg,cy", "3,ee", "3,ee,pos,ann")
    asked = door(cast, Sent("v.csv", long_table(*rows), MOST))
    assert labels(asked) == [("1", "pos"), ("2", "neg"), ("3", "pos")], asked.shown
    assert asked.codes["E110"] == 2 and "E114" not in asked.codes
    assert left_out(cast, asked) == [(6, "E110"), (7, "E110")]
    joined = door(cast, Sent("v.csv", long_table(*rows), said(E110="join")))
    assert labels(joined) == [("1", "neg"), ("2", "neg"), ("3", "pos")], joined.shown
    assert left_out(cast, joined) == [(7, "E110")]
    filled = door(cast, Sent("v.csv", long_table(*rows), said(E110="fill", E301="unlabeled")))
    assert labels(filled) == [("1", "pos"), ("2", "neg"), ("3", "pos")], filled.shown
    assert left_out(cast, filled) == [(6, "E110")]


@each_door
def test_trailing_separators_in_votes(cast: Cast, door: Door) -> None:
    rows = [f"{row},," if at % 2 else row for at, row in enumerate(GOOD)]
    came = door(cast, Sent("v.csv", long_table(*rows), MOST))
    assert labels(came) == [("1", "pos"), ("2", "neg")], came.shown
    assert came.rows[0].columns["all_labels"] == "ann: pos; bob: neg"
    assert came.codes["W173"] == 2 and left_out(cast, came) == []


WIDE = "text,label_1,label_2,label_3\n" + "".join(
    f"thing {at},good,{'good' if at % 2 else 'bad'},bad\n" for at in range(8)
)


@each_door
def test_uneven_rows_of_a_column_for_each_annotator(cast: Cast, door: Door) -> None:
    rows = "short one,good,good\nlong, one,bad,good,bad\nnobody said\nover,bad,bad,good,,\n"
    choices = {"W350": "*", "E301": "unlabeled"}
    came = door(cast, Sent("w.csv", (WIDE + rows).encode(), {"choices": choices}))
    assert [row.content for row in came.rows[8:]] == ["short one", "over"], came.shown
    assert came.given[8:] == ["good", "bad"]
    assert left_out(cast, came) == [(11, "E110"), (12, "E110")]
    choices |= {"E110": "join"}
    joined = door(cast, Sent("w.csv", (WIDE + rows).encode(), {"choices": choices}))
    assert [row.content for row in joined.rows[8:]] == ["short one", "long, one", "over"]
    assert joined.given[8:] == ["good", "bad", "bad"]
    choices |= {"E110": "fill"}
    filled = door(cast, Sent("w.csv", (WIDE + rows).encode(), {"choices": choices}))
    assert [row.content for row in filled.rows[8:]] == ["short one", "nobody said", "over"]
    assert filled.given[8:] == ["good", None, "bad"], filled.shown


BAD_FIRST: Mapping[str, tuple[str, str]] = {
    "no label": ("1,aa bb,,ann", "E301"),
    "two labels": ('1,aa bb,"[""a"", ""b""]",ann', "E310"),
    "a label of several lines": ('1,aa bb,"x\ny",ann', "E309"),
    "a NUL": ("1,aa\0bb,pos,ann", "E101"),
    "a long name": (f"1,aa bb,pos,{'a' * 400}", "E118"),
    "too many cells": ("1,aa, bb,pos,ann", "E110"),
}


@each_door
@pytest.mark.parametrize("kind", BAD_FIRST)
def test_an_id_whose_first_row_is_bad_is_made_of_the_others(
    cast: Cast, door: Door, kind: str
) -> None:
    first, code = BAD_FIRST[kind]
    rows = ("0,zz,pos,ann", first, "1,aa bb,neg,bob", "1,aa bb,neg,cy", "1,aa bb,pos,dan")
    came = door(cast, Sent("v.csv", long_table(*rows, "0,zz,pos,bob"), MOST))
    assert labels(came) == [("0", "pos"), ("1", "neg")], came.shown
    assert came.rows[1].columns["all_labels"] == "bob: neg; cy: neg; dan: pos"
    assert came.codes[code] == 1 and left_out(cast, came) == [(3, code)]
    assert came.codes["W353"] == 3  # 6 rows: 2 examples, 1 left out, 3 more labels


@each_door
def test_an_id_whose_first_row_has_no_text(cast: Cast, door: Door) -> None:
    texts = [None, {"a": 1}, "aa bb", None, "aa bb"]
    rows = [{"id": 1, "text": text, "label": "np"[at % 2], "annotator": at}
            for at, text in enumerate(texts)]  # fmt: skip
    content = "\n".join(map(json.dumps, rows)).encode()
    came = door(cast, Sent("v.jsonl", content, MOST))
    assert [(row.content, row.given) for row in came.rows] == [("aa bb", "n")], came.shown
    assert left_out(cast, came) == [(1, "E301"), (2, "E127")]
    assert came.rows[0].columns["all_labels"] == "2: n; 3: p; 4: n"


@each_door
def test_every_row_of_an_id_without_a_good_one_is_told(cast: Cast, door: Door) -> None:
    rows = ("1,aa,,ann", "1,aa,,bob", "2,cc,neg,ann", "2,cc,,bob")
    came = door(cast, Sent("v.csv", long_table(*rows), MOST))
    assert labels(came) == [("2", "neg")], came.shown
    assert left_out(cast, came) == [(2, "E301"), (3, "E301"), (5, "E301")]
    kept = door(cast, Sent("v.csv", long_table(*rows, "3,dd,,ann"), said(E301="unlabeled")))
    assert labels(kept) == [("1", None), ("2", "neg"), ("3", None)], kept.shown


@each_door
def test_votes_of_labels_that_are_the_same(cast: Cast, door: Door) -> None:
    rows = ("1,aa,dog,ann", "1,aa,Cat,bob", "1,aa,cat,cy", "1,aa,dog,dan", "1,aa,cat,eve")
    came = door(cast, Sent("v.csv", long_table(*rows, "2,bb,dog,ann"), said(W304="merge")))
    assert came.labels == ["cat", "dog"] and came.given == ["cat", "dog"], came.shown
    asked = door(cast, Sent("v.csv", long_table(*rows, "2,bb,dog,ann"), MOST, answers=False))
    assert asked.open == {"W304"}


TYPED = [
    {"id": 7, "text": "aa bb", "label": 2, "annotator": 1},
    {"id": 7, "text": "aa bb", "label": 1, "annotator": 2},
    {"id": 7, "text": "aa bb", "label": 1, "annotator": 3},
    {"id": 8, "text": "cc dd", "label": 2, "annotator": 1},
    {"id": 8, "text": "cc dd", "label": None, "annotator": 2},
    {"id": 9, "text": "ee ff", "label": None, "annotator": 1},
    {"id": 9, "text": "ee ff", "label": None, "annotator": 2},
]
RELABELED: Mapping[str, Mapping[Any, Any]] = {
    "integers": {2: 2, 1: 1},
    "texts of digits": {2: "2", 1: "1"},
    "truths": {2: True, 1: False},
    "decimals": {2: 2.5, 1: 1.5},
    "lists": {2: ["b"], 1: ["a"]},
}


@pytest.mark.parametrize("kind", RELABELED)
def test_votes_go_out_as_they_came(cast: Cast, tmp_path: Path, kind: str) -> None:
    forms = {**RELABELED[kind], None: None}
    rows = [{**row, "label": forms[row["label"]]} for row in TYPED]
    content = "\n".join(map(json.dumps, rows)).encode()
    came = by_api(cast, Sent("v.jsonl", content, said(E301="unlabeled")))
    assert came.state is ImportState.DONE, came.shown
    made = release_by_api(cast, came.project, tmp_path, "jsonl")
    assert verify(made).sound
    out = [json.loads(line) for line in (made / "data.jsonl").read_text().splitlines()]
    assert [row["label"] for row in out] == [forms[1], forms[2], None]
    assert [type(row["id"]) for row in out] == [int] * 3
    assert [row["annotator"] for row in out] == [2, 1, 1]


@each_door
def test_numbers_in_votes_are_the_labels_they_are(cast: Cast, door: Door) -> None:
    content = "\n".join(map(json.dumps, TYPED)).encode()
    came = door(cast, Sent("v.jsonl", content, said(E301="unlabeled")))
    assert labels(came) == [("7", "1"), ("8", "2"), ("9", None)], came.shown
    assert came.codes["W301"] == 1
    mixed = [{**row, "label": 1.0 if row["annotator"] == 2 else row["label"]} for row in TYPED]
    content = "\n".join(map(json.dumps, mixed)).encode()
    came = door(cast, Sent("v.jsonl", content, said(E301="unlabeled")))
    assert came.given == ["1", "2", "1"], came.shown


def test_labels_of_columns_of_annotators_keep_their_type(cast: Cast, tmp_path: Path) -> None:
    rows = [{"text": f"thing {at}", "label_1": 2, "label_2": at % 3, "label_3": at % 3}
            for at in range(9)]  # fmt: skip
    content = "\n".join(map(json.dumps, rows)).encode()
    came = by_api(cast, Sent("w.jsonl", content, {"choices": {"W350": "*"}}))
    assert came.given == ["0", "1", "2"] * 3, came.shown
    made = release_by_api(cast, came.project, tmp_path, "jsonl")
    out = [json.loads(line) for line in (made / "data.jsonl").read_text().splitlines()]
    assert [row["label"] for row in out] == [0, 1, 2] * 3
