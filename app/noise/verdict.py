"""What kind of noise it is, and what to do about each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.noise.probe import ProbeState

ALPHA = 0.05
RANDOM_BELOW = 0.05
"""Noise is called random only if a group of 5 % of the data would probably have shown."""


class Kind(StrEnum):
    """The kinds of noise, in the words of the pages."""

    STRUCTURED = "structured"
    CLASS_DEPENDENT = "class-dependent"
    RANDOM = "random"
    NO_PATTERN = "no pattern found"


@dataclass(frozen=True)
class Evidence:
    """What the tests say.

    ``slice_p`` and ``class_p`` of the tests; ``probes`` of the suspicious groups, none while
    nothing was probed; ``detectable_share`` the smallest group that would probably have shown.
    """

    slice_p: float
    class_p: float
    probes: Sequence[ProbeState]
    detectable_share: float | None


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


def kind_of(evidence: Evidence) -> KindRecord:
    """Name the kind of noise.

    Structured if a group is confirmed by fresh examples. A slice test that speaks (p at most
    0.05) counts as structured only as long as no probe is over: fresh examples are asked of
    the same groups and know better. Else class-dependent if the class test speaks. Else random
    if a group of 5 % of the data would probably have shown, and no pattern found if not.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    KindRecord
    """
    return KINDS[_kind(evidence)]


def _kind(evidence: Evidence) -> Kind:
    if ProbeState.CONFIRMED in evidence.probes:
        return Kind.STRUCTURED
    unasked = not evidence.probes or ProbeState.ASKING in evidence.probes
    if evidence.slice_p <= ALPHA and unasked:
        return Kind.STRUCTURED
    if evidence.class_p <= ALPHA:
        return Kind.CLASS_DEPENDENT
    share = evidence.detectable_share
    return Kind.RANDOM if share is not None and share <= RANDOM_BELOW else Kind.NO_PATTERN
