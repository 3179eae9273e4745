"""How labels are written on screens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.datasets.display_names import display_name, display_names, name_on_screen, shown_names
from app.db.tables.datasets import Label


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("card_arrival", "Card arrival"),
        ("Refund_not_showing_up", "Refund not showing up"),
        ("reverted_card_payment?", "Reverted card payment?"),
        ("__label__sports", "Sports"),
        ("__label__world_news", "World news"),
        ("élan_vital", "Élan vital"),
        ("日本_語", "日本 語"),
        ("NOT_SPAM", "NOT SPAM"),
        # no words joined by underscores: as it came
        ("cat", "cat"),
        ("Card arrival", "Card arrival"),
        ("non-spam", "non-spam"),
        ("iPhone", "iPhone"),
        ("7", "7"),
        ("1_2", "1_2"),
        ("_", "_"),
        ("_private", "_private"),
        ("en_US/travel_plans", "en_US/travel_plans"),
        ("x_y@example.org", "x_y@example.org"),
        ("", ""),
    ],
)
def test_words_joined_by_underscores_stand_apart(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_two_that_would_read_the_same_keep_the_names_they_came_with() -> None:
    names = {1: "card_arrival", 2: "Card arrival", 3: "top_up", 4: "top_up", 5: "cat"}
    assert display_names(names) == {
        1: "card_arrival",
        2: "Card arrival",
        3: "Top up",
        4: "Top up",  # a label that was merged reads as the one that stands for it
        5: "cat",
    }


@given(st.dictionaries(st.integers(), st.text(alphabet="aAbß_ ?", max_size=6), max_size=8))
def test_different_labels_never_read_the_same(names: dict[int, str]) -> None:
    shown = display_names(names)
    assert len(set(shown.values())) == len(set(names.values()))


def test_a_name_that_a_lead_chose_stands_before_all_others():
    made = [
        Label(id=1, name="card_arrival", display="Where is it"),
        Label(id=2, name="where_is_it"),
        Label(id=3, name="lost_card"),
    ]
    shown = shown_names(made)
    assert shown == {1: "Where is it", 2: "where_is_it", 3: "Lost card"}
    assert [shown[one].came for one in (1, 2, 3)] == ["card_arrival", "where_is_it", "lost_card"]
    assert (name_on_screen(made[0]), name_on_screen(made[2])) == ("Where is it", "Lost card")
