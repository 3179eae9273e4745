"""Protocol D: when is an example read often enough? One class in the lead, or a posterior."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels, Probs, Scores
from app.scoring.phi import phi
from app.scoring.posterior import label_posterior
from app.scoring.vpv import vpv
from bench.ranking.area import area, order_of
from bench.ranking.cases import Case, relabelling_cases
from bench.ranking.relabelling import DRAWS, EPS, SEED, Simulation
from bench.ranking.voting import Draws, votes_from

STOP_AT = 0.97
MOST_READS = 7
BUDGET = 2.5
"""Reads, as a multiple of the number of wrong labels."""

Ask = Callable[[NDArray[np.intp], int], Labels]
"""Rows, and which read of them it is, in; what a reader answers out."""

AUDITED = 300
"""Examples drawn at random and settled, then read once more."""


@dataclass(frozen=True)
class Row:
    """One order and stop rule in one case.

    ``area`` is over that of the oracle with the paper's rule. ``accuracy``, ``reads`` an example
    and ``broken``, the share of right labels that end wrong, tell of reading every example;
    ``broken_early`` tells of as many reads as are in the budget.
    """

    case: str
    rule: str
    area: float
    accuracy: float
    reads: float
    broken: float
    broken_early: float


@dataclass(frozen=True)
class Audit:
    """Shares of given labels and of second reads that agree with settled labels."""

    given_accuracy: float
    reviewer_accuracy: float


def evaluate(
    *, cases: Iterable[Case] | None = None, draws: int = DRAWS, seed: int = SEED
) -> Iterator[Row]:
    """Compare the stop rules in the cases of protocol A; every draw has an audit of its own."""
    simulations: dict[str, Simulation] = {}
    for case in relabelling_cases() if cases is None else cases:
        if case.group not in simulations:
            simulations[case.group] = Simulation(case, draws=draws, seed=seed)
        simulation = simulations[case.group]
        oracle = simulation.area(simulation.oracle_scores, BUDGET)
        ours = vpv(case.given, case.pred_probs, eps=EPS)
        read = read_until_sure(case, draws=draws, rng=np.random.default_rng(seed))
        for rule, scores, drawn in (
            ("phi, one leads", phi(case.given, case.pred_probs), simulation.drawn),
            ("vpv, one leads", ours, simulation.drawn),
            ("vpv, posterior", ours, read),
        ):
            yield _row(case, rule, scores, drawn=drawn, oracle=oracle)


def read_until_sure(case: Case, *, draws: int, rng: np.random.Generator) -> Draws:
    """Read every example ``draws`` times over until a posterior of 0.97, or 7 reads."""
    if case.voters is None:
        raise ValueError(f"{case.name} has no voters")
    chances = case.voters.cumsum(axis=1)
    gains = np.empty((draws, len(case.given)), dtype=np.int8)
    reads = np.empty_like(gains)
    before = (case.given == case.truth).astype(np.int8)
    every = np.arange(len(case.given))

    def ask(rows: NDArray[np.intp], _nth: int) -> Labels:
        return votes_from(chances[rows], rng)

    for draw in range(draws):
        audit = audited(case, chances, rng)
        final, reads[draw] = until_sure(case, case.pred_probs, audit, rows=every, ask=ask)
        gains[draw] = (final == case.truth).astype(np.int8) - before
    return Draws(gains, reads)


def audited(case: Case, chances: Probs, rng: np.random.Generator) -> Audit:
    """What an audit would find, one success and one failure added to each."""
    rows = rng.choice(len(case.given), size=min(AUDITED, len(case.given)), replace=False)
    settled = case.truth[rows]
    return Audit(
        given_accuracy=_share_right(case.given[rows], settled),
        reviewer_accuracy=_share_right(votes_from(chances[rows], rng), settled),
    )


def _share_right(labels: Labels, settled: Labels) -> float:
    return float(((labels == settled).sum() + 1) / (len(labels) + 2))


def until_sure(
    case: Case, probs: Probs, audit: Audit, *, rows: NDArray[np.intp], ask: Ask
) -> tuple[Labels, NDArray[np.int8]]:
    """Read each row until a posterior of 0.97, or 7 reads: final labels and reads spent."""
    final = case.given[rows]
    spent = np.zeros(len(rows), dtype=np.int8)
    answers = np.full((len(rows), MOST_READS), -1, dtype=np.int64)
    unsure = np.arange(len(rows))
    for nth in range(MOST_READS):
        answers[unsure, nth] = ask(rows[unsure], nth)
        spent[unsure] += 1
        chances = posterior(
            case, probs, audit, rows=rows[unsure], answers=answers[unsure, : nth + 1]
        )
        final[unsure] = chances.argmax(axis=1)
        unsure = unsure[chances.max(axis=1) < STOP_AT]
    return final, spent


def posterior(
    case: Case, probs: Probs, audit: Audit, *, rows: NDArray[np.intp], answers: Labels
) -> Probs:
    """What prediction, given label and answers say of the rows; accuracies are the audit's."""
    return label_posterior(
        probs[rows],
        case.given[rows],
        answers,
        reviewer_accuracy=np.full(answers.shape, audit.reviewer_accuracy),
        given_accuracy=audit.given_accuracy,
    )


def _row(case: Case, rule: str, scores: Scores, *, drawn: Draws, oracle: float) -> Row:
    order = order_of(scores)
    gains, votes = drawn.gains[:, order], drawn.votes[:, order]
    budget = BUDGET * case.n_errors
    early = votes.cumsum(axis=1, dtype=np.int64) <= budget
    n_right = len(case.given) - case.n_errors
    return Row(
        case=case.name,
        rule=rule,
        area=area(gains, votes, budget) / oracle,
        accuracy=float((n_right + gains.sum(axis=1, dtype=np.int64)).mean() / len(order)),
        reads=float(votes.mean()),
        broken=float((gains < 0).sum(axis=1).mean() / n_right),
        broken_early=float(((gains < 0) & early).sum(axis=1).mean() / n_right),
    )
