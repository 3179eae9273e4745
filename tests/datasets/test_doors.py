"""The same file comes in the same at every door."""

from __future__ import annotations

from app.db.words import ImportState
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast

FILE = b"id,sentence,label\n1,where is my card,card\n2,top up failed,top_up\n3,broken\n"


@each_door
def test_the_good_rows_of_a_file(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("q.csv", FILE, {"text": "sentence"}))
    assert came.state is ImportState.DONE, came.shown
    assert [(row.key, row.content, row.given) for row in came.rows] == [
        ("1", "where is my card", "card"),
        ("2", "top up failed", "top_up"),
    ]
    assert came.codes["E110"] == 1


@each_door
def test_a_file_is_read_as_was_said(cast: Cast, door: Door) -> None:
    content = b"id;sentence;label\n1;one, two, three;card\n2;four, five, six;top_up\n"
    came = door(cast, Sent("q.csv", content, {"separator": "semicolon", "text": "sentence"}))
    assert [row.content for row in came.rows] == ["one, two, three", "four, five, six"]
    assert "W103" not in came.codes


@each_door
def test_an_open_question_stays_open(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("q.csv", b"id,text,label\n1,a b,cat\n2,c d,Cat\n", answers=False))
    assert (came.state, came.open) == (ImportState.STAGED, {"W304"})
    merged = door(
        cast,
        Sent(
            "q.csv",
            b"id,text,label\n1,a b,cat\n2,c d,cat\n3,e f,Cat\n",
            {"choices": {"W304": "merge"}},
        ),
    )
    assert merged.given == ["cat", "cat", "cat"], merged.shown
