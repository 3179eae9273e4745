"""Fresh votes until one class leads alone: what every example brings and costs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels, Probs, Scores


@dataclass(frozen=True)
class Draws:
    """Voting on every example, several times; both of shape (n_draws, n_examples).

    ``gains`` is 1 where a wrong label was put right, -1 where a right one was broken, else 0.
    """

    gains: NDArray[np.int8]
    votes: NDArray[np.int8]

    @property
    def gain_per_vote(self) -> Scores:
        """Mean gain over mean votes, the order of the oracle."""
        return np.asarray(self.gains.mean(axis=0) / self.votes.mean(axis=0), dtype=np.float64)


def draw_voting(
    given: Labels, truth: Labels, voters: Probs, *, draws: int, rng: np.random.Generator
) -> Draws:
    """Vote on every example ``draws`` times, the given label being the first vote."""
    chances = voters.cumsum(axis=1)
    gains = np.empty((draws, len(given)), dtype=np.int8)
    votes = np.empty_like(gains)
    before = (given == truth).astype(np.int8)
    for draw in range(draws):
        final, votes[draw] = vote_until_one_leads(given, chances, rng)
        gains[draw] = (final == truth).astype(np.int8) - before
    return Draws(gains, votes)


def vote_until_one_leads(
    given: Labels, chances: Probs, rng: np.random.Generator
) -> tuple[Labels, NDArray[np.int8]]:
    """Final labels and fresh votes spent, at least one an example.

    ``chances`` holds running sums over the classes of the chance of each vote.
    """
    tallies = np.zeros(chances.shape, dtype=np.int8)
    tallies[np.arange(len(given)), given] = 1
    spent = np.zeros(len(given), dtype=np.int8)
    undecided = np.arange(len(given))
    while len(undecided):
        tallies[undecided, votes_from(chances[undecided], rng)] += 1
        spent[undecided] += 1
        standing = tallies[undecided]
        leading = (standing == standing.max(axis=1, keepdims=True)).sum(axis=1)
        undecided = undecided[leading > 1]
    return tallies.argmax(axis=1), spent


def votes_from(chances: Probs, rng: np.random.Generator) -> Labels:
    """One vote for each row of running sums."""
    drawn = rng.random(len(chances))[:, None] * chances[:, -1:]
    return np.asarray((chances <= drawn).sum(axis=1), dtype=np.int64)
