"""Protocol E: all levers in one loop; what do they bring together that none brings alone?

The queue is worked off in ten batches. Before each, the model may be fitted again with the
decisions so far, and what is undecided is ordered anew; how long an example is read is up to
the stop rule. Measured after 2.5 votes for each wrong label.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from app.arrays import Embeddings, Labels
from app.learning.neighbours import nearest_neighbours
from bench.ranking.area import order_of
from bench.ranking.cases import Case, data_folder, relabelling_cases
from bench.ranking.levers import (
    Draw,
    Learn,
    Settle,
    by_audit,
    draw_people,
    fitted,
    fitted_and_stored,
    fixed,
    gain_of_a_read,
    until_one_leads,
    until_sure,
)
from bench.ranking.methods import Score, methods
from bench.ranking.relabelling import EPS, SEED
from bench.ranking.stopping import MOST_READS, posterior

CASES = ("cifar10h 15 weak", "cifar10h 30 weak")
BATCHES = 10
DRAWS = 5
ROUNDS = 20
"""Parts of a batch after which the answers change who is read next; 5 and 80 do as well."""

SINGLE_LEVERS = ("phi", "vpv", "re-fit", "posterior")


@dataclass(frozen=True)
class Way:
    """Which levers are pulled; without ``settle`` an example returns to the queue after a read."""

    name: str
    learn: Learn
    score: Score
    settle: Settle | None


@dataclass(frozen=True)
class Row:
    """One way in one case, means over draws.

    ``put_right`` is net of right labels broken, ``share`` is of the wrong labels, ``broken`` of
    the right ones; ``examples`` were read at least once.
    """

    case: str
    way: str
    put_right: float
    share: float
    broken: float
    examples: float


def ways() -> tuple[Way, ...]:
    """The reference, every lever alone, and then all levers."""
    phi, vpv = methods(("phi", "vpv")).values()
    return (
        Way("phi", fixed, phi, until_one_leads),
        Way("vpv", fixed, vpv, until_one_leads),
        Way("re-fit", fitted, vpv, until_one_leads),
        Way("posterior", fixed, vpv, until_sure),
        Way("posterior, audit", by_audit(fixed), vpv, until_sure),
        Way("all", fitted, vpv, until_sure),
        Way("all, stored", fitted_and_stored, vpv, until_sure),
        Way("all, stored, audit", by_audit(fitted_and_stored), vpv, until_sure),
        Way("all, audit, returned", by_audit(fitted_and_stored), vpv, None),
    )


def evaluate(
    compared: Iterable[Way] | None = None,
    *,
    cases: Iterable[tuple[Case, Embeddings]] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Iterator[Row]:
    """Judge every way in every case; our own ways and both cases where none are named."""
    judged = ways() if compared is None else tuple(compared)
    for case, vectors in loop_cases() if cases is None else cases:
        neighbours = nearest_neighbours(vectors).indices
        rngs = np.random.default_rng(seed).spawn(draws)
        drawn = [draw_people(case, vectors, neighbours, rng) for rng in rngs]
        for way in judged:
            yield _row(case, way.name, [work_off(way, draw) for draw in drawn])


def loop_cases() -> Iterator[tuple[Case, Embeddings]]:
    """CIFAR-10H with 15 and 30 % noise, its stored weak predictions and its vectors."""
    with np.load(data_folder() / "cifar10h/relabel_simulation.npz") as stored:
        vectors = np.asarray(normalize(stored["emb"].astype(np.float32)), dtype=np.float32)
    named = (case for case in relabelling_cases() if case.name in CASES)
    for case in islice(named, len(CASES)):
        yield case, vectors


def work_off(way: Way, draw: Draw) -> tuple[Labels, NDArray[np.bool_]]:
    """Final labels, and which examples were read."""
    if way.settle is None:
        return _returned(way, draw)
    return _settled(way, way.settle, draw)


def _settled(way: Way, settle: Settle, draw: Draw) -> tuple[Labels, NDArray[np.bool_]]:
    """Read each example to its end before the next; an unfinished one keeps its given label."""
    labels = draw.case.given.copy()
    read = np.zeros(len(labels), dtype=np.bool_)
    spent = 0
    for batch in range(1, BATCHES + 1):
        probs = way.learn(draw, labels)
        order = order_of(way.score(draw.case.given, probs, EPS))
        left = draw.budget * batch / BATCHES - spent
        rows = order[~read[order]][: max(0, int(np.ceil(left)))]
        final, votes = settle(draw, probs, rows)
        size = affordable(votes, left, overrun=batch < BATCHES)
        labels[rows[:size]] = final[:size]
        read[rows[:size]] = True
        spent += int(votes[:size].sum())
    return labels, read


def affordable(votes: NDArray[np.int8], left: float, *, overrun: bool) -> int:
    """How many examples in a row are begun, or else finished, with the votes that are left."""
    ends = votes.cumsum(dtype=np.int64)
    return int(((ends - votes < left) if overrun else (ends <= left)).sum())


def _returned(way: Way, draw: Draw) -> tuple[Labels, NDArray[np.bool_]]:
    """Each read goes where it promises most; what was read has its likeliest label."""
    labels = draw.case.given.copy()
    every = np.arange(len(labels))
    answers = np.full_like(draw.answers, -1)
    for part in range(BATCHES * ROUNDS):
        if part % ROUNDS == 0:
            probs = way.learn(draw, labels)
        counts = (answers >= 0).sum(axis=1)
        chances = posterior(draw.case, probs, draw.audit, rows=every, answers=answers)
        standing = np.where(counts > 0, chances.argmax(axis=1), draw.case.given)
        gains = gain_of_a_read(chances, standing, draw.audit.reviewer_accuracy)
        gains[counts == MOST_READS] = -np.inf
        size = int(draw.budget * (part + 1) / (BATCHES * ROUNDS)) - int(counts.sum())
        rows = order_of(gains)[:size]
        answers[rows, counts[rows]] = draw.answers[rows, counts[rows]]
        asked = np.flatnonzero((answers >= 0).any(axis=1))
        known = posterior(draw.case, probs, draw.audit, rows=asked, answers=answers[asked])
        labels[asked] = known.argmax(axis=1)
    return labels, np.asarray((answers >= 0).any(axis=1))


def _row(case: Case, way: str, outcomes: list[tuple[Labels, NDArray[np.bool_]]]) -> Row:
    final = np.stack([labels for labels, _ in outcomes])
    right = ~case.wrong
    broken = ((final != case.truth) & right).sum(axis=1).mean()
    put_right = ((final == case.truth) & case.wrong).sum(axis=1).mean() - broken
    return Row(
        case=case.name,
        way=way,
        put_right=float(put_right),
        share=float(put_right / case.n_errors),
        broken=float(broken / right.sum()),
        examples=float(np.stack([read for _, read in outcomes]).sum(axis=1).mean()),
    )
