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


def bit_of(name: str) -> int:
    return 1 << SIGNALS.index(name)


def mask_of(names: Iterable[str]) -> int:
    """The bits of several signals in one number."""
    return sum(bit_of(name) for name in set(names))


def names_of(mask: int | None) -> list[str]:
    """The signals of a mask, in order; an example without a score has none."""
    return [name for name in SIGNALS if (mask or 0) & bit_of(name)]
