"""Labels gained per vote, the default priority."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.arrays import Chunk, Labels, Probs, Scores, check_labels, checked_chunks
from app.scoring.blocks import THREADS, in_blocks

DEFAULT_EPS = 0.2
"""How unreliable one review is when nobody has measured it."""

THREE_WAY_TIE_VOTES = 3.5
"""Votes charged when given label and two fresh votes all differ; simulation gives 3.2 to 3.9."""

_TIE_FLOOR = 1e-12
"""Where three different votes are less likely than this their outcome is 0/0 and left out."""

_MOST_NARROW = 48
"""With so many classes it is still quicker to take each class of many rows than each row."""

_MOST_SORTED = 200
"""With so many classes it is still quicker to sort a row than to find its best twice."""


class RowSummary(NamedTuple):
    """What the formula needs of each row: sums of powers, p of the given label, p of the best."""

    square: Scores
    cube: Scores
    given: Scores
    others: tuple[Scores, ...]


class StrayVotes(NamedTuple):
    """Chances under votes cast at random by the prediction, with probability ``eps`` each.

    That one falls on the given label; that two, and three, fall on one and the same other class.
    """

    given: Scores
    two: Scores
    three: Scores


def vpv(
    given_labels: Labels,
    pred_probs: Probs,
    *,
    eps: float = DEFAULT_EPS,
    threads: int = THREADS,
) -> Scores:
    """Rank first the examples where one more vote is expected to put most labels right.

    The given label counts as one vote; fresh votes are asked for until one class leads alone.
    If the truth is z, a fresh vote is z with probability ``1 - eps`` and otherwise drawn from
    the prediction. The score is the expected gain in right labels divided by the expected
    number of fresh votes, averaged over the given label and the two best other classes.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``.
    pred_probs : ndarray of shape (n_examples, n_classes)
        Out-of-sample probabilities; rows sum to 1 within 1e-3. May be memory-mapped.
    eps : float
        Unreliability of one review, in ``[0, 0.5]``: expert 0.05, unknown 0.2, crowd 0.3.
    threads : int
        How many parts are worked on side by side; the scores are the same bits for any number.

    Returns
    -------
    ndarray of shape (n_examples,)
        Labels put right per vote, in ``[-1, 1]``; higher means review sooner.

    Raises
    ------
    ValueError
        If shapes disagree, rows are not probabilities or ``eps`` is out of range.

    Notes
    -----
    One pass in chunks; float32 input is summarised in float32, which moves scores by less than
    1e-6. Where three different votes are (nearly) impossible (two classes, one-hot rows,
    ``eps`` = 0) the terms of the three-way tie are 0/0 and count as 0.
    """
    if not 0.0 <= eps <= 0.5:
        raise ValueError("eps must lie between 0 and 0.5")
    check_labels(given_labels, pred_probs)
    scores = np.empty(len(pred_probs), dtype=np.float64)

    def score(block: slice) -> None:
        scores[block] = _gain_per_vote(summarise(given_labels, pred_probs, block), eps)

    in_blocks(len(pred_probs), score, threads=threads)
    return scores


def summarise(given_labels: Labels, pred_probs: Probs, block: slice | None = None) -> RowSummary:
    """Check rows and reduce each to a few numbers, scaled as if it summed to 1 exactly."""
    n_others = min(2, pred_probs.shape[1] - 1)
    first, last, _ = (block or slice(None)).indices(len(pred_probs))
    summary = np.empty((3 + n_others, last - first), dtype=np.float64)
    for chunk in checked_chunks(pred_probs, block):
        rows = slice(chunk.rows.start - first, chunk.rows.stop - first)
        _summarise_chunk(chunk, given_labels[chunk.rows], summary[:, rows])
    square, cube, given, *others = summary
    return RowSummary(square, cube, given, tuple(others))


def _summarise_chunk(chunk: Chunk, given_labels: Labels, summary: NDArray[np.float64]) -> None:
    """Fill the rows of ``summary``: square, cube, given and the best others, likeliest first."""
    columns = given_labels.astype(np.intp)
    narrow = chunk.probs.shape[1] <= _MOST_NARROW
    (_sum_by_class if narrow else _sum_by_row)(chunk.probs, columns, summary)
    scale = 1.0 / chunk.sums
    summary[0] *= scale**2
    summary[1] *= scale**3
    summary[2:] *= scale


def _sum_by_class(probs: Probs, columns: NDArray[np.intp], summary: NDArray[np.float64]) -> None:
    by_class = np.array(probs.T, order="C")
    rows = np.arange(len(probs))
    given = by_class[columns, rows]
    by_class[columns, rows] = 0.0
    square = given * given
    cube, power = square * given, np.empty_like(given)
    best, second = np.zeros_like(given), np.zeros_like(given)
    for share in by_class:
        np.multiply(share, share, out=power)
        square += power
        power *= share
        cube += power
        np.minimum(best, share, out=power)
        np.maximum(best, share, out=best)
        np.maximum(second, power, out=second)
    for target, values in zip(summary, (square, cube, given, best, second), strict=False):
        target[:] = values


def _sum_by_row(probs: Probs, columns: NDArray[np.intp], summary: NDArray[np.float64]) -> None:
    square, cube, given, *others = summary
    left = probs.copy()
    entries = left.reshape(-1)
    starts = np.arange(0, left.size, left.shape[1])
    given[:] = entries[starts + columns]
    entries[starts + columns] = 0.0
    if left.shape[1] <= _MOST_SORTED:
        # Read as integers, floats that are not negative keep their order and sort faster.
        left.view(f"i{left.itemsize}").sort(axis=1)
        others[0][:], others[1][:] = left[:, -1], left[:, -2]
    else:
        for target in others:
            place = starts + left.argmax(axis=1)
            target[:] = entries[place]
            entries[place] = 0.0
    square[:] = np.vecdot(probs, probs)
    cube[:] = np.vecdot(probs, np.multiply(probs, probs, out=left))


def _gain_per_vote(row: RowSummary, eps: float) -> Scores:
    """Weigh the outcomes of the likeliest truths and divide right labels by votes."""
    stray = stray_votes(row, eps)
    right, votes = vote_outcome(stray, row.given, eps, given_is_true=True)
    gain = row.given * (right - 1.0)
    cost = row.given * votes
    for other in row.others:
        right, votes = vote_outcome(stray, other, eps, given_is_true=False)
        gain += other * right
        cost += other * votes
    return np.asarray(gain / cost, dtype=np.float64)


def stray_votes(row: RowSummary, eps: float) -> StrayVotes:
    given = eps * row.given
    square = given * given
    return StrayVotes(given, eps**2 * row.square - square, eps**3 * row.cube - square * given)


def vote_outcome(
    stray: StrayVotes, truth: Scores, eps: float, *, given_is_true: bool
) -> tuple[Scores, Scores]:
    """Chance that voting ends at the truth, and the fresh votes it takes.

    ``truth`` is the probability of the class taken as true; ``hit`` and ``agree`` are the
    chances that one fresh vote equals it, or the given label; ``two`` and ``three`` that so many
    fall on one class that is not the given label.
    """
    steady = 1.0 - eps
    by_chance = eps * truth
    hit = by_chance + steady
    if given_is_true:
        agree, two, three = hit, stray.two, stray.three
    else:
        agree = stray.given
        two = stray.two + steady * (2.0 * by_chance + steady)
        three = stray.three + steady * (3.0 * by_chance * hit + steady**2)
    differ = 1.0 - agree
    tie = np.maximum(differ * differ - two, 0.0)
    weight = 2.0 * (differ * two - three) + tie * agree
    after_tie = tie * agree if given_is_true else 2.0 * hit * hit * (differ - hit)
    share = np.maximum(np.minimum(after_tie / np.maximum(weight, _TIE_FLOOR), 1.0), 0.0)
    at_once = 1.0 - differ * differ if given_is_true else hit * hit
    return at_once + tie * share, 1.0 + differ + (THREE_WAY_TIE_VOTES - 2.0) * tie
