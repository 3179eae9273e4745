"""The sentence on the desk is made of what fired; what says more comes first."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from app.db.words import Mode, Role
from app.ranking.signal_names import SIGNAL_WORDS, SIGNALS, mask_of
from app.review.batches.batch import rule_in_words
from app.review.serving.why import why
from tests.review.conftest import make_world
from tests.review.test_cards import shown

GIVEN, OTHER = 1, 2
SURE = {"top": GIVEN, "p_top": 0.9, "p_given": 0.9, "difficulty": 0.1, "difficulty_share": 0.8}


def said(facts: dict[str, Any], *signals: str, given: int | None = GIVEN) -> str:
    pieces = why(
        SURE | facts, [[GIVEN, 0.9], [OTHER, 0.1]], given, rule="by priority", signals=signals
    )
    return "".join(f"<{part}>" if kind == "label" else part for kind, part in pieces)


@pytest.mark.parametrize(
    ("facts", "signals", "sentence"),
    [
        ({}, (), "Picked by the batch rule: by priority."),
        ({"picture": ["blank"]}, ("picture",), "The picture is blank."),
        (
            {"picture": ["blurred", "odd_size"]},
            ("picture", "outlier"),
            "The picture is blurred and has an unusual size or shape.",
        ),
        (
            {"same_content": [3, 2]},
            ("duplicates",),
            "The same content appears 3 times with 2 different labels.",
        ),
        (
            {"same_content": [3, 2]},
            ("annotators", "duplicates"),
            "The same content appears 3 times with 2 different labels. "
            "They come from different sources.",
        ),
        (
            {"same_content": [3, 1]},
            ("annotators", "duplicates"),
            "This content came with different labels from different sources.",
        ),
        (
            {"nearly_same": [4, 2]},
            ("near_duplicates", "leakage"),
            "Nearly the same content appears 4 times with 2 different labels.",
        ),
        (
            {"splits": ["test", "train"], "split_content": "same"},
            ("leakage",),
            "The same content is in test and train.",
        ),
        (
            {"splits": ["dev", "test", "train"], "split_content": "nearly the same"},
            ("leakage",),
            "Nearly the same content is in dev, test and train.",
        ),
        (
            {"neighbours_used": 15, "neighbours_top": [OTHER, 9]},
            ("neighbours", "outlier"),
            "9 of the 15 most similar examples are labeled <2>.",
        ),
        ({}, ("outlier", "loss"), "It is unlike most other examples labeled <1>."),
        ({}, ("loss",), "Several models that never saw this label all found <1> unlikely."),
    ],
)
def test_each_signal_has_its_sentence(
    facts: dict[str, Any], signals: tuple[str, ...], sentence: str
) -> None:
    assert said(facts, *signals) == sentence


def test_what_a_model_says_comes_first_and_a_faulty_picture_before_a_hard_choice() -> None:
    against = {"top": OTHER, "p_top": 0.8, "p_given": 0.1, "picture": ["blank"]}
    assert said(against, *SIGNALS).startswith("A model that never saw this label gives <1> 10%")
    hard = {"difficulty_share": 0.05, "picture": ["blank"]}
    assert said(hard, "picture") == "The picture is blank."
    assert said(hard).startswith("The model is split between <1> and <2>.")
    assert said({}, given=None).startswith("This example has no label yet. A model gives <1> 90%.")


def test_facts_without_their_signal_and_signals_without_their_facts_say_nothing() -> None:
    facts = {"picture": ["blank"], "splits": ["a", "b"], "nearly_same": [2, 2]}
    assert said(facts) == said({}, "picture", "leakage", "near_duplicates", "neighbours")
    assert said({}) == "Picked by the batch rule: by priority."


def test_no_sentence_and_no_word_calls_an_example_wrong() -> None:
    words = " ".join([*SIGNAL_WORDS.values(), *(said({}, name) for name in SIGNALS)]).lower()
    assert "error" not in words and "wrong" not in words
    assert tuple(SIGNAL_WORDS) == SIGNALS


@pytest.mark.parametrize("mode", list(Mode))
def test_what_is_hidden_tells_no_signal(engine: Engine, mode: Mode) -> None:
    facts = {"splits": ["test", "train"], "split_content": "same"}
    fired = mask_of(["leakage"])
    card = shown(engine, [{"text": "a"}, {"text": "b"}], mode, signals=fired, **facts)
    open_mode = mode is Mode.EVERYTHING
    assert ("why" in card) is open_mode
    assert ("test and train" in str(card)) is open_mode
    assert "leakage" not in str(card)


def test_a_batch_with_random_draws_says_so_on_every_card(engine: Engine) -> None:
    """The last words are true of a draw as well, and the same on every card."""
    world = make_world(engine, examples=8)
    ann = world.person("ann", Role.LEAD)
    words = {share: rule_in_words(world.batch(ann, size=2, audit_share=share)) for share in (0, 50)}
    assert words == {0: "by priority", 50: "by priority, or drawn at random"}
    assert rule_in_words(None) == "a read that is owed"
