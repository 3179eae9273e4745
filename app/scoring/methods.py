"""The ways to order a queue, by the names people choose them with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Protocol

import numpy as np

from app.arrays import Labels, Probs, Scores, check_predictions
from app.scoring.blocks import THREADS
from app.scoring.confidence_weighted_entropy import confidence_weighted_entropy
from app.scoring.normalized_margin import normalized_margin
from app.scoring.phi import phi
from app.scoring.product import product
from app.scoring.random_order import random_order
from app.scoring.self_confidence import self_confidence
from app.scoring.vpv import DEFAULT_EPS, vpv


class Method(Protocol):
    """Given labels and predictions in, one score an example out; higher means sooner."""

    def __call__(self, given_labels: Labels, pred_probs: Probs, /) -> Scores: ...


DEFAULT_METHOD = "vpv"
RANDOM_METHOD = "random"


@dataclass(frozen=True, slots=True)
class ScoreMethod:
    """One way to order a queue: its name, its words for people, and the mathematics."""

    name: str
    words: str
    score: Method


SCORE_METHODS = (
    ScoreMethod("vpv", "Most fixed per review (advised)", vpv),
    ScoreMethod("phi", "Cross-entropy minus entropy", phi),
    ScoreMethod("self_confidence", "Self-confidence", self_confidence),
    ScoreMethod("normalized_margin", "Normalized margin", normalized_margin),
    ScoreMethod(
        "confidence_weighted_entropy", "Confidence-weighted entropy", confidence_weighted_entropy
    ),
    ScoreMethod("product", "Quality times difficulty", product),
)
"""Every one that needs labels and predictions alone: a new score is its file and its line here."""

METHODS: Mapping[str, Method] = MappingProxyType({one.name: one.score for one in SCORE_METHODS})
METHOD_NAMES: tuple[str, ...] = (*METHODS, RANDOM_METHOD)
METHOD_WORDS: Mapping[str, str] = MappingProxyType(
    {one.name: one.words for one in SCORE_METHODS} | {RANDOM_METHOD: "Random order"}
)


def method_of(name: str, *, eps: float = DEFAULT_EPS, threads: int = THREADS) -> Method:
    """The method of that name, with what only ``vpv`` asks for; ValueError if there is none."""
    if name not in METHODS:
        raise ValueError(f"unknown method {name!r}; choose one of {', '.join(METHOD_NAMES)}")
    return partial(vpv, eps=eps, threads=threads) if name == DEFAULT_METHOD else METHODS[name]


def priority(
    method: str,
    given_labels: Labels,
    pred_probs: Probs,
    *,
    eps: float = DEFAULT_EPS,
    rng: np.random.Generator | None = None,
) -> Scores:
    """Score every example by the method of that name.

    Parameters
    ----------
    method : str
        One of ``METHOD_NAMES``.
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``.
    pred_probs : ndarray of shape (n_examples, n_classes)
        Out-of-sample probabilities; rows sum to 1 within 1e-3.
    eps : float
        Unreliability of one review, in ``[0, 0.5]``; only ``vpv`` uses it.
    rng : numpy.random.Generator, optional
        Needed by ``random`` only.

    Returns
    -------
    ndarray of shape (n_examples,)
        Unit and range are the method's; higher means review sooner.

    Raises
    ------
    ValueError
        If the name is unknown, ``random`` has no ``rng``, or the method refuses its input.
    """
    if method == RANDOM_METHOD:
        if rng is None:
            raise ValueError("the random method needs an rng")
        check_predictions(given_labels, pred_probs)
        return random_order(len(given_labels), rng)
    return method_of(method, eps=eps)(given_labels, pred_probs)
