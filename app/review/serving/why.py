"""Why an example is here, in one sentence made of what scoring stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.shares import whole_percent

Segment = tuple[str, str] | tuple[str, int]
Segments = list[Segment]
"""A sentence in pieces: `("text", words)` or `("label", label id)`."""

Suggestion = tuple[int, float]
"""A label id and its probability; a pair in JSON."""

PICTURE_WORDS = {
    "blank": "is blank",
    "blurred": "is blurred",
    "odd_size": "has an unusual size or shape",
}

HARD_SHARE = 0.1  # "among the hardest tenth": below it the sentence says so


def _text(words: str) -> Segment:
    return "text", words


def _label(label_id: int) -> Segment:
    return "label", label_id


def labels_now(facts: dict[str, Any], retired: Mapping[int, int]) -> dict[str, Any]:
    """The facts with what stands now for the labels they name."""
    if not retired:
        return facts
    now = dict(facts)
    if (top := facts.get("top")) is not None:
        now["top"] = retired.get(top, top)
    if favoured := facts.get("neighbours_top"):
        now["neighbours_top"] = [retired.get(favoured[0], favoured[0]), *favoured[1:]]
    return now


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
    suggestions: Sequence[Suggestion],
    given: int | None,
    *,
    rule: str,
    signals: Collection[str] = (),
) -> Segments:
    """Pieces of the sentence: `["text", words]` or `["label", label id]`.

    The first rule that fits: model or neighbours against the given label, a faulty picture, hard,
    duplicate, what else fired, rule.
    """
    for sentence in (
        _model(facts, given),
        _picture(facts, signals),
        _hard(facts, suggestions),
        _copies(facts, signals),
        _others(facts, given, signals),
    ):
        if sentence:
            return sentence
    return [_text(f"Picked by the batch rule: {rule}.")]


def _model(facts: dict[str, Any], given: int | None) -> Segments:
    top = facts.get("top")
    if top is None or top == given:
        return []
    if given is None:
        return [
            _text("This example has no label yet. A model gives "),
            _label(top),
            _text(f" {whole_percent(facts.get('p_top', 0.0))}."),
            *_neighbours(facts, top),
        ]
    return [
        _text("A model that never saw this label gives "),
        _label(given),
        _text(f" {whole_percent(facts.get('p_given', 0.0))} and "),
        _label(top),
        _text(f" {whole_percent(facts.get('p_top', 0.0))}."),
        *_neighbours(facts, top),
    ]


def _picture(facts: dict[str, Any], signals: Collection[str]) -> Segments:
    if "picture" not in signals:
        return []
    faults = [PICTURE_WORDS[name] for name in facts.get("picture", ())]
    return [_text(f"The picture {' and '.join(faults)}.")] if faults else []


def _hard(facts: dict[str, Any], suggestions: Sequence[Suggestion]) -> Segments:
    share = facts.get("difficulty_share")
    if share is None or share > HARD_SHARE or len(suggestions) < 2:
        return []
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


def _copies(facts: dict[str, Any], signals: Collection[str]) -> Segments:
    """The same or nearly the same content with another label, or in another split."""
    same = facts.get("same_content")
    near = facts.get("nearly_same")
    splits = facts.get("splits", ())
    if same and same[1] > 1:
        more = " They come from different sources." if "annotators" in signals else ""
        times = f"The same content appears {same[0]} times with {same[1]} different labels."
        return [_text(times + more)]
    if "annotators" in signals:
        return [_text("This content came with different labels from different sources.")]
    if near and "near_duplicates" in signals:
        return [
            _text(
                f"Nearly the same content appears {near[0]} times with {near[1]} different labels."
            )
        ]
    if len(splits) > 1 and "leakage" in signals:
        content = facts.get("split_content", "same")
        begun = "The same" if content == "same" else "Nearly the same"
        return [_text(f"{begun} content is in {', '.join(splits[:-1])} and {splits[-1]}.")]
    return []


def _others(facts: dict[str, Any], given: int | None, signals: Collection[str]) -> Segments:
    favoured = facts.get("neighbours_top")
    if "neighbours" in signals and favoured and favoured[0] != given:
        used = facts.get("neighbours_used", 0)
        return [
            _text(f"{favoured[1]} of the {used} most similar examples are labeled "),
            _label(favoured[0]),
            _text("."),
        ]
    if "outlier" in signals and given is not None:
        return [_text("It is unlike most other examples labeled "), _label(given), _text(".")]
    if "loss" in signals and given is not None:
        return [
            _text("Several models that never saw this label all found "),
            _label(given),
            _text(" unlikely."),
        ]
    return []


def spelled(pieces: Segments, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """The sentence as a page draws it: `("strong", label name)` among `("text", words)`."""
    return [
        ("strong", names.get(piece, "a retired label"))
        if isinstance(piece, int)
        else ("text", piece)
        for _, piece in pieces
    ]
