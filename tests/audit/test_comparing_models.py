"""What is told of models, from arrays: what is drawn, what is known, where a ranking flips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.audit.models.answers import NONE, Predicted
from app.audit.models.report import AuditReport
from app.audit.models.statistics import told
from app.insights.model_words import flip_note, flip_words, headline, pair_words, points
from app.noise.models.flip import Flip

NAMES = {1: "Large", 2: "Small"}
RNG = np.random.default_rng(0)


def world(n: int = 2_000, *, wrong: int = 400, decided: int = 2_000) -> Predicted:
    """Label 1 is right everywhere; the first `wrong` came as 2. Large follows what was given.

    Small is right where labels are wrong, and wrong at the last 100.
    """
    given = np.ones(n, dtype=np.int64)
    given[:wrong] = 2
    small = np.ones(n, dtype=np.int64)
    small[-100:] = 2
    known = np.arange(n) < decided
    no = np.zeros(n, dtype=np.bool_)
    made = Predicted(
        ids=np.arange(n),
        given=given,
        right=np.where(known, 1, NONE),
        decided=known,
        gone=no,
        drawn=no,
        asked=no,
        part=np.zeros(n, dtype=np.int64),
        at=np.zeros(n, dtype=np.int64),
        by_model=(given.copy(), small),
        order=np.array([], dtype=np.int64),
    )
    return replace(made, order=np.flatnonzero(made.differ))


def test_where_labels_are_all_known_everything_is_exact() -> None:
    found = told(world(), (1, 2), RNG)
    [pair] = found.pairs
    assert pair.corrected.exact and pair.corrected.estimate == pytest.approx(300 / 2_000)
    assert pair_words(pair, NAMES) == "Small is ahead of Large by 15 points."
    assert [one.corrected.estimate for one in found.models] == pytest.approx([0.8, 0.95])
    assert found.wrong.estimate == pytest.approx(0.2)
    assert headline(found, NAMES).endswith(
        "With right labels Small is ahead of Large by 15 points."
    )


def test_the_flip_is_found_where_the_lines_cross() -> None:
    """Large leads by 100 of 1,600 right labels, and trails on all 400 wrong ones."""
    found = told(world(), (1, 2), RNG)
    [flip] = found.flips
    lead = 100 / 1_600
    assert (flip.flip, flip.share) == (Flip.AT, pytest.approx(lead / (1 + lead)))
    assert flip.low is not None and flip.high is not None
    assert flip.low <= flip.share <= flip.high
    assert "would change places at 5.9% wrong labels" in flip_words(flip, NAMES)
    large, small = found.lines
    assert large.right[0] == 1.0 and large.right[-1] == pytest.approx(0.5)
    assert small.right[0] == pytest.approx(0.9375) and not flip_note(found)


def test_what_was_read_because_models_differ_says_not_where_they_flip() -> None:
    what = world()
    found = told(replace(what, asked=what.decided), (1, 2), RNG)
    assert (found.flips[0].flip, found.lines) == (Flip.POSSIBLE, [])
    assert flip_note(found).startswith("400 wrong labels are found")


def test_models_turned_round_say_the_same_turned_round() -> None:
    what = world(decided=250)
    there = told(what, (1, 2), RNG).pairs[0].corrected
    back = told(replace(what, by_model=what.by_model[::-1]), (2, 1), RNG).pairs[0].corrected
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))


def test_a_report_is_read_as_it_was_written() -> None:
    found = told(world(), (1, 2), RNG)
    assert AuditReport.read(found.written()) == found


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.004, "0.4"), (-0.126, "−12.6"), (0.0002, "under 0.1"), (-0.0002, "over −0.1"), (0, "0")],
)
def test_points_are_never_none_where_there_are_some(share: float, said: str) -> None:
    assert points(share) == said


def test_what_is_read_where_models_differ_speaks_of_that_part_alone() -> None:
    """Half of the labels are wrong on the 100 where models differ, none elsewhere; of 100 random
    checks 10 fell there before all of it was read."""
    n = 1_000
    given = np.ones(n, dtype=np.int64)
    given[:50] = 2
    small = np.ones(n, dtype=np.int64)
    small[50:100] = 2
    drawn = np.isin(np.arange(n), [*range(5), *range(50, 55), *range(100, 190)])
    part = np.arange(n) < 100
    decided = drawn | part
    what = Predicted(
        ids=np.arange(n),
        given=given,
        right=np.where(decided, 1, NONE),
        decided=decided,
        gone=np.zeros(n, dtype=np.bool_),
        drawn=drawn,
        asked=part & ~drawn,
        part=part.astype(np.int64),
        at=np.where(drawn, 1, 2),
        by_model=(given.copy(), small),
        order=np.flatnonzero(part),
    )
    found = told(what, (1, 2), RNG)
    assert found.wrong.estimate == pytest.approx(0.05)
    assert found.wrong.low <= 0.05 <= found.wrong.high < 0.1
    assert [one.corrected.estimate for one in found.models] == pytest.approx([0.95, 0.95])


def test_what_the_queue_found_after_the_draws_counts_once() -> None:
    """5 of 100 random checks were wrong; then the queue found the other 45 of 1,000."""
    n = 1_000
    given = np.ones(n, dtype=np.int64)
    given[:50] = 2
    drawn = np.isin(np.arange(n), [*range(5), *range(100, 195)])
    decided = drawn | (np.arange(n) < 50)
    what = replace(
        world(n, wrong=50, decided=0),
        right=np.where(decided, 1, NONE),
        decided=decided,
        drawn=drawn,
        at=np.where(drawn, 1, np.where(decided, 2, 0)),
    )
    wrong = told(what, (1, 2), RNG).wrong
    assert wrong.estimate == pytest.approx(0.05)
    assert wrong.low == pytest.approx(0.05), "so many are found"
    earlier = replace(what, at=np.where(drawn, 2, np.where(decided, 1, 0)))
    assert told(earlier, (1, 2), RNG).wrong.estimate == pytest.approx(0.045 + 0.955 * 0.05)
