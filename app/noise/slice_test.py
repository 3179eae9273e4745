"""Which groups of examples hold more wrong labels than their quality and class explain?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from app.arrays import Scores
from app.noise.strata import Answers, class_strata, expected_rates, shuffled

PERMUTATIONS = 400
"""As in the class test."""

LEAST_SUPPORT = 5
"""A group with fewer answers is not tested."""

MOST_OVERLAP = 0.5
"""Two groups that share more of the smaller one are one group."""

_WRONG_SHARES = (0.3, 0.5, 0.8)
"""What a group may be in which the model sees nothing: so many wrong whatever the quality."""

_ODDS = (6.0,)
"""What it may be where the model sees as much as elsewhere: so many times the usual odds."""

_NEVER = -np.inf


@dataclass(frozen=True)
class SliceTest:
    """One entry a candidate, in the order they came.

    ``evidence``: natural logarithm of how much better "many wrong here" explains the answers
    than "as elsewhere", prior included; the more, the more suspicious; -inf: too few answers.
    ``p``: how often chance brings that much anywhere among all candidates.
    ``expected``: wrong labels to expect from quality and class alone.
    """

    evidence: Scores
    p: Scores
    support: NDArray[np.int64]
    wrong: NDArray[np.int64]
    expected: Scores

    @property
    def smallest_p(self) -> float:
        return float(self.p.min(initial=1.0))


def slice_test(
    answers: Answers,
    members: csr_array,
    log_prior: Scores,
    *,
    rng: np.random.Generator,
    permutations: int = PERMUTATIONS,
) -> SliceTest:
    """Weigh every candidate against its strata; p holds for all candidates together.

    The evidence of a candidate is the logarithm of a mean of likelihood ratios: a few shapes of
    trouble against the rates of its strata (quality times given class), so that a wrong label
    the model did not doubt weighs most. Each is compared with the largest evidence among all
    candidates after shuffling inside strata.

    Parameters
    ----------
    answers : Answers
        Selection for review must have followed quality or chance alone.
    members : csr_array of shape (n_candidates, n_answers)
        Nonzero where the answer belongs to the candidate. Candidates must have been chosen
        without looking at ``answers.wrong``.
    log_prior : ndarray of shape (n_candidates,)
        Added to the evidence: natural logarithm of how likely a candidate is beforehand.
    rng, permutations
        What the deals are drawn by, and how many.

    Returns
    -------
    SliceTest
        Family-wise: if only quality and class matter, any p is at most 0.05 in 1 of 20.

    Raises
    ------
    ValueError
        If shapes disagree or there is no permutation.

    References
    ----------
    Westfall and Young (1993), Resampling-Based Multiple Testing.
    """
    _check(answers, members, log_prior, permutations)
    belongs = _as_numbers(members)
    strata = class_strata(answers)
    rates = expected_rates(answers.wrong, strata)
    support = np.diff(belongs.indptr)
    seen = csr_array(answers.wrong[None, :], dtype=np.float32)
    evidence = _evidence(belongs, seen, rates)[0] + log_prior
    dealt = shuffled(answers.wrong, strata, permutations, rng=rng)
    by_chance = _evidence(belongs, dealt, rates) + log_prior
    largest = np.sort(by_chance.max(axis=1, initial=_NEVER))
    # Sums in float32: what differs by rounding is as large.
    reached = permutations - np.searchsorted(largest, evidence - 1e-3, side="left")
    return SliceTest(
        evidence=evidence,
        p=np.where(support < LEAST_SUPPORT, 1.0, (1 + reached) / (1 + permutations)),
        support=support.astype(np.int64),
        wrong=np.asarray(belongs @ answers.wrong.astype(np.float64)).astype(np.int64),
        expected=np.asarray(belongs @ rates, dtype=np.float64),
    )


def worth_probing(evidence: Scores, members: csr_array, *, most: int) -> list[int]:
    """The candidates with most evidence, one of each that overlap, best first.

    Parameters
    ----------
    evidence : ndarray of shape (n_candidates,)
    members : csr_array of shape (n_candidates, n_examples)
        Of the answers, or better of all examples.
    most : int

    Returns
    -------
    list of int
        Rows of ``members``; only such with evidence above 0. Of two that share more than half
        of the smaller one, the first is kept.
    """
    belongs = _as_numbers(members)
    sizes = np.diff(belongs.indptr)
    chosen: list[int] = []
    for row in np.argsort(-evidence, kind="stable"):
        if len(chosen) == most or not evidence[row] > 0:
            break
        shared = (belongs[chosen] @ belongs[[row]].T).toarray()[:, 0] if chosen else np.zeros(0)
        if (shared <= MOST_OVERLAP * np.minimum(sizes[chosen], sizes[row])).all():
            chosen.append(int(row))
    return chosen


def _check(answers: Answers, members: csr_array, log_prior: Scores, permutations: int) -> None:
    if members.shape[1] != len(answers):
        raise ValueError("members must have one column an answer")
    if log_prior.shape != (members.shape[0],):
        raise ValueError("log_prior must have one entry a candidate")
    if permutations < 1:
        raise ValueError("at least one permutation is needed")


def weights_of(rates: Scores) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """For each shape of trouble: what an answer weighs if wrong, beyond right, and if right."""
    odds = rates / (1 - rates)
    shares = [np.full_like(rates, share) for share in _WRONG_SHARES]
    shares += [times * odds / (1 + times * odds) for times in _ODDS]
    weights = []
    for share in shares:
        right = np.log((1 - share) / (1 - rates))
        beyond = np.log(share / rates) - right
        weights.append((beyond.astype(np.float32), right.astype(np.float32)))
    return weights


def _evidence(belongs: csr_array, wrong: csr_array, rates: Scores) -> Scores:
    """Of each candidate under each deal (a row of ``wrong``): (n_deals, n_candidates)."""
    shapes = weights_of(rates)
    by_answer = belongs.T.tocsr()
    total = np.full((wrong.shape[0], belongs.shape[0]), _NEVER)
    for beyond, right in shapes:
        weighed = csr_array((beyond[wrong.indices], wrong.indices, wrong.indptr), wrong.shape)
        np.logaddexp(total, (weighed @ by_answer).toarray() + belongs @ right, out=total)
    total -= np.log(len(shapes))
    total[:, np.diff(belongs.indptr) < LEAST_SUPPORT] = _NEVER
    return total


def _as_numbers(members: csr_array) -> csr_array:
    belongs = csr_array(members, dtype=np.float32, copy=True)
    belongs.eliminate_zeros()
    belongs.sum_duplicates()
    belongs.data[:] = 1.0
    return belongs
