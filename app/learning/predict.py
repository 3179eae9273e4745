"""Out-of-sample predictions: no example is predicted by a model that saw its label."""

from collections.abc import Iterator
from concurrent.futures import Future, as_completed
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import SMALLEST_PROBABILITY, Embeddings, Labels
from app.learning.combine import calibrated, mean_of
from app.learning.features import Features, View
from app.learning.folds import Folds, make_folds
from app.learning.groups import kept_apart, others_only
from app.learning.learners import UNSEEN, held_out_scores
from app.learning.neighbours import nearest_neighbours
from app.learning.pool import Pool, threads
from app.learning.shares import class_priors, label_shares
from app.learning.threads import one_thread
from app.progress import Progress, quiet


@dataclass(frozen=True)
class Predictions:
    """What was learnt about every example.

    ``estimable`` is False where the given label is missing or has fewer members than folds.
    ``neighbours`` holds rows of other examples, nearest first, -1 where there is none.
    ``losses``, of shape (n_examples, n_views), is the held-out cross-entropy of the judged label
    in nats, view by view; NaN where there is none.
    ``notes`` are codes for what a reader should know: ``rare_labels``, ``fewer_folds``,
    ``no_features``, ``few_groups`` (those given were not kept apart).
    """

    pred_probs: NDArray[np.float32]
    estimable: NDArray[np.bool_]
    embeddings: Embeddings
    neighbours: NDArray[np.int64]
    similarities: NDArray[np.float32]
    losses: NDArray[np.float32]
    n_folds: int
    notes: tuple[str, ...]


_Fold = tuple[NDArray[np.int64], Labels, NDArray[np.float32]]
"""Rows predicted by the models that never saw them, classes known to these, and scores."""


@dataclass(frozen=True)
class Options:
    """What may be added to ``out_of_sample``.

    Parameters
    ----------
    progress : callable
        Called with (step, done, total); may raise to cancel.
    judged : ndarray of shape (n_examples,), optional
        Labels whose loss is recorded, -1 for none; those that train otherwise.
    groups : ndarray of shape (n_examples,), optional
        A number for each group. No example is predicted from another of its group, nor from a
        near-duplicate of one, as far as that leaves enough to learn from.
    pool : Pool, optional
        Where folds are fitted and neighbours searched; two threads here otherwise. The result
        does not depend on it.
    """

    progress: Progress = quiet
    judged: Labels | None = None
    groups: NDArray[np.int64] | None = None
    pool: Pool | None = None


_NO_OPTIONS = Options()


@one_thread
def out_of_sample(
    features: Features,
    given_labels: Labels,
    *,
    n_classes: int,
    seed: int,
    options: Options = _NO_OPTIONS,
) -> Predictions:
    """Predict every example by models that were not trained on it.

    Each view is learnt in stratified folds and calibrated; the mean of all views and of the
    label shares of the 15 nearest neighbours is returned. Examples without a label train
    nothing and are predicted by the mean of all folds.

    Parameters
    ----------
    features : Features
        From ``text_features``, ``image_features`` or ``tabular_features``.
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``, or -1 for none.
    n_classes : int
    seed : int
        The same seed and input give the same bits, on any number of cores.
    options : Options

    Returns
    -------
    Predictions
        ``pred_probs`` is float32, rows sum to 1.

    Raises
    ------
    ValueError
        If shapes disagree or a label is out of range; ``no_given_labels`` or
        ``one_given_label`` if there is nothing to tell apart.
    """
    _check(features, given_labels, n_classes, options.judged)
    options.progress("neighbours", 0, 1)
    near = nearest_neighbours(features.embeddings, pool=options.pool)
    options.progress("neighbours", 1, 1)
    groups = options.groups
    apart = None if groups is None else kept_apart(groups, near, given_labels)
    folds = make_folds(given_labels, n_classes, np.random.default_rng(seed), apart)
    views = list(_view_probs(features, given_labels, folds, seed, options))
    judged = given_labels if options.judged is None else options.judged
    voters = near.indices if apart is None else others_only(near, apart)
    notes = _notes(features, given_labels, folds)
    return Predictions(
        pred_probs=_averaged(views, voters, given_labels, n_classes),
        estimable=_estimable(given_labels, folds),
        embeddings=features.embeddings,
        neighbours=near.indices,
        similarities=near.similarities,
        losses=_losses(views, judged),
        n_folds=folds.n_folds,
        notes=(*notes, "few_groups") if groups is not None and apart is None else notes,
    )


def _check(features: Features, given_labels: Labels, n_classes: int, judged: Labels | None) -> None:
    if given_labels.shape != (features.n_examples,):
        raise ValueError("given_labels must hold one label for each example")
    if judged is not None and judged.shape != given_labels.shape:
        raise ValueError("judged must hold one label for each example")
    if given_labels.min(initial=-1) < -1 or given_labels.max(initial=-1) >= n_classes:
        raise ValueError("given labels must lie in [0, n_classes), or be -1 for none")


def _averaged(
    views: list[NDArray[np.float32]],
    voters: NDArray[np.int64],
    given_labels: Labels,
    n_classes: int,
) -> NDArray[np.float32]:
    """The mean of all views and of the neighbours' labels; how frequent labels are, without any."""
    parts = list(views)
    if (voters >= 0).any():
        parts.append(label_shares(voters, given_labels, n_classes))
    if not parts:
        parts.append(np.tile(class_priors(given_labels, n_classes), (len(given_labels), 1)))
    return mean_of(parts)


def _estimable(given_labels: Labels, folds: Folds) -> NDArray[np.bool_]:
    labelled = given_labels >= 0
    enough = folds.estimable[np.where(labelled, given_labels, 0)]
    return np.asarray(labelled & enough, dtype=np.bool_)


def _view_probs(
    features: Features, given_labels: Labels, folds: Folds, seed: int, options: Options
) -> Iterator[NDArray[np.float32]]:
    """Calibrated held-out probabilities, view by view."""
    total = len(features.views) * folds.n_folds
    done = 0
    options.progress("folds", done, total)
    with nullcontext(options.pool) if options.pool is not None else threads() as pool:
        for view in features.views:
            shared = pool.share((view, given_labels, folds.fold_of))
            waiting = [
                pool.submit(_one_fold, shared, fold, seed + fold) for fold in range(folds.n_folds)
            ]
            for _ in as_completed(waiting):
                done += 1
                options.progress("folds", done, total)
            scores = _put_together(waiting, (features.n_examples, len(folds.estimable)))
            scores[given_labels < 0] /= folds.n_folds
            yield calibrated(scores, given_labels)


def _put_together(folds: list[Future[_Fold]], shape: tuple[int, int]) -> NDArray[np.float32]:
    scores = np.zeros(shape, dtype=np.float32)
    for future in folds:
        rows, seen, held_out = future.result()
        _put(scores, rows, seen, fold_scores=held_out)
    return scores


def _losses(views: list[NDArray[np.float32]], judged: Labels) -> NDArray[np.float32]:
    """What each view's prediction of the judged label costs."""
    losses = np.full((len(judged), len(views)), np.nan, dtype=np.float32)
    rows = np.flatnonzero(judged >= 0)
    for nth, probs in enumerate(views):
        losses[rows, nth] = -np.log(np.maximum(probs[rows, judged[rows]], SMALLEST_PROBABILITY))
    return np.maximum(losses, np.float32(0.0))


@one_thread
def _one_fold(given: tuple[View, Labels, NDArray[np.int64]], fold: int, seed: int) -> _Fold:
    """Rows predicted, classes known, scores: the fold itself and all without a label."""
    view, given_labels, fold_of = given
    train = np.flatnonzero((fold_of >= 0) & (fold_of != fold))
    test = np.flatnonzero((fold_of < 0) | (fold_of == fold))
    seen, scores = held_out_scores(view, given_labels, train=train, test=test, seed=seed)
    return test, seen, scores


def _put(
    scores: NDArray[np.float32],
    rows: NDArray[np.int64],
    seen: Labels,
    *,
    fold_scores: NDArray[np.float32],
) -> None:
    """Add a fold's scores to the whole; classes it never saw stay far below the rest."""
    wide = np.full((len(rows), scores.shape[1]), UNSEEN, dtype=np.float32)
    wide[:, seen] = fold_scores
    scores[rows] += wide


def _notes(features: Features, given_labels: Labels, folds: Folds) -> tuple[str, ...]:
    present = np.bincount(given_labels[given_labels >= 0], minlength=len(folds.estimable)) > 0
    notes = []
    if (present & ~folds.estimable).any():
        notes.append("rare_labels")
    if folds.n_folds < 5:
        notes.append("fewer_folds")
    if not features.views:
        notes.append("no_features")
    return tuple(notes)
