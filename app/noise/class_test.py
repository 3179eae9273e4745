"""Are the labels of some classes wrong more often than those of others?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Scores
from app.noise.strata import Answers, Strata, quality_strata, shuffled

PERMUTATIONS = 400
"""The smallest p that can come out is 1/401; 400 tell 0.05 from 0.07 nearly always."""


@dataclass(frozen=True)
class ClassTest:
    """What was seen in each class, and how rarely chance does as much.

    ``classes``, ``asked``, ``wrong``, ``expected`` and ``z`` have one entry a class that was
    answered; ``expected`` is the number of wrong labels if classes did not matter.
    """

    p: float
    classes: NDArray[np.integer]
    asked: NDArray[np.int64]
    wrong: NDArray[np.int64]
    expected: Scores
    z: Scores


def class_test(
    answers: Answers, *, rng: np.random.Generator, permutations: int = PERMUTATIONS
) -> ClassTest:
    """Test whether wrongness depends on the given class, at equal quality.

    The sum over classes of z squared, z = (observed - expected) / standard deviation, both
    hypergeometric inside bands of quality; a class without deviation counts as 0. Compared
    with the same sum after shuffling the answers inside the bands.

    Parameters
    ----------
    answers : Answers
        May hold no wrong label; then nothing differs and p is 1.
    rng : numpy.random.Generator
    permutations : int

    Returns
    -------
    ClassTest
        ``p`` in ``(0, 1]``, uniform if classes do not matter.

    Raises
    ------
    ValueError
        If there is no permutation to compare with.

    References
    ----------
    Good (2005), Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd ed.
    """
    if permutations < 1:
        raise ValueError("at least one permutation is needed")
    strata = quality_strata(answers)
    classes, of_answer = np.unique(answers.given_labels, return_inverse=True)
    belongs = np.eye(len(classes), dtype=np.float32)[of_answer]
    expected, deviation = _if_classes_did_not_matter(answers, strata, belongs)
    dealt = shuffled(answers.wrong, strata, permutations, rng=rng)
    seen = belongs.T @ answers.wrong.astype(np.float32)
    z = _z(seen[:, None], expected, deviation)
    by_chance = (_z((dealt @ belongs).T, expected, deviation) ** 2).sum(axis=0)
    # A sum that only differs by rounding is as large.
    as_much = np.count_nonzero(by_chance >= (z**2).sum() * (1 - 1e-6))
    return ClassTest(
        p=(1 + as_much) / (1 + permutations),
        classes=classes,
        asked=belongs.sum(axis=0).astype(np.int64),
        wrong=seen.astype(np.int64),
        expected=expected,
        z=z[:, 0],
    )


def _if_classes_did_not_matter(
    answers: Answers, strata: Strata, belongs: NDArray[np.float32]
) -> tuple[Scores, Scores]:
    """Mean and standard deviation of the wrong labels of each class, hypergeometric."""
    sizes, hits = strata.sizes(), strata.sums(answers.wrong)
    inside = np.zeros((belongs.shape[1], len(sizes)))
    for place, column in enumerate(belongs.T):
        inside[place] = strata.sums(column.astype(np.float64))
    rates = hits / np.maximum(sizes, 1)
    spread = rates * (1 - rates) * inside * (sizes - inside) / np.maximum(sizes - 1, 1)
    return inside @ rates, np.sqrt(spread.sum(axis=1))


def _z(seen: NDArray[np.float32], expected: Scores, deviation: Scores) -> Scores:
    away = seen - expected[:, None]
    scale = deviation[:, None]
    return np.divide(away, scale, out=np.zeros_like(away), where=scale > 1e-9)
