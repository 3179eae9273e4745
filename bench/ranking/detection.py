"""Protocol B: one expert settles every review; which order meets the wrong labels first?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from app.arrays import Scores
from bench.ranking.area import area, chance_area, order_of, share
from bench.ranking.cases import Case, detection_cases
from bench.ranking.methods import Score, methods

EPS = 0.05
BUDGET = 2.5
"""Reviews, as a multiple of the number of wrong labels."""


@dataclass(frozen=True)
class Row:
    """One score in one case; precision is that of as many reviews as there are errors."""

    case: str
    method: str
    auroc: float
    average_precision: float
    precision: float
    share: float


def evaluate(
    scores: Mapping[str, Score] | None = None, *, cases: Iterable[Case] | None = None
) -> Iterator[Row]:
    """Judge every score in every case; our own scores and all cases where none are named."""
    judged = methods() if scores is None else scores
    for case in detection_cases() if cases is None else cases:
        for name, score in judged.items():
            priority = score(case.given, case.pred_probs, EPS)
            found = case.wrong[order_of(priority)]
            yield Row(
                case.name,
                name,
                auroc=float(roc_auc_score(case.wrong, priority)),
                average_precision=_average_precision(case.wrong, priority),
                precision=float(found[: case.n_errors].mean()),
                share=share_of_reviews(found),
            )


def share_of_reviews(found: NDArray[np.bool_]) -> float:
    """Share of oracle area when every review costs one and puts a wrong label right.

    ``found`` says for each example, in the order of review, whether its label was wrong.
    """
    gains = found.astype(np.int64)
    reviews = np.ones_like(gains)
    budget = BUDGET * gains.sum()
    return share(
        area(gains, reviews, budget),
        by_chance=chance_area(gains, reviews, budget),
        by_oracle=area(np.sort(gains)[::-1], reviews, budget),
    )


def _average_precision(wrong: NDArray[np.bool_], priority: Scores) -> float:
    return float(average_precision_score(wrong, priority))
