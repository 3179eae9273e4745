"""One rule for the names of labels at every door: a list, a column, a page, the API."""

from __future__ import annotations

import pytest

from app.datasets.labels import labels_of
from app.db.engine import reading
from app.db.words import ImportState
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast

NAMES = [
    "می\u200cخواهم",
    "👨\u200d👩\u200d👧",
    "ক্\u200dষ",
    "🏴\U000e0067\U000e0062\U000e007f",
    "a b",
]
BAD = ["two\nlines", "bell\u0007", "para\u2029graph", "x" * 201, "\u200b"]


def file(*labels: str) -> bytes:
    rows = [f'{n},متن {n},"{one}"\n' for n, one in enumerate(labels)]
    return ("id,text,label\n" + "".join(rows)).encode()


@each_door
def test_joiners_are_parts_of_words(cast: Cast, door: Door) -> None:
    listed = ("names.csv", ("name\n" + "\n".join(NAMES) + "\n").encode())
    alone = door(cast, Sent("a.csv", file(*NAMES)))
    assert alone.given == NAMES, alone.shown
    came = door(cast, Sent("a.csv", file(*NAMES), beside={"labels": listed}))
    assert (came.state, came.given) == (ImportState.DONE, NAMES), came.shown


@each_door
@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_what_is_no_name_is_none_anywhere(cast: Cast, door: Door, name: str) -> None:
    came = door(cast, Sent("a.csv", file("fine", name), {"label": "label"}))
    assert (came.given, came.codes["E309"]) == (["fine"], 1), came.shown
    listed = ("names.csv", f'name\nfine\n"{name}"\n'.encode())
    stopped = door(cast, Sent("a.csv", file("fine"), beside={"labels": listed}))
    assert stopped.codes.get("E306") == 1, stopped.shown


def test_a_label_that_is_added_by_hand(cast: Cast) -> None:
    url = f"/api/v1/projects/{cast.project.slug}/labels"
    for name in NAMES[:4]:
        assert cast.lead.post(url, json={"name": name}).status_code == 201, name
    for name in BAD:
        assert cast.lead.post(url, json={"name": name}).status_code in (400, 422), ascii(name)
    with reading(cast.engine) as session:
        there = {one.name for one in labels_of(session, cast.project.id)}
    assert set(NAMES[:4]) <= there
