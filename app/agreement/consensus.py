"""The label on which annotators agree, and how sure it is."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.agreement.by_items import counts_of
from app.arrays import Labels, Probs, Scores, normalised
from app.scoring.posterior import label_posterior

_OF_ONE_VOTE = 0.9
"""Chance that a single vote is right, where no item has two by which it could be measured."""


class Method(StrEnum):
    """How a consensus was found."""

    CROWDLAB = "crowdlab"
    MAJORITY = "majority"
    ONE_VOTE = "one vote"


@dataclass(frozen=True, slots=True)
class Consensus:
    """The consensus of each item.

    Attributes
    ----------
    method : Method
    labels : ndarray of shape (n_items,)
        Class indices; -1 where nobody voted or a tie stays open.
    posterior : ndarray of shape (n_items, n_classes)
        Probabilities of all labels; shares of the votes where no model was asked, even shares
        without a vote.
    annotators : ndarray of shape (n_annotators,) or None
        CROWDLAB's quality of each, in [0, 1]; NaN of whoever did not vote, None otherwise.
    """

    method: Method
    labels: NDArray[np.int64]
    posterior: NDArray[np.float64]
    annotators: Scores | None = None


def consensus(votes: Labels, n_classes: int, pred_probs: Probs | None = None) -> Consensus:
    """CROWDLAB where a model was asked and items have two votes, the single vote or majority else.

    Parameters
    ----------
    votes : ndarray of shape (n_items, n_annotators)
        Class indices, or -1 for none.
    n_classes : int
    pred_probs : ndarray of shape (n_items, n_classes), optional
        Out-of-sample probabilities; rows sum to 1.

    Returns
    -------
    Consensus

    Raises
    ------
    ValueError
        If shapes disagree, a vote is none of the classes, or rows are not probabilities.

    References
    ----------
    Goh, Tkachenko & Mueller (2022), CROWDLAB, arXiv:2210.06812; as cleanlab computes it.
    """
    counts = counts_of(votes, n_classes)
    if pred_probs is None:
        return _majority(counts)
    if pred_probs.shape != counts.shape:
        raise ValueError("pred_probs must have one row an item and one column a class")
    probs = normalised(pred_probs)
    if not (counts.sum(axis=1) > 1).any() or n_classes < 2:
        return _one_vote(counts, probs)
    return _crowdlab(votes, counts, probs)


def _majority(counts: NDArray[np.int64]) -> Consensus:
    voters = counts.sum(axis=1)
    most = counts.max(axis=1, initial=0)
    tied = (counts == most[:, None]).sum(axis=1) > 1
    labels = np.where((voters == 0) | tied, -1, counts.argmax(axis=1))
    even = np.full(counts.shape, 1.0 / max(1, counts.shape[1]))
    shares = np.divide(counts, voters[:, None], out=even, where=voters[:, None] > 0)
    return Consensus(Method.MAJORITY, labels.astype(np.int64), shares)


def _one_vote(counts: NDArray[np.int64], probs: NDArray[np.float64]) -> Consensus:
    """The vote is the label, whatever the model says; how sure it is both say together."""
    votes = np.where(counts.sum(axis=1) > 0, counts.argmax(axis=1), -1)
    posterior = label_posterior(
        probs,
        np.full(len(votes), -1),
        votes[:, None],
        reviewer_accuracy=np.full((len(votes), 1), _OF_ONE_VOTE),
        given_accuracy=_OF_ONE_VOTE,
    )
    return Consensus(Method.ONE_VOTE, votes, posterior)


def _crowdlab(votes: Labels, counts: NDArray[np.int64], probs: NDArray[np.float64]) -> Consensus:
    from cleanlab.multiannotator import get_label_quality_multiannotator

    items, people = counts.sum(axis=1) > 0, (votes >= 0).any(axis=0)
    asked = np.where(votes >= 0, votes, np.nan)[np.ix_(items, people)]
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # that nobody agrees anywhere shows in the result
        found = get_label_quality_multiannotator(
            asked, probs[items], verbose=False, return_detailed_quality=False, return_weights=True
        )
    told = found["label_quality"]
    shared = told["num_annotations"].to_numpy() > 1
    agreed = float(told["annotator_agreement"].to_numpy()[shared].mean())
    labels = np.full(len(votes), -1, dtype=np.int64)
    labels[items] = told["consensus_label"].to_numpy()
    posterior = probs.copy()
    weights = (float(found["model_weight"]), np.asarray(found["annotator_weight"], np.float64))
    posterior[items] = _averaged(asked, probs[items], weights, agreed)
    annotators = np.full(votes.shape[1], np.nan)
    quality = found["annotator_stats"]["annotator_quality"].sort_index().to_numpy()
    annotators[people] = quality
    return Consensus(Method.CROWDLAB, labels, posterior, annotators)


def _averaged(
    votes: NDArray[np.float64],
    probs: NDArray[np.float64],
    weights: tuple[float, Scores],
    agreed: float,
) -> NDArray[np.float64]:
    """CROWDLAB's weighted average of the model and of who voted; cleanlab keeps it to itself."""
    of_model, of_people = weights
    classes = probs.shape[1]
    otherwise = (1.0 - agreed) / (classes - 1)
    total = probs * of_model
    voted = np.isfinite(votes)
    total += otherwise * (voted @ of_people)[:, None]
    for label in range(classes):
        total[:, label] += (agreed - otherwise) * ((votes == label) @ of_people)
    averaged: NDArray[np.float64] = total / (of_model + voted @ of_people)[:, None]
    return averaged
