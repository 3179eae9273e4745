"""A person's own keys for the desk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.accounts.keys import (
    ACTIONS,
    KeysClash,
    bind_keys,
    default_keys,
    desk_keys,
    keys_of,
    switch_single_keys,
)
from app.accounts.people import Newcomer, create_person, person_by_id
from app.db.engine import writing
from app.errors import Invalid
from tests.web.cast import NOON


@pytest.fixture
def person(engine: Engine) -> int:
    with writing(engine) as session:
        return create_person(session, Newcomer("Amira", "amira@example.org"), now=NOON).id


def test_only_what_differs_from_the_defaults_is_kept(engine: Engine, person: int):
    everything = {action: key for action, (_, key) in ACTIONS.items()}
    with writing(engine) as session:
        bind_keys(session, person, everything | {"skip": "J", "earlier": "pageup"})
        switch_single_keys(session, person, False)
        kept = person_by_id(session, person).preferences
    assert kept == {"keys": {"skip": "j", "earlier": "PageUp"}, "single_keys": False}
    with writing(engine) as session:
        bind_keys(session, person, {"skip": "s"})
        assert keys_of(session, person)["earlier"].cap == "PgUp"
        default_keys(session, person)
        found = keys_of(session, person)
    assert found.bound == desk_keys({}).bound
    assert not found.single, "the switch is no key"


def test_two_actions_on_one_key_are_named(engine: Engine, person: int):
    with writing(engine) as session, pytest.raises(KeysClash) as clash:
        bind_keys(session, person, {"skip": "n"})
    assert clash.value.detail == "N cannot do two things: “Skip” and “Note” clash."
    assert clash.value.actions == ("skip", "note")
    with writing(engine) as session:  # both at once is an exchange
        found = bind_keys(session, person, {"skip": "N", "note": "S"})
    assert (found["skip"].key, found["note"].key) == ("n", "s")


@pytest.mark.parametrize(
    "typed",
    [
        "1",
        "9",
        "Enter",
        "escape",
        "Esc",
        " ",
        "",
        "ab",
        "Tab",
        "F1",
        "Shift+1",
        "Shift+Home",
        "\u0301",
        "\u200b",
        "Shift+",
        "\n",
        "ctrl+a",
        "Space",
    ],
)
def test_some_keys_cannot_be_bound(engine: Engine, person: int, typed: str):
    with writing(engine) as session, pytest.raises(KeysClash) as refused:
        bind_keys(session, person, {"skip": typed})
    assert "“Skip”" in refused.value.detail


@pytest.mark.parametrize(
    ("typed", "key", "cap", "shortcut"),
    [
        ("j", "j", "J", "J"),
        ("J", "j", "J", "J"),
        ("shift+j", "Shift+j", "⇧J", "Shift+J"),
        ("é", "é", "É", "É"),
        ("ф", "ф", "Ф", "Ф"),
        ("−", "-", "−", "-"),
        (";", ";", ";", ";"),
        ("0", "0", "0", "0"),
        ("delete", "Delete", "Del", "Delete"),
        ("arrowup", "ArrowUp", "↑", "ArrowUp"),
    ],
)
def test_letters_signs_and_names_can_be(
    engine: Engine, person: int, typed: str, key: str, cap: str, shortcut: str
):
    with writing(engine) as session:
        found = bind_keys(session, person, {"skip": typed, "out": "_"})["skip"]
    assert (found.key, found.cap, found.shortcut) == (key, cap, shortcut)


def test_an_unknown_action_is_refused(engine: Engine, person: int):
    with writing(engine) as session, pytest.raises(Invalid):
        bind_keys(session, person, {"fly": "j"})


@given(kept=st.dictionaries(st.sampled_from(sorted(ACTIONS)), st.sampled_from("bdhjpqrtuvwy")))
def test_every_action_has_a_key_with_a_cap(kept: dict[str, str]):
    found = desk_keys({"keys": kept})
    assert set(found.bound) == set(ACTIONS)
    assert all(one.cap and one.words and one.typed for one in found.bound.values())


def test_the_defaults_are_apart():
    keys = [key for _, key in ACTIONS.values()]
    assert len(set(keys)) == len(keys)
