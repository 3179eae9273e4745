"""Labels are compared as what stands for them now: the laws of merging two of them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.db.words import Status
from tests.audit.merging import (
    ALPHA,
    BETA,
    GAMMA,
    REMOVED,
    by_label,
    measures,
    scored_world,
    told,
)

SEEDS = (1, 2)


def alike(place: int, chance: random.Random) -> int:
    """Nobody tells alpha from beta: of one example all who name one of them name the same."""
    given = place % 3
    theirs = given if given != GAMMA else place // 3 % 2
    return chance.choices((theirs, GAMMA, REMOVED), (6, 3, 1))[0]


def apart(place: int, chance: random.Random) -> int:
    """Anything, mostly what was given."""
    return chance.choices((place % 3, ALPHA, BETA, GAMMA, REMOVED), (8, 3, 3, 3, 1))[0]


@pytest.mark.parametrize("confirmations", [1, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_merging_two_labels_that_answers_never_told_apart_moves_no_measure(
    engine: Engine, tmp_path: Path, seed: int, confirmations: int
) -> None:
    world = scored_world(engine, tmp_path, confirmations=confirmations, seed=seed)
    one = told(world, known_share=20)
    one.tell(alike, seed=seed)
    before = measures(one, tmp_path)
    assert before["statuses"].keys() > {Status.CONFIRMED, Status.RELABELED}
    assert before["wrong"] > (0, 0) and before["settled"] and before["planted"].found
    one.merge(ALPHA, BETA)
    after = measures(one, tmp_path)
    assert after.pop("planted").found >= before.pop("planted").found, (
        "alpha is beta: more are right"
    )
    assert after == before


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("merges", [((ALPHA, BETA),), ((ALPHA, BETA), (BETA, GAMMA))], ids=len)
def test_merging_before_the_answers_or_after_them_gives_the_same_numbers(
    engine: Engine, tmp_path: Path, seed: int, merges: tuple[tuple[int, int], ...]
) -> None:
    def numbers(*, first: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        world = scored_world(engine, tmp_path, confirmations=1, seed=seed)
        one = told(world)
        for old, new in merges if first else ():
            one.merge(old, new)
        one.tell(apart, seed=seed)
        for old, new in () if first else merges:
            one.merge(old, new)
        return measures(one, tmp_path), by_label(one)

    before, after = numbers(first=True), numbers(first=False)
    assert before[0]["batch"][0] == 24
    assert after == before
