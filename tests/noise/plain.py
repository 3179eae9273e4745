"""The estimate as it is written down: one count after the other, nothing saved."""

from math import inf, log

import numpy as np
from hypothesis import strategies as st
from scipy.stats import betabinom

from app.noise.serves import Serves


def serves_of(pool, count, *, every=1, wrong=(), opened=()):
    """So many serves, every so-manieth a draw; numbers of wrong and open ones count from 1."""
    drawn = np.zeros(count, dtype=np.bool_)
    drawn[every - 1 :: every] = True
    outcome = np.zeros(count, dtype=np.int8)
    outcome[[number - 1 for number in wrong]] = 1
    outcome[[number - 1 for number in opened]] = -1
    return Serves(pool, drawn, outcome)


@st.composite
def histories(draw, most=60, outcomes=(0, 0, 0, 1, -1)):
    pool = draw(st.integers(1, most))
    rows = draw(st.lists(st.tuples(st.booleans(), st.sampled_from(outcomes)), max_size=pool))
    drawn = np.array([row[0] for row in rows], dtype=np.bool_)
    return Serves(pool, drawn, np.array([row[1] for row in rows], dtype=np.int8))


def safe_log(share):
    return log(share) if share > 0 else -inf


def facts(serves, until):
    """Of each draw among the first serves: u, F, o and the outcome."""
    rows, found, opened = [], 0, 0
    for place in range(until):
        outcome = int(serves.outcome[place])
        if serves.drawn[place]:
            rows.append((serves.pool - place, found, opened, outcome))
        found += outcome == 1
        opened += outcome == -1
    return rows, found, opened


def log_likelihood(rows, wrong):
    total = 0.0
    for unserved, found, _, outcome in rows:
        share = (wrong - found) / unserved
        if not 0 <= share <= 1:
            return -inf
        total += safe_log(share if outcome else 1 - share)
    return total


def prefix_counts(serves, alpha=0.05):
    """Counts of wrong labels that the prefix keeps, for pools of up to 1,000."""
    prefix = next((at for at, one in enumerate(serves.outcome) if one == -1), len(serves))
    rows, found, _ = facts(serves, prefix)
    rate, hits = 0.0, 0
    for number, row in enumerate(rows):
        chance = (0.5 + hits) / (50 + number)
        rate += log(chance if row[3] else 1 - chance)
        hits += row[3]
    every = range(serves.pool + 1)
    likelihood = [log_likelihood(rows, wrong) for wrong in every]
    mixture = betabinom(serves.pool, 1, 30).logpmf(every) + likelihood
    forecast = np.logaddexp(rate, np.logaddexp.reduce(mixture)) - log(2)
    return [
        wrong
        for wrong in range(found, found + serves.pool - prefix + 1)
        if likelihood[wrong] > -inf and forecast - likelihood[wrong] < -log(alpha)
    ]


def worst_counts(serves, alpha=0.05):
    """Counts of wrong labels that all draws keep, with open answers at their worst."""
    rows, found, opened = facts(serves, len(serves))
    kept = []
    for wrong in range(found, found + opened + serves.pool - len(serves) + 1):
        total, hits, open_draws = log(0.5), 0, 0
        for number, (unserved, before, waiting, outcome) in enumerate(rows):
            least = (0.5 + hits) / (50 + number)
            most = (0.5 + hits + open_draws) / (50 + number)
            as_wrong = log(least) - safe_log((wrong - before) / unserved)
            as_right = log(1 - most)
            as_right -= safe_log(1 - max((wrong - before - waiting) / unserved, 0))
            total += (min(as_wrong, as_right), as_right, as_wrong)[outcome + 1]
            hits += outcome == 1
            open_draws += outcome == -1
        if total < -log(alpha):
            kept.append(wrong)
    return kept
