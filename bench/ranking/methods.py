"""The scores that are compared; others plug in here."""

from collections.abc import Callable, Mapping

import numpy as np

from app.arrays import Labels, Probs, Scores
from app.scoring.methods import METHODS, RANDOM_METHOD
from app.scoring.random_order import random_order
from app.scoring.vpv import vpv

Score = Callable[[Labels, Probs, float], Scores]
"""Given labels, predictions and the unreliability of one review in; higher is sooner."""

COMPARED = ("vpv", "phi", "self_confidence", "normalized_margin", "random")


def methods(names: tuple[str, ...] = COMPARED, *, seed: int = 0) -> dict[str, Score]:
    """Our own scores by name.

    Raises
    ------
    ValueError
        If a name is unknown.
    """
    known: Mapping[str, Score] = {
        **{name: _without_eps(name) for name in METHODS},
        "vpv": lambda given, probs, eps: vpv(given, probs, eps=eps),
        RANDOM_METHOD: lambda given, _probs, _eps: random_order(
            len(given), np.random.default_rng(seed)
        ),
    }
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"unknown method {unknown[0]!r}; choose of {', '.join(known)}")
    return {name: known[name] for name in names}


def _without_eps(name: str) -> Score:
    method = METHODS[name]
    return lambda given, probs, _eps: method(given, probs)
