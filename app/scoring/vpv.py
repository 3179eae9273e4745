"""Labels gained per vote, the default priority."""

from typing import NamedTuple

import numpy as np

from app.arrays import Labels, Probs, Scores, check_predictions, row_chunks

DEFAULT_EPS = 0.2
"""How unreliable one review is when nobody has measured it."""

THREE_WAY_TIE_VOTES = 3.5
"""Votes charged when given label and two fresh votes all differ; simulation gives 3.2 to 3.9."""

_TIE_FLOOR = 1e-12


class RowSummary(NamedTuple):
    """What the formula needs of each row: sums of powers, p of the given label, p of the best."""

    square: Scores
    cube: Scores
    given: Scores
    others: tuple[Scores, ...]


def vpv(given_labels: Labels, pred_probs: Probs, *, eps: float = DEFAULT_EPS) -> Scores:
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
    One pass in chunks. Where three different votes are (nearly) impossible (two classes,
    one-hot rows, ``eps`` = 0) the terms of the three-way tie are 0/0 and count as 0.
    """
    if not 0.0 <= eps <= 0.5:
        raise ValueError("eps must lie between 0 and 0.5")
    check_predictions(given_labels, pred_probs)
    scores = np.empty(len(pred_probs), dtype=np.float64)
    for rows in row_chunks(pred_probs):
        row = summarise(given_labels[rows], pred_probs[rows])
        scores[rows] = _gain_per_vote(row, eps)
    return scores


def summarise(given_labels: Labels, pred_probs: Probs) -> RowSummary:
    """Reduce a chunk to one number a row each, scaled as if rows summed to 1 exactly."""
    probs = pred_probs.astype(np.float64)
    scale = 1.0 / probs.sum(axis=1)
    squares = probs * probs
    square = squares.sum(axis=1) * scale**2
    cube = np.einsum("ij,ij->i", squares, probs) * scale**3
    given_column = given_labels[:, None]
    given = np.take_along_axis(probs, given_column, axis=1)[:, 0] * scale
    n_others = min(2, probs.shape[1] - 1)
    rest = np.array(pred_probs)
    np.put_along_axis(rest, given_column, -1.0, axis=1)
    rest.partition(rest.shape[1] - max(1, n_others), axis=1)
    others = tuple(rest[:, -1 - nth] * scale for nth in range(n_others))
    return RowSummary(square, cube, given, others)


def _gain_per_vote(row: RowSummary, eps: float) -> Scores:
    """Weigh the outcomes of the likeliest truths and divide right labels by votes."""
    right, votes = vote_outcome(row, row.given, eps, given_is_true=True)
    gain = row.given * (right - 1.0)
    cost = row.given * votes
    for other in row.others:
        right, votes = vote_outcome(row, other, eps, given_is_true=False)
        gain += other * right
        cost += other * votes
    return np.divide(gain, cost, out=np.zeros_like(gain), where=cost > 0.0)


def vote_outcome(
    row: RowSummary, truth: Scores, eps: float, *, given_is_true: bool
) -> tuple[Scores, Scores]:
    """Chance that voting ends at the truth, and the fresh votes it takes.

    ``truth`` is the probability of the class taken as true. ``agree`` and ``hit`` are the
    chances that one fresh vote equals the given label, or the truth.
    """
    hit = eps * truth + (1.0 - eps)
    agree = hit if given_is_true else eps * row.given
    square = eps**2 * (row.square - truth**2) + hit**2
    cube = eps**3 * (row.cube - truth**3) + hit**3
    second_vote = agree * (1.0 - agree) + square - agree**2
    tie = np.maximum(1.0 - agree - second_vote, 0.0)
    votes = agree + 2.0 * second_vote + THREE_WAY_TIE_VOTES * tie
    weight = 2.0 * ((1.0 - agree) * (square - agree**2) - (cube - agree**3)) + tie * agree
    after_tie = tie * agree if given_is_true else 2.0 * hit**2 * (1.0 - agree - hit)
    decided = (tie > _TIE_FLOOR) & (weight > 0.0)
    share = np.divide(after_tie, weight, out=np.zeros_like(weight), where=decided)
    at_once = agree + agree * (1.0 - agree) if given_is_true else hit**2
    return at_once + tie * np.clip(share, 0.0, 1.0), votes
