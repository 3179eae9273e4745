"""Two models on a test set whose right labels are known: made up, and trained on CIFAR-10N."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.noise.models.ahead import leads
from bench.ranking.cases import arrays, data_folder

CLASSES = 10
ALIKE = 0.93
"""Correlation of what two models find hard: they differ on about a tenth of the examples."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class TwoModels:
    """Leads of the second model on every example, by given and by right labels; where they differ.

    ``differ`` lists the examples with different predictions.
    """

    name: str
    given: Ints
    right: Ints
    differ: Ints

    @property
    def n(self) -> int:
        return len(self.right)

    def changes(self, examples: Ints) -> Ints:
        return self.right[examples] - self.given[examples]

    @property
    def by_given(self) -> float:
        return float(self.given.mean())

    @property
    def truth(self) -> float:
        return float(self.right.mean())


@dataclass(frozen=True)
class Habits:
    """How often a model is right on rightly labelled examples; on the others, right or misled."""

    clean: float
    right: float
    misled: float


FLIPS = (Habits(0.932, 0.55, 0.15), Habits(0.930, 0.48, 0.34))
"""The second has learned wrong labels by heart: ahead on given labels, behind on right ones."""

STAYS = (Habits(0.915, 0.55, 0.14), Habits(0.930, 0.52, 0.18))


def made_up(wrong: float, *, flips: bool, seed: int, n: int = 10_000) -> TwoModels:
    rng = np.random.default_rng((seed, round(1000 * wrong), flips))
    right = rng.integers(CLASSES, size=n)
    other = (right + rng.integers(1, CLASSES, size=n)) % CLASSES
    mislabeled = rng.random(n) < wrong
    given = np.where(mislabeled, other, right)
    hard = rng.normal(size=n)
    shared = (right + 1 + rng.integers(2, size=n)) % CLASSES
    first, second = (
        _predicted(habits, right, given, (hard, shared), rng)
        for habits in (FLIPS if flips else STAYS)
    )
    name = f"{wrong:.0%} wrong, {'flip planted' if flips else 'no flip'}"
    return _pair(name, first, second, given, right)


def _predicted(
    habits: Habits,
    right: Ints,
    given: Ints,
    common: tuple[NDArray[np.float64], Ints],
    rng: np.random.Generator,
) -> Ints:
    """Easy examples are predicted right, the next as given if that is wrong, hard ones wrongly."""
    hard, shared = common
    n = len(right)
    own = ALIKE * hard + np.sqrt(1 - ALIKE**2) * rng.normal(size=n)
    place = np.argsort(np.argsort(own)) / n
    wrongly = np.where(rng.random(n) < 0.7, shared, (right + 3) % CLASSES)
    clean = np.where(place < habits.clean, right, wrongly)
    misled = np.where(place < habits.right + habits.misled, given, wrongly)
    return np.where(given == right, clean, np.where(place < habits.right, right, misled))


def known_pairs() -> Iterator[tuple[str, list[TwoModels]]]:
    """Pairs of the networks trained on each noisy label set, the top two by given labels first."""
    folder, stored = data_folder() / "cifar10n", arrays("cifar10n/labels.npz")
    right = stored["clean_label"].astype(np.int64)
    labels = {"aggre": stored["aggre_label"], "worst": stored["worse_label"]}
    for noise, noisy in labels.items():
        given = noisy.astype(np.int64)
        start = f"pred_probs_{noise}_"
        models = {}
        for path in sorted(folder.glob(f"{start}*.npz")):
            with np.load(path) as file:
                models[path.stem.removeprefix(start)] = file["pred_probs"].argmax(axis=1)
        best = sorted(models, key=lambda name: -(models[name] == given).mean())
        yield (
            noise,
            [
                _pair(f"{noise}: {one}, {two}", models[one], models[two], given, right)
                for one, two in combinations(best, 2)
            ],
        )


def _pair(name: str, first: Ints, second: Ints, given: Ints, right: Ints) -> TwoModels:
    return TwoModels(
        name,
        leads(first, second, given),
        leads(first, second, right),
        np.flatnonzero(first != second),
    )
