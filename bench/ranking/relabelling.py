"""Protocol A: people vote, and err; which order puts labels right for the fewest votes?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.arrays import Scores
from bench.ranking.area import area, chance_area, order_of, share
from bench.ranking.cases import Case, relabelling_cases
from bench.ranking.methods import Score, methods
from bench.ranking.voting import draw_voting

EPS = 0.3
BUDGETS = (1.0, 2.5, 5.0)
"""Votes, as multiples of the number of wrong labels."""

DRAWS = 20
ORACLE_DRAWS = 20
SEED = 20


@dataclass(frozen=True)
class Row:
    """One score in one case; ``shares`` of the oracle's area, one for each budget."""

    case: str
    method: str
    shares: tuple[float, ...]


class Simulation:
    """Votes drawn once for a group of cases, used by every score.

    The oracle's order comes from draws of its own: on those it is judged on it would know each
    vote before it is cast. Twenty draws leave it some chance of error; an order by the exact
    expectations would have shares of 1.02, 1.01 and 1.01.
    """

    def __init__(self, case: Case, *, draws: int = DRAWS, seed: int = SEED) -> None:
        if case.voters is None:
            raise ValueError(f"{case.name} has no voters")
        self.n_errors = case.n_errors
        judged, known = np.random.default_rng(seed).spawn(2)
        self.drawn = draw_voting(case.given, case.truth, case.voters, draws=draws, rng=judged)
        before = draw_voting(case.given, case.truth, case.voters, draws=ORACLE_DRAWS, rng=known)
        self.oracle_scores = before.gain_per_vote

    def area(self, scores: Scores, budget: float) -> float:
        """Area in label × votes up to ``budget`` times the number of wrong labels."""
        order = order_of(scores)
        gains, votes = self.drawn.gains[:, order], self.drawn.votes[:, order]
        return area(gains, votes, budget * self.n_errors)

    def chance_area(self, budget: float) -> float:
        return chance_area(self.drawn.gains, self.drawn.votes, budget * self.n_errors)

    @cached_property
    def oracle_areas(self) -> dict[float, float]:
        return {budget: self.area(self.oracle_scores, budget) for budget in BUDGETS}

    def shares(self, scores: Scores) -> tuple[float, ...]:
        return tuple(
            share(
                self.area(scores, budget),
                by_chance=self.chance_area(budget),
                by_oracle=self.oracle_areas[budget],
            )
            for budget in BUDGETS
        )


def evaluate(
    scores: Mapping[str, Score] | None = None,
    *,
    cases: Iterable[Case] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Iterator[Row]:
    """Judge every score in every case; our own scores and all cases where none are named."""
    judged = methods() if scores is None else scores
    simulations: dict[str, Simulation] = {}
    for case in relabelling_cases() if cases is None else cases:
        if case.group not in simulations:
            simulations[case.group] = Simulation(case, draws=draws, seed=seed)
        for name, score in judged.items():
            priority = score(case.given, case.pred_probs, EPS)
            yield Row(case.name, name, simulations[case.group].shares(priority))
