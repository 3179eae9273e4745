"""The signals by name, in the order of their bits, and what they say in words.

Light: pages read it too. A name keeps its place for ever, because stored scores hold its bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Signal(StrEnum):
    CONFIDENT_LEARNING = "confident_learning"
    CROSS_VALIDATION = "cross_validation"
    LOSS = "loss"
    OUTLIER = "outlier"
    NEIGHBOURS = "neighbours"
    ANNOTATORS = "annotators"
    DUPLICATES = "duplicates"
    NEAR_DUPLICATES = "near_duplicates"
    PICTURE = "picture"
    LEAKAGE = "leakage"


SIGNALS: tuple[str, ...] = tuple(signal.value for signal in Signal)

SIGNAL_WORDS: dict[str, str] = {
    "confident_learning": "Confident learning",
    "cross_validation": "Model favors another label",
    "loss": "Loss stayed high",
    "outlier": "Unlike others of its label",
    "neighbours": "Similar examples labeled otherwise",
    "annotators": "Sources disagree",
    "duplicates": "Same content, other label",
    "near_duplicates": "Nearly the same, other label",
    "picture": "Picture blank, blurred or of odd size",
    "leakage": "In two splits",
}

SIGNAL_MEANINGS: dict[str, str] = {
    "confident_learning": "The model is as sure of another label as it is of that label’s own.",
    "cross_validation": "A model that never saw this label finds another one likelier.",
    "loss": "Models went on failing to learn this label.",
    "outlier": "It lies far from the other examples of its label.",
    "neighbours": "Most of the similar examples have another label.",
    "annotators": "Two sources gave the same content different labels.",
    "duplicates": "The same content is there with another label.",
    "near_duplicates": "Nearly the same content is there with another label.",
    "picture": "The picture can hardly be judged: blank, blurred or of an odd size.",
    "leakage": "The same content, or nearly the same, is in two splits.",
}
"""What it means that a signal fired on an example, in one sentence."""


def bit_of(name: str) -> int:
    return 1 << SIGNALS.index(name)


def mask_of(names: Iterable[str]) -> int:
    """The bits of several signals in one number."""
    return sum(bit_of(name) for name in set(names))


def names_of(mask: int | None) -> list[str]:
    """The signals of a mask, in order; an example without a score has none."""
    return [name for name in SIGNALS if (mask or 0) & bit_of(name)]
