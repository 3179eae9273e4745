"""Is a careless reviewer flagged within 60 answers, a careful one not; what shrinking is worth."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from app.agreement.reviewer_quality import is_flagged, quality
from app.noise.limits import FEWEST
from bench.ranking.tables import aligned

SIMULATIONS, WITHIN, LONG = 200, 60, 600
CARELESS, CAREFUL = 0.20, 0.03
LEAST_FOUND, MOST_FALSE = 0.95, 0.02
REVIEWERS, COVERAGE_TEAMS = 20, 40


@dataclass(frozen=True)
class Team:
    """Error rates of the one who is looked at and of the others; how often an outcome is wrong."""

    name: str
    others: tuple[float, ...]
    outcome: float = 0.0


TEAMS = (
    Team("alone", ()),
    Team("five others at 3 %", (0.03,) * 5),
    Team("five others at 1 to 10 %", (0.01, 0.03, 0.04, 0.06, 0.10)),
    Team("five at 3 %, 1 % of outcomes wrong", (0.03,) * 5, outcome=0.01),
    Team("nine at 3 %, one at 20 %", (0.03,) * 9 + (0.20,)),
)
RATES = (CARELESS, CAREFUL, 0.05, 0.10)


def flagged_after(team: Team, rate: float, seed: int, answers: int) -> int | None:
    """After which answer the reviewer is flagged; all answer at the same pace."""
    rng = np.random.default_rng((seed, round(1000 * rate), answers))
    judged = [_judged(each, team.outcome) for each in (rate, *team.others)]
    wrong = np.cumsum(rng.random((len(judged), answers)) < np.array(judged)[:, None], axis=1)
    for number in range(FEWEST, answers + 1):
        own, *others = wrong[:, number - 1].tolist()
        if is_flagged(own, number, np.array(others, int), np.full(len(others), number)):
            return number
    return None


def _judged(rate: float, outcome: float) -> float:
    """How often an answer counts as wrong."""
    return rate * (1 - outcome) + (1 - rate) * outcome


def flags(simulations: int) -> str:
    titles = ["team", *(f"{rate:.0%} errors" for rate in RATES), "median answers", "3 % in 600"]
    lines = [titles]
    for team in TEAMS:
        shares, after = [], []
        for rate in RATES:
            ends = [flagged_after(team, rate, seed, WITHIN) for seed in range(simulations)]
            shares.append(fmean(end is not None for end in ends))
            after += [end for end in ends if end is not None and rate == CARELESS]
        long = [flagged_after(team, CAREFUL, seed, LONG) for seed in range(simulations)]
        ever = f"{fmean(end is not None for end in long):.1%}"
        middle = f"{median(after):.0f}" if after else ""
        lines.append([team.name, *(f"{share:.1%}" for share in shares), middle, ever])
    return aligned(lines)


def shrinking() -> str:
    """Error of raw and of shrunken shares, and how often the limits hold the true share."""
    lines = [["answers", "raw error", "shrunken error", "inside the limits", "width"]]
    for answers in (5, 10, 20, 50, 100):
        raw, drawn, inside, width = [], [], [], []
        for seed in range(COVERAGE_TEAMS):
            rng = np.random.default_rng((seed, answers))
            truth = rng.beta(18.0, 2.0, size=REVIEWERS)
            right = rng.binomial(answers, truth)
            found = quality(right, np.full(REVIEWERS, answers))
            raw.append(np.mean((right / answers - truth) ** 2))
            drawn.append(np.mean((found.share - truth) ** 2))
            inside.append(np.mean((found.low <= truth) & (truth <= found.high)))
            width.append(np.mean(found.high - found.low))
        error = [f"{100 * np.sqrt(fmean(map(float, of))):.1f}" for of in (raw, drawn)]
        shares = [f"{fmean(map(float, of)):.1%}" for of in (inside, width)]
        lines.append([str(answers), *error, *shares])
    return aligned(lines)


def main(runs: int | None) -> None:
    print(f"Flagged within {WITHIN} answers, in so many of {runs or SIMULATIONS} simulations")
    print(flags(runs or SIMULATIONS))
    print(f"careless ones at least {LEAST_FOUND:.0%}, careful ones at most {MOST_FALSE:.0%}\n")
    print(f"Shares of {REVIEWERS} reviewers, on average right in 90 of 100, points")
    print(shrinking(), flush=True)
