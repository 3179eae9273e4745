"""Fifty small projects from import to the last answer: nothing stuck, and the interval holds."""

from __future__ import annotations

from statistics import median

import pytest
from sqlalchemy import Engine

from app.db.words import Stream
from tests.review.simulation import BATCH, SIZE, simulate, told

PROJECTS = 50
MOST_MISSES = 3
MOST_WIDENED = 2.0  # by open answers, the median over all rounds
LOOKED_AT, LOOK_EACH = 2, 40  # projects looked at after every answer; the others every so many


@pytest.mark.parametrize("alike", [False, True], ids=["apart", "alike"])
def test_nothing_is_stuck_and_the_interval_holds_while_it_is_watched(
    engine: Engine, alike: bool
) -> None:
    sqlite = engine.dialect.name == "sqlite"
    projects = PROJECTS if sqlite else 2
    misses = 0
    widened: list[float] = []
    for seed in range(projects):
        simulation = simulate(engine, seed, alike=alike)
        simulation.look_each = 1 if seed < LOOKED_AT else LOOK_EACH
        size = SIZE if seed % 4 in (1, 2) else BATCH  # half of them in one large batch
        for _ in range(SIZE // size):
            batch = simulation.world.batch(simulation.lead, size=size)
            simulation.finish(batch)
            now = told(simulation)
            assert now.waiting == 0, f"project {seed}: the batch has members that wait"
            assert now.undecided == [], f"project {seed}: the prefix is frozen"
        assert len(now.serves) == SIZE
        copies = sum(stream is Stream.COPY for stream, _, _ in now.serves)
        assert bool(copies) is alike
        total = now.wrong(SIZE)
        misses += any(
            said.low is None
            or said.high is None
            or not said.low <= total - now.wrong(upto) <= said.high
            for upto in range(20, SIZE, 20)
            for said in [now.interval(upto)]
        )
        widened += [
            ratio
            for upto, undecided in simulation.open_then
            if (ratio := now.widening(upto, undecided)) is not None
        ]
    assert misses <= MOST_MISSES
    print(f"open answers widen the interval {median(widened):.2f} times")
    assert median(widened) <= MOST_WIDENED
