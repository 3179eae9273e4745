"""The interval's worked examples and laws."""

from __future__ import annotations

import random

import pytest

from tests.review.audit_interval import Draw, Range, Served, left, watched


def only_audit(size: int, draws: int, wrong: set[int]) -> tuple[list[Draw], int, int]:
    made, found = [], 0
    for place in range(1, draws + 1):
        made.append(Draw(size - place + 1, found, place in wrong))
        found += place in wrong
    return made, found, size - draws


def every_tenth(size: int, serves: int) -> tuple[list[Draw], int, int]:
    made, found = [], 0
    for place in range(1, serves + 1):
        audit = place % 10 == 0
        wrong = place in (100, 400) if audit else place % 2 == 1 and place <= 300
        if audit:
            made.append(Draw(size - place + 1, found, wrong))
        found += wrong
    return made, found, size - serves


@pytest.mark.parametrize(
    ("size", "case", "low", "estimate", "high"),
    [
        (1_000, only_audit(1_000, 100, set()), 0, 6.9, 36),
        (10_000, only_audit(10_000, 300, set()), 0, 29.3, 145),
        (10_000, only_audit(10_000, 300, {50, 150, 250}), 9, 117.2, 356),
        (10_000, every_tenth(10_000, 2_000), 0, 94.7, 386),
        (200, only_audit(200, 200, set(range(1, 8))), 0, 0, 0),
        (500, only_audit(500, 0, set()), 0, None, 500),
    ],
)
def test_the_worked_examples(
    size: int, case: tuple[list[Draw], int, int], low: int, estimate: float | None, high: int
) -> None:
    draws, found, unserved = case
    said = left(size, draws, found=found, unserved=unserved)
    assert (said.low, said.high) == (low, high)
    assert said.estimate == (None if estimate is None else pytest.approx(estimate, abs=0.05))


def test_it_misses_at_most_ten_times_in_two_hundred_looked_at_all_the_way() -> None:
    misses = 0
    for seed in range(200):
        rng = random.Random(seed)
        wrong = set(rng.sample(range(400), 12))
        order = rng.sample(range(400), 400)
        draws: list[Draw] = []
        found, missed = 0, False
        for place, example in enumerate(order[:300]):
            is_wrong = example in wrong
            if rng.random() < 0.3:
                draws.append(Draw(400 - place, found, is_wrong))
            found += is_wrong
            if place % 20 == 19:
                said = left(400, draws, found=found, unserved=399 - place)
                missed |= not said.low <= len(wrong) - found <= said.high
        misses += missed
    assert misses <= 10


def draws(size: int, wrong: dict[int, bool | None], count: int) -> list[Served]:
    return [Served(True, size - n + 1, wrong.get(n, False)) for n in range(1, count + 1)]


def mixed(wrong: dict[int, bool | None]) -> list[Served]:
    """Row 4 of the worked examples, with some of its serves open."""
    made = []
    for n in range(1, 2_001):
        audit = n % 10 == 0
        was = n in (100, 400) if audit else n % 2 == 1 and n <= 300
        made.append(Served(audit, 10_000 - n + 1, wrong.get(n, was)))
    return made


@pytest.mark.parametrize(
    ("size", "serves", "prefix", "every", "both"),
    [
        (1_000, draws(1_000, {}, 100), (0, 36), (0, 39), (0, 36)),
        (1_000, draws(1_000, {11: None}, 100), (0, 271), (0, 68), (0, 68)),
        (
            1_000,
            draws(1_000, dict.fromkeys(range(11, 16), None), 100),
            (0, 271),
            (0, 225),
            (0, 225),
        ),
        (10_000, mixed({5: None, 50: None}), (0, 9_847), (0, 607), (0, 607)),
        (200, draws(200, {1: True, 2: True, 3: None}, 50), (1, 198), (0, 41), (1, 41)),
    ],
)
def test_the_worked_examples_while_answers_are_open(
    size: int,
    serves: list[Served],
    prefix: tuple[int, int],
    every: tuple[int, int],
    both: tuple[int, int],
) -> None:
    said = watched(size, serves)
    assert (said.prefix, said.every, said.both) == (Range(*prefix), Range(*every), Range(*both))
