"""What a ranking was made of, in words; light enough for the web."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.db.tables.ranking import AveragedModel, RunCounts
from app.ranking.encoders.registry import ENCODERS

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "own": "your embeddings",
        "all words": "every word",
        "all spelling": "every spelling",
        **{one.name: one.words for one in ENCODERS.values()},
        **{f"{one.name} likeness": f"likeness by {one.words}" for one in ENCODERS.values()},
        **{f"{one.name} neighbors": f"neighbors by {one.words}" for one in ENCODERS.values()},
    }
)
"""Views whose name alone would not be understood."""


def in_words(counts: RunCounts) -> list[str]:
    """One sentence each: what was averaged, what was tried and left out, the second fit, and
    models that were asked to take part."""
    return [*_trained(counts), *map(_of_model, counts.get("models", []))]


def _of_model(one: AveragedModel) -> str:
    """What it does to the labels at hand is no judgment: the labels may be what is wrong."""
    of = f"{one['examples']:,} {'example' if one['examples'] == 1 else 'examples'}"
    said = f"Averaged in as asked: {one['name']}, on {of}"
    if one["without"] is None or one["with_it"] is None:
        return f"{said}."
    costs = f"{one['without']:.3f} nats without it, {one['with_it']:.3f} with it"
    return f"{said} (the labels at hand cost {costs})."


def _trained(counts: RunCounts) -> list[str]:
    made_of = counts.get("made_of")
    if made_of is None:
        return []
    names = ", ".join(_WORDS.get(name, name) for name in made_of["averaged"])
    said = [f"Made of: {names}."]
    said += [
        f"Tried, left out: {_WORDS.get(one['name'], one['name'])} (the labels at hand cost "
        f"{one['without']:.3f} nats without it, {one['with_it']:.3f} with it)."
        for one in made_of["tried"]
        if not one["enters"]
    ]
    if made_of["left_out"]:
        said.append(f"Fitted once more without {made_of['left_out']:,} labels that look wrong.")
    return said
