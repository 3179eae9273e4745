"""Why an example is here, in one sentence made of what scoring stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Segments = list[list[Any]]

HARD_SHARE = 0.1  # "among the hardest tenth": below it the sentence says so


def _percent(share: float) -> str:
    """Whole per cents, never 0 or 100 for what is only close to it."""
    if 0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1:
        return "over 99%"
    return f"{round(share * 100)}%"


def _text(words: str) -> list[Any]:
    return ["text", words]


def _label(label_id: int) -> list[Any]:
    return ["label", label_id]


def _neighbours(facts: dict[str, Any], top: int) -> Segments:
    favoured = facts.get("neighbours_top")
    used = facts.get("neighbours_used", 0)
    if not favoured or favoured[0] != top or not used:
        return []
    return [
        _text(f" {favoured[1]} of the {used} most similar examples are labeled "),
        _label(top),
        _text("."),
    ]


def why(
    facts: dict[str, Any],
    suggestions: Sequence[Sequence[Any]],
    given: int | None,
    *,
    rule: str,
) -> Segments:
    """Pieces of the sentence: `["text", words]` or `["label", label id]`.

    The first rule that fits: model or neighbours against the given label, hard, duplicate, rule.
    """
    top = facts.get("top")
    if top is not None and given is None:
        return [
            _text("This example has no label yet. A model gives "),
            _label(top),
            _text(f" {_percent(facts.get('p_top', 0.0))}."),
            *_neighbours(facts, top),
        ]
    if top is not None and given is not None and top != given:
        return [
            _text("A model that never saw this label gives "),
            _label(given),
            _text(f" {_percent(facts.get('p_given', 0.0))} and "),
            _label(top),
            _text(f" {_percent(facts.get('p_top', 0.0))}."),
            *_neighbours(facts, top),
        ]
    share = facts.get("difficulty_share")
    if share is not None and share <= HARD_SHARE and len(suggestions) > 1:
        return [
            _text("The model is split between "),
            _label(suggestions[0][0]),
            _text(" and "),
            _label(suggestions[1][0]),
            _text(
                f". Difficulty {facts.get('difficulty', 0.0):.2f} puts it among the hardest "
                f"{max(1, round(share * 100))}% here, so take your time."
            ),
        ]
    same = facts.get("same_content")
    if same and same[1] > 1:
        return [_text(f"The same content appears {same[0]} times with {same[1]} different labels.")]
    return [_text(f"Picked by the batch rule: {rule}.")]
