"""Which labels are confused, on sets whose right labels are known."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from cleanlab.count import compute_confident_joint
from numpy.typing import NDArray

from app.noise.joint import joint, most_confused
from bench.ranking.cases import Case, detection_cases

GROUPS = ("cifar10n worst", "banking77 instance")
CHECKS = (100, 300)
_DRAWS = 20
_TOP = 5


@dataclass(frozen=True)
class Known:
    """Means over seeded audits.

    ``first_three``: how many of our first 3 pairs (given, right) are among the true first 5;
    ``of_five``: how many of the true first 5 are among ours. ``inside``: share of the cells
    with wrong labels whose true count lies in its limits. ``miss``: root mean square error of
    P(right | given) off the diagonal; of the model alone, without an audit, likewise.
    """

    name: str
    checks: int
    first_three: float
    of_five: float
    inside: float
    miss: float
    miss_of_model: float


def evaluate() -> Iterator[Known]:
    for case in detection_cases():
        if case.group in GROUPS:
            confident = _confident(case)
            for checks in CHECKS:
                yield _known(case, confident, checks)


def _confident(case: Case) -> NDArray[np.int64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counts = compute_confident_joint(case.given, case.pred_probs, calibrate=False)
    return np.asarray(counts, dtype=np.int64)


def _table(given: NDArray[np.int64], right: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    return np.bincount(given * n + right, minlength=n * n).reshape(n, n)


def _known(case: Case, confident: NDArray[np.int64], checks: int) -> Known:
    n = case.pred_probs.shape[1]
    given, right = case.given.astype(np.int64), case.truth.astype(np.int64)
    true = _table(given, right, n)
    sizes = true.sum(axis=1)
    wrong = np.where(np.eye(n, dtype=bool), -1, true)
    first = [divmod(int(place), n) for place in np.argsort(-wrong, axis=None)[:_TOP]]
    off, shares = ~np.eye(n, dtype=bool), true / np.maximum(sizes[:, None], 1)
    alone = joint(confident, np.zeros_like(true), sizes).shares()
    rows = []
    for seed in range(_DRAWS):
        drawn = np.random.default_rng(seed).choice(len(given), checks, replace=False)
        found = joint(confident, _table(given[drawn], right[drawn], n), sizes)
        pairs = most_confused(found, _TOP)
        low, high = found.count_limits()
        within = (low <= true) & (true <= high)
        rows.append(
            (
                sum(pair in first for pair in pairs[:3]),
                sum(pair in first for pair in pairs),
                within[off & (true > 0)].mean(),
                np.sqrt(np.mean((found.shares() - shares)[off] ** 2)),
            )
        )
    three, five, inside, miss = map(float, np.mean(rows, axis=0))
    alone_miss = float(np.sqrt(np.mean((alone - shares)[off] ** 2)))
    return Known(case.name, checks, three, five, inside, miss, alone_miss)
