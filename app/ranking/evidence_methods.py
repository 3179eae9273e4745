"""Ways to rank by more than labels and predictions: names, words, and when they can be had.

`by_evidence` has the mathematics under the same names; it loads the learners, no page does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """What a project has beside its examples."""

    losses: int  # arrays of losses
    models: int  # arrays of probabilities
    sources: int  # who or what gave labels
    votes: bool = False  # whether a file keeps what every annotator said


@dataclass(frozen=True, slots=True)
class EvidenceMethod:
    name: str
    words: str
    offered: Callable[[Given], bool] = lambda given: True
    otherwise: str = ""  # what to do where it cannot be had


EVIDENCE_METHODS: Mapping[str, EvidenceMethod] = {
    one.name: one
    for one in (
        EvidenceMethod("outlier", "Unlike others of its label"),
        EvidenceMethod(
            "loss",
            "Mean loss over the epochs",
            lambda given: given.losses > 0,
            " To rank by losses, push them.",
        ),
        EvidenceMethod(
            "disagreement",
            "Models or sources disagree",
            lambda given: given.models > 1 or given.sources > 1 or given.votes,
            " To rank by disagreement, push the probabilities of two models.",
        ),
        EvidenceMethod(
            "consensus",
            "Annotators agree on another label",
            lambda given: given.sources > 1 or given.votes,
            " To rank by consensus, import labels of several annotators of the same examples.",
        ),
    )
}
