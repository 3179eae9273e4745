"""The kinds of noise: what each means, and what to do about it. One record each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """The kinds of noise, in the words of the pages."""

    STRUCTURED = "structured"
    CLASS_DEPENDENT = "class-dependent"
    RANDOM = "random"
    NO_PATTERN = "no pattern found"


@dataclass(frozen=True)
class KindRecord:
    """A kind of noise: when it is named (the first that holds), what it means, what to do."""

    kind: Kind
    meaning: str
    advice: str


_RECORDS = (
    KindRecord(
        Kind.STRUCTURED,
        "Wrong labels are grouped: at least one group of examples is wrong far more often than "
        "the rest.",
        "Look at the group first. If one other label is right for nearly all of it, fix it as a "
        "group; if not, review it whole. Then find out how it was labeled and put that right. "
        "Grouped errors usually cost several times more than scattered ones: a model learns them.",
    ),
    KindRecord(
        Kind.CLASS_DEPENDENT,
        "The labels of some classes are wrong more often than those of others.",
        "Look at the most confused pairs. Say in the guideline how to tell them apart, or merge "
        "labels that nobody can tell apart, then review a batch by label for each pair.",
    ),
    KindRecord(
        Kind.RANDOM,
        "Wrong labels are scattered, as far as these answers can tell: no class and no group is "
        "wrong more often than the rest.",
        "Review by priority until few are left. Up to about one label in ten, scattered errors "
        "harm a trained model little; a test set needs them put right at any rate.",
    ),
    KindRecord(
        Kind.NO_PATTERN,
        "No pattern was found, but a group of moderate size could have stayed hidden.",
        "Review more, with random draws among the reads, and ask again.",
    ),
)

KINDS: Mapping[Kind, KindRecord] = MappingProxyType({one.kind: one for one in _RECORDS})
