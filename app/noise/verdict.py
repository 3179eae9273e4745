"""What kind of noise it is, and what to do about each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.noise.kinds import KINDS, Kind, KindRecord
from app.noise.probe import ProbeState

ALPHA = 0.05
RANDOM_BELOW = 0.05
"""Noise is called random only if a group of 5 % of the data would probably have shown."""


_OPEN = frozenset({ProbeState.ASKING, ProbeState.NOT_FINISHED})


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
    unasked = not evidence.probes or not _OPEN.isdisjoint(evidence.probes)
    if evidence.slice_p <= ALPHA and unasked:
        return Kind.STRUCTURED
    if evidence.class_p <= ALPHA:
        return Kind.CLASS_DEPENDENT
    share = evidence.detectable_share
    return Kind.RANDOM if share is not None and share <= RANDOM_BELOW else Kind.NO_PATTERN
