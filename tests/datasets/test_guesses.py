"""A guess never costs a row, and a label column that was not found is a question."""

from __future__ import annotations

import pytest

from app.db.words import DataType, ImportState
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast


def csv(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


LONG = "Re: a very long subject line " * 10
GUESSED = {
    "the group is a subject line": csv(
        "subject,body,label",
        *(f"{LONG if n % 3 == 2 else 'Hello'},body of mail {n},{'ab'[n % 2]}" for n in range(12)),
    ),
    "the source is a web address": csv(
        "text,label,source",
        *(f"text of page {n},{'ab'[n % 2]},https://example.org/{'a' * 30 * n}" for n in range(12)),
    ),
    "the id repeats": csv(
        "idx,text,label", *(f"{n // 3},answer {n},{'ab'[n % 2]}" for n in range(12))
    ),
    "an id is empty": csv(
        "id,text,label", *(f"{n or ''},answer {n},{'ab'[n % 2]}" for n in range(12))
    ),
    "two annotators a task": csv(
        "text,id,label,annotator",
        *(f"thing {n // 2},{n // 2},{'ab'[n % 2]},{n % 2}" for n in range(12)),
    ),
    "the split is a sentence": csv(
        "text,label,set", *(f"text {n},{'ab'[n % 2]},{'long words ' * 10}{n}" for n in range(12))
    ),
}


@each_door
@pytest.mark.parametrize("kind", GUESSED)
def test_a_guessed_column_costs_no_row(cast: Cast, door: Door, kind: str) -> None:
    came = door(cast, Sent("a.csv", GUESSED[kind]))
    assert (came.state, came.given) == (ImportState.DONE, list("abababababab")), came.shown


@each_door
def test_a_guess_is_given_up_wherever_it_fails(cast: Cast, door: Door) -> None:
    rows = [f"{n},words of {n},{'ab'[n % 2]},p{n % 3}" for n in range(400)]
    rows[390] = "5,words of 390,a," + "x" * 300
    came = door(cast, Sent("a.csv", csv("id,text,label,patient", *rows)))
    assert (len(came.rows), came.codes["W150"]) == (400, 2), came.shown
    assert "E114" not in came.codes and "E118" not in came.codes
    for said in ("id as id", "“5” in row 392", "patient as group", "200 characters in row 392"):
        assert said in came.shown
    assert (came.rows[390].key, came.rows[390].columns["id"]) == ("row-392", "5")


@each_door
def test_a_chosen_column_keeps_its_power(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("a.csv", GUESSED["the id repeats"], {"id": "idx"}))
    assert [row.key for row in came.rows] == ["0", "1", "2", "3"], came.shown
    assert came.codes["E114"] == 8


DIGITS = csv(
    "text,digit,seen", *(f"some words {n},{n % 10},2024-01-{n % 28 + 1:02}" for n in range(40))
)


@each_door
def test_no_label_column_is_a_question_with_candidates(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("a.csv", DIGITS))
    assert (came.state, came.open) == (ImportState.STAGED, {"W350"}), came.shown
    assert "digit, 10 values" in came.shown
    told = door(cast, Sent("a.csv", DIGITS, {"choices": {"W350": "digit"}}))
    assert told.given == [str(n % 10) for n in range(40)], told.shown
    chosen = door(cast, Sent("a.csv", DIGITS, {"label": "digit"}))
    assert chosen.given == told.given, chosen.shown


@each_door
def test_no_label_is_one_answer(cast: Cast, door: Door) -> None:
    for said in ({"label": "-"}, {"choices": {"W350": "-"}}):
        came = door(cast, Sent("a.csv", DIGITS, said))
        assert came.state is ImportState.DONE, came.shown
        assert (came.given, came.labels) == ([None] * 40, [])


@each_door
def test_one_hot_columns_are_named(cast: Cast, door: Door) -> None:
    file = csv("text,toxic,insult", *(f"some text {n},{n % 2},{1 - n % 2}" for n in range(12)))
    came = door(cast, Sent("a.csv", file))
    assert came.open == {"W350"}, came.shown
    assert "toxic, insult hold 0 or 1" in came.shown and "one label" in came.shown


@each_door
def test_a_guessed_label_with_another_value_in_each_row_is_asked(cast: Cast, door: Door) -> None:
    rows = [f"some words {n},{n / 7:.4f},{'good' if n % 3 else 'bad'}" for n in range(60)]
    came = door(cast, Sent("a.csv", csv("text,target,mood", *rows)))
    assert (came.open, came.codes["W150"]) == ({"W350"}, 1), came.shown
    assert "target as label" in came.shown and "mood, 2 values" in came.shown
    words = [f"some words {n},w{n},{'good' if n % 3 else 'bad'}" for n in range(300)]
    late = door(cast, Sent("b.csv", csv("text,gold,mood", *words)))
    assert (late.open, late.codes["W150"]) == ({"W350"}, 1), late.shown


@each_door
def test_a_row_of_a_table_without_a_label_column(cast: Cast, door: Door) -> None:
    file = csv("size,color", *(f"{n}.5,{'red' if n % 2 else 'blue'}" for n in range(30)))
    came = door(cast, Sent("a.csv", file, data_type=DataType.TABULAR))
    assert came.open == {"W350"} and "color, 2 values" in came.shown, came.shown


@each_door
def test_a_label_inside_an_object_is_a_candidate(cast: Cast, door: Door) -> None:
    rows = "\n".join(f'{{"text": "words {n}", "is": {{"kind": {n % 2}}}}}' for n in range(8))
    came = door(cast, Sent("a.jsonl", rows.encode()))
    assert came.open == {"W350"} and "is.kind, 2 values" in came.shown, came.shown
    told = door(cast, Sent("b.jsonl", rows.encode(), {"choices": {"W350": "is.kind"}}))
    assert told.given == ["0", "1"] * 4, told.shown
