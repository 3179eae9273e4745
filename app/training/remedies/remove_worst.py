"""Examples that look most surely wrong are left out; and hard ones instead, to compare with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels
from app.training.material import NO_LABEL, Material
from app.training.remedies.remedy import Remedy, Simplicity, after_review, as_they_came

SHARES = (5, 10, 20)
"""Per cent of the examples that have a label."""

WITH_RELABEL = 10


def _worst(of: Material, candidates: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    order = np.argsort(of.quality[candidates], kind="stable")
    return np.asarray(candidates[order[:number]])


def _hardest(of: Material, candidates: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """Of those whose label the model favors too; the others are what it thinks wrong."""
    sure = candidates[of.consistent[candidates]]
    return np.asarray(sure[np.argsort(-of.difficulty[sure], kind="stable")[:number]])


def _without(
    labels_of: Callable[[Material], Labels],
    per_cent: int,
    chosen: Callable[[Material, NDArray[np.int64], int], NDArray[np.int64]],
) -> Callable[[Material], Labels]:
    def labels(of: Material) -> Labels:
        left = labels_of(of)
        # with decisions applied, what people looked at is no longer suspected
        suspected = ~of.reviewed if labels_of is after_review else True
        candidates = np.flatnonzero((left >= 0) & suspected)
        number = int((left >= 0).sum()) * per_cent // 100
        left[chosen(of, candidates, number)] = NO_LABEL
        return left

    return labels


REMOVE_WORST = tuple(
    Remedy(
        f"remove_{share}",
        f"Remove the worst {share}%",
        f"Without the {share}% of lowest label quality.",
        Simplicity.REMOVE,
        labels=_without(as_they_came, share, _worst),
    )
    for share in SHARES
)

REMOVE_HARD = tuple(
    Remedy(
        f"remove_hard_{share}",
        f"Control: remove {share}% hard ones",
        f"Without as many examples that are hard, but whose label the model favors too. If this "
        f"does as well as removing the worst {share}%, those were hard, not wrong.",
        Simplicity.REMOVE,
        labels=_without(as_they_came, share, _hardest),
        control=True,
    )
    for share in SHARES
)

RELABEL_AND_REMOVE = Remedy(
    "relabel_remove",
    "Relabel and remove",
    f"Every decision applied, and the worst {WITH_RELABEL}% of what nobody reviewed left out.",
    Simplicity.REMOVE,
    labels=_without(after_review, WITH_RELABEL, _worst),
)
