"""Train every remedy, and score it only on examples that people checked at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings, Labels
from app.progress import Progress, quiet
from app.training.material import N_FOLDS, Fold, Material, folds
from app.training.network import Network, Recipe, fit
from app.training.remedies.remedy import Remedy

TRAINING = "training remedies"

Spread = Callable[[Callable[[int], "Favored"], Iterable[int]], Iterator["Favored"]]
"""As `map`; the caller may do calls beside each other. No result depends on how."""

Favored = NDArray[np.int64]


@dataclass(frozen=True)
class Entry:
    """A remedy with one head: what it favors for each checked row, in the order of ``checked``.

    ``elsewhere``: one row a fold, the same of further vectors, where any were asked about.
    """

    remedy: Remedy
    width: int
    favored: Favored
    elsewhere: Favored


@dataclass(frozen=True)
class Terms:
    """How a race is run; ``elsewhere``: vectors nobody trains on, for benches that know more."""

    seed: int = 0
    n_folds: int = N_FOLDS
    spread: Spread = map
    progress: Progress = quiet
    elsewhere: Embeddings | None = None


@dataclass(frozen=True)
class Fitting:
    """One network to be trained: on which labels, how, and without which checked rows."""

    of: Material
    labels: Labels
    width: int
    recipe: Recipe = field(default_factory=Recipe)

    def network(self, fold: Fold, seed: Sequence[int]) -> Network:
        """The same seed for every remedy: what differs is then due to the remedy."""
        without = self.of.checked[fold.scored]
        watch = None
        if self.recipe.watched and len(fold.known):
            known = self.of.checked[fold.known]
            right = np.full(len(self.of), -1, dtype=np.int64)
            right[known] = self.of.right[fold.known]
            others = np.setdiff1d(np.arange(len(self.of)), known)
            watch = self.of.rows(right, others)
            without = self.of.checked
        rows = self.of.rows(self.labels.copy(), without)
        rng = np.random.default_rng([*seed, fold.number, self.width])
        return fit(rows, self.width, self.recipe, rng=rng, watch=watch)


def race(of: Material, remedies: Sequence[Remedy], terms: Terms) -> list[Entry]:
    """Every remedy with each of its heads, on the same folds and seeds.

    Parameters
    ----------
    of : Material
        Vectors should have means near 0 and spreads near 1.
    remedies : sequence of Remedy
    terms : Terms
        Its ``progress`` is called after each network; it may raise to stop the race.

    Returns
    -------
    list of Entry

    Raises
    ------
    ValueError
        If there are fewer checked rows than folds, or nothing to train on.
    """
    if len(of.checked) < terms.n_folds:
        raise ValueError(f"{len(of.checked)} checked rows cannot be dealt into {terms.n_folds}")
    dealt = list(folds(of, terms.n_folds, np.random.default_rng(terms.seed)))
    planned = [(remedy, width) for remedy in remedies for width in remedy.widths]
    jobs = [(remedy, width, fold) for remedy, width in planned for fold in dealt]

    def one(nth: int) -> Favored:
        remedy, width, fold = jobs[nth]
        work = Fitting(of, remedy.labels(of), width, remedy.recipe(of))
        network = work.network(fold, [terms.seed])
        mine = network.favored(of.vectors[of.checked[fold.scored]])
        if terms.elsewhere is None:
            return mine
        return np.concatenate([mine, network.favored(terms.elsewhere)])

    results = told(terms, TRAINING, terms.spread(one, range(len(jobs))), len(jobs))
    return [_entry(remedy, width, dealt, results) for remedy, width in planned]


def _entry(remedy: Remedy, width: int, dealt: Sequence[Fold], results: Iterator[Favored]) -> Entry:
    favored = np.empty(sum(len(fold.scored) for fold in dealt), dtype=np.int64)
    elsewhere = []
    for fold in dealt:
        found = next(results)
        favored[fold.scored] = found[: len(fold.scored)]
        elsewhere.append(found[len(fold.scored) :])
    return Entry(remedy, width, favored, np.array(elsewhere))


def told(terms: Terms, step: str, results: Iterable[Favored], total: int) -> Iterator[Favored]:
    """The same results, telling after each how far it is."""
    terms.progress(step, 0, total)
    for done, result in enumerate(results, 1):
        terms.progress(step, done, total)
        yield result
