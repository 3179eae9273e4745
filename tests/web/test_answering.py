"""The rows a lead answers with: those of the desk, with who named what beside them."""

from __future__ import annotations

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from app.shares import whole_percent
from app.web.pages.answering import answering
from app.web.pages.label_keys import label_keys

FEW = {place: f"label {place}" for place in range(1, 6)}
MANY = {place: f"label {place}" for place in range(1, 41)}


def rows(names: dict[int, str], given: int | None, **more: object) -> list[tuple[str, str, str]]:
    named = more.get("named", [])
    found = answering(names, given, named, more.get("model", []))  # type: ignore[arg-type]
    return [(one.name, one.by, one.keys) for one in found.choices]


def test_up_to_nine_labels_stand_in_schema_order_and_the_given_one_has_two_keys() -> None:
    assert rows(FEW, 3, named=[(2, "Reader 1")], model=[[2, 0.999], [3, 0.001]]) == [
        ("label 1", "", "1"),
        ("label 2", "Reader 1, model over 99%", "2"),
        ("label 3", "given, model under 1%", "3 a"),
        ("label 4", "", "4"),
        ("label 5", "", "5"),
    ]


def test_labels_that_are_digits_have_their_own_keys() -> None:
    names = dict(enumerate("3107", start=1))
    assert rows(names, 2) == [
        ("0", "", "0"),
        ("1", "given", "1 a"),
        ("3", "", "3"),
        ("7", "", "7"),
    ]
    every = dict(enumerate("0123456789", start=1))
    assert [row[2] for row in rows(every, None)] == list("0123456789")


def test_with_more_the_given_label_is_a_and_digits_follow_who_was_named() -> None:
    found = rows(MANY, 30, named=[(12, "Reader 1")], model=[[7, 0.6], [12, 0.3], [9, 0.01]])
    assert found == [
        ("label 30", "given", "a"),
        ("label 12", "Reader 1, model 30%", "1"),
        ("label 7", "model 60%", "2"),
    ]


def test_every_row_has_a_key_of_its_own_however_many_are_named() -> None:
    named = [(place, f"Reader {place}") for place in range(1, 21)]
    for given in (None, 40):
        keys = [row[2] for row in rows(MANY, given, named=named)]
        assert len(keys) == 9 and len(set(keys)) == 9 and all(keys)


def test_a_retired_label_cannot_be_chosen() -> None:
    assert "label 99" not in [row[0] for row in rows(MANY, 99, named=[(98, "Reader 1")])]


def test_nearly_all_and_nearly_nothing_are_not_called_all_and_nothing() -> None:
    assert [whole_percent(one) for one in (0, 0.004, 0.5, 0.996, 1)] == [
        "0%",
        "under 1%",
        "50%",
        "over 99%",
        "100%",
    ]


def test_twelve_labels_all_stand_there_and_thirteen_do_not() -> None:
    names = {place: f"label {place}" for place in range(1, 13)}
    assert [row[2] for row in rows(names, 12)] == [*"1234567890", "q", "w a"]
    assert [row[0] for row in rows(names | {13: "label 13"}, 12)] == ["label 12"]


def test_numbers_stand_in_their_natural_order() -> None:
    names = dict(enumerate(["10", "9", "2.5", "-1"], start=1))
    assert [row[0] for row in rows(names, None)] == ["-1", "2.5", "9", "10"]
    assert [row[2] for row in rows(names, None)] == ["1", "2", "9", "4"]


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["B", "C", "D"], ["b", "c", "d"]),
        (["B", "N", "D"], ["b", "2", "d"]),  # N writes the note
        (["B", "7", "x"], ["b", "7", "3"]),
        (["b", "B"], ["b", "2"]),
        (["2", "cat", "dog"], ["2", "q", "3"]),  # 2 is taken by the label of that name
        (["é", "日"], ["1", "2"]),  # not on every keyboard
    ],
)
def test_a_label_of_one_letter_or_digit_has_that_key(names: list[str], keys: list[str]) -> None:
    assert [row[2] for row in rows(dict(enumerate(names)), None)] == keys


@any_of(names=st.lists(st.text(alphabet="abAB12 xn", min_size=1, max_size=3), unique=True))
def test_no_two_labels_share_a_key(names: list[str]) -> None:
    keys = label_keys(dict(enumerate(names)), acting="axsenz")
    assert len(set(keys.values())) == len(keys) == (len(names) if len(names) <= 12 else 0)
    assert not {"", *"axsenz"} & set(keys.values())
