"""Train every remedy, and score it only on examples that people checked at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings, Labels
from app.progress import Progress, quiet
from app.training.material import N_FOLDS, NO_LABEL, Fold, Material, folds
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
    """One network a fold: trained on which labels, how, and by which chance."""

    labels: Labels
    width: int
    recipe: Recipe
    seed: tuple[int, ...]

    def network(self, of: Material, fold: Fold) -> Network:
        """Without the checked rows that are scored."""
        without = of.checked[fold.scored]
        watch = None
        if self.recipe.watched and len(fold.known):
            known = np.full(len(of), NO_LABEL, dtype=np.int64)
            known[of.checked[fold.known]] = of.right[fold.known]
            watch = of.rows(known, without)
            without = of.checked
        rows = of.rows(self.labels, without)
        rng = np.random.default_rng([*self.seed, fold.number, self.width])
        return fit(rows, self.width, self.recipe, rng=rng, watch=watch)


def scored(
    of: Material, fittings: Sequence[Fitting], n_folds: int, terms: Terms, step: str
) -> list[tuple[Favored, Favored]]:
    """Train every fitting once a fold, all on the same folds.

    Parameters
    ----------
    of : Material
    fittings : sequence of Fitting
    n_folds : int
    terms : Terms
    step : str
        As ``terms.progress`` is told.

    Returns
    -------
    list of tuple of ndarray
        Of each fitting what `Entry` holds: favored for each checked row, and elsewhere.
    """
    dealt = list(folds(of, n_folds, np.random.default_rng(terms.seed)))
    jobs = [(fitting, fold) for fitting in fittings for fold in dealt]

    def one(nth: int) -> Favored:
        fitting, fold = jobs[nth]
        network = fitting.network(of, fold)
        mine = network.favored(of.vectors[of.checked[fold.scored]])
        if terms.elsewhere is None:
            return mine
        return np.concatenate([mine, network.favored(terms.elsewhere)])

    results = _told(terms, step, terms.spread(one, range(len(jobs))), len(jobs))
    return [_put_together(dealt, results) for _ in fittings]


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
    planned = [(remedy, width) for remedy in remedies for width in remedy.widths]
    # the same seed for every remedy: what differs is then due to the remedy
    fittings = [
        Fitting(remedy.labels(of), width, remedy.recipe(of), (terms.seed,))
        for remedy, width in planned
    ]
    results = scored(of, fittings, terms.n_folds, terms, TRAINING)
    return [Entry(*which, *found) for which, found in zip(planned, results, strict=True)]


def _put_together(dealt: Sequence[Fold], results: Iterator[Favored]) -> tuple[Favored, Favored]:
    favored = np.empty(sum(len(fold.scored) for fold in dealt), dtype=np.int64)
    elsewhere = []
    for fold in dealt:
        found = next(results)
        favored[fold.scored] = found[: len(fold.scored)]
        elsewhere.append(found[len(fold.scored) :])
    return favored, np.array(elsewhere)


def _told(terms: Terms, step: str, results: Iterable[Favored], total: int) -> Iterator[Favored]:
    """The same results, telling after each how far it is."""
    terms.progress(step, 0, total)
    for done, result in enumerate(results, 1):
        terms.progress(step, done, total)
        yield result
