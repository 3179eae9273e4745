"""Out-of-sample predictions: no example is predicted by a model that saw its label."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings, Labels
from app.learning.combine import calibrated, mean_of
from app.learning.doubtful import SecondFit, doubtful, fits_twice
from app.learning.features import Features, View
from app.learning.folds import Folds, make_folds
from app.learning.gate import Chosen, Part, Tried, choose, losses
from app.learning.groups import kept_apart
from app.learning.learners import LEARNERS, UNSEEN, held_out_scores
from app.learning.pool import Pool, threads
from app.learning.threads import one_thread
from app.learning.voters import Voters, find_voters, heard_apart, shown, with_votes
from app.progress import Progress, quiet


@dataclass(frozen=True)
class Predictions:
    """What was learnt about every example.

    ``estimable`` is False where the given label is missing or has fewer members than folds.
    ``neighbours`` holds rows of other examples, nearest first, -1 where there is none; by the
    ``embeddings``, which are an encoder's where its neighbours were averaged in.
    ``losses``, of shape (n_examples, n_views), is the held-out cross-entropy of the judged label
    in nats, view by view; NaN where there is none.
    ``notes`` are codes for what a reader should know: ``rare_labels``, ``fewer_folds``,
    ``no_features``, ``few_groups`` (those given were not kept apart).
    ``averaged`` names the views that the mean is made of, ``tried`` says which had to show that
    they help; ``left_out`` marks examples that the second fit did without.
    """

    pred_probs: NDArray[np.float32]
    estimable: NDArray[np.bool_]
    embeddings: Embeddings
    neighbours: NDArray[np.int64]
    similarities: NDArray[np.float32]
    losses: NDArray[np.float32]
    n_folds: int
    notes: tuple[str, ...]
    averaged: tuple[str, ...]
    tried: tuple[Tried, ...]
    left_out: NDArray[np.bool_]


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
    decided : ndarray of bool, shape (n_examples,), optional
        Labels that people settled: the second fit never does without them.
    second_fit : {"auto", "always", "never"}
        Whether everything is fitted once more without the doubtful labels and both are averaged;
        "auto" with 1,000 to 30,000 examples.
    """

    progress: Progress = quiet
    judged: Labels | None = None
    groups: NDArray[np.int64] | None = None
    pool: Pool | None = None
    decided: NDArray[np.bool_] | None = None
    second_fit: SecondFit = "auto"


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

    Each view is learnt in stratified folds and calibrated. Views that help, and the label shares
    of the 15 nearest neighbours, are averaged. The same is done once more without the labels that
    look wrong, and both means are averaged. Examples without a label train nothing and are
    predicted by the mean of all folds.

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
    fitting = _begun(features, given_labels, n_classes, seed=seed, options=options)
    first = list(_views(fitting, features.views, given_labels, "folds"))
    chosen = choose(_parts(fitting, first, given_labels), given_labels)
    pred_probs, left_out = _cleaned(fitting, chosen, given_labels, first)
    best = shown(fitting.voters, chosen.names)
    return Predictions(
        pred_probs=pred_probs,
        estimable=_estimable(given_labels, fitting.folds),
        embeddings=best.embeddings,
        neighbours=best.near.indices,
        similarities=best.near.similarities,
        losses=losses(first, given_labels if options.judged is None else options.judged),
        n_folds=fitting.folds.n_folds,
        notes=_notes(fitting),
        averaged=chosen.names,
        tried=chosen.tried,
        left_out=left_out,
    )


@dataclass(frozen=True)
class _Fitting:
    """What is the same each time that views are fitted."""

    features: Features
    given_labels: Labels
    folds: Folds
    voters: list[Voters]
    seed: int
    options: Options
    few_groups: bool


def _begun(
    features: Features, given_labels: Labels, n_classes: int, *, seed: int, options: Options
) -> _Fitting:
    voters = find_voters(features, pool=options.pool, progress=options.progress)
    groups = options.groups
    apart = None if groups is None else kept_apart(groups, voters[0].near, given_labels)
    folds = make_folds(given_labels, n_classes, np.random.default_rng(seed), apart)
    few_groups = groups is not None and apart is None
    voters = heard_apart(voters, apart)
    return _Fitting(features, given_labels, folds, voters, seed, options, few_groups)


def _check(features: Features, given_labels: Labels, n_classes: int, judged: Labels | None) -> None:
    if given_labels.shape != (features.n_examples,):
        raise ValueError("given_labels must hold one label for each example")
    if judged is not None and judged.shape != given_labels.shape:
        raise ValueError("judged must hold one label for each example")
    if given_labels.min(initial=-1) < -1 or given_labels.max(initial=-1) >= n_classes:
        raise ValueError("given labels must lie in [0, n_classes), or be -1 for none")


def _parts(fitting: _Fitting, views: Sequence[Part], labels: Labels) -> list[Part]:
    return with_votes(views, fitting.voters, labels, len(fitting.folds.estimable))


def _cleaned(
    fitting: _Fitting, chosen: Chosen, labels: Labels, first: Sequence[Part]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The mean of what was chosen, doubtful labels left out the second time; which these are."""
    pred_probs = _mean_of(_parts(fitting, first, labels), chosen)
    nobody = np.zeros(len(labels), dtype=np.bool_)
    options = fitting.options
    if not fits_twice(options.second_fit, len(labels)):
        return pred_probs, nobody
    left_out = doubtful(pred_probs, labels, nobody if options.decided is None else options.decided)
    if not left_out.any():
        return pred_probs, left_out
    rest = np.where(left_out, -1, labels)
    views = [view for view in fitting.features.views if view.name in chosen.names]
    again = _views(fitting, views, rest, "second fit")
    second = _mean_of(_parts(fitting, list(again), rest), chosen)
    return mean_of([pred_probs, second]), left_out


def _mean_of(parts: Iterable[Part], chosen: Chosen) -> NDArray[np.float32]:
    return mean_of([part.probs for part in parts if part.name in chosen.names])


def _estimable(given_labels: Labels, folds: Folds) -> NDArray[np.bool_]:
    labelled = given_labels >= 0
    enough = folds.estimable[np.where(labelled, given_labels, 0)]
    return np.asarray(labelled & enough, dtype=np.bool_)


def _views(fitting: _Fitting, views: Sequence[View], labels: Labels, step: str) -> Iterator[Part]:
    """Calibrated held-out probabilities, view by view; labels of -1 train nothing."""
    folds, pool, progress = fitting.folds, fitting.options.pool, fitting.options.progress
    total = len(views) * folds.n_folds
    done = 0
    progress(step, done, total)
    with nullcontext(pool) if pool is not None else threads() as workers:
        for view in views:
            shared = workers.share((view, labels, folds.fold_of))
            waiting = [
                workers.submit(_one_fold, shared, fold, fitting.seed + fold)
                for fold in range(folds.n_folds)
            ]
            for _ in as_completed(waiting):
                done += 1
                progress(step, done, total)
            scores = _put_together(waiting, (len(labels), len(folds.estimable)))
            scores[folds.fold_of < 0] /= folds.n_folds
            always = LEARNERS[view.learner].always and not view.asked
            yield Part(view.name, calibrated(scores, fitting.given_labels), always)


def _put_together(folds: list[Future[_Fold]], shape: tuple[int, int]) -> NDArray[np.float32]:
    scores = np.zeros(shape, dtype=np.float32)
    for future in folds:
        rows, seen, held_out = future.result()
        _put(scores, rows, seen, fold_scores=held_out)
    return scores


@one_thread
def _one_fold(given: tuple[View, Labels, NDArray[np.int64]], fold: int, seed: int) -> _Fold:
    """Rows predicted, classes known, scores: the fold itself and all without a label."""
    view, given_labels, fold_of = given
    train = np.flatnonzero((given_labels >= 0) & (fold_of != fold))
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


def _notes(fitting: _Fitting) -> tuple[str, ...]:
    given_labels, folds = fitting.given_labels, fitting.folds
    present = np.bincount(given_labels[given_labels >= 0], minlength=len(folds.estimable)) > 0
    notes = []
    if (present & ~folds.estimable).any():
        notes.append("rare_labels")
    if folds.n_folds < 5:
        notes.append("fewer_folds")
    if not fitting.features.views:
        notes.append("no_features")
    if fitting.few_groups:
        notes.append("few_groups")
    return tuple(notes)
