"""What is said of two models, in the words of every door."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.audit.models.report import Bounded, OfPair
from app.insights.model_words import pair_words
from app.noise.models.ahead import Ahead

NAMES = {1: "small", 2: "large"}
CLOSE = OfPair(
    first=1, second=2, differ=200, reads=5, open=0, held_back=0, given=0.0,
    corrected=Bounded(0.0, -0.02, 0.03, exact=False), verdict=Ahead.TOO_CLOSE.value, needed=None,
    more=195, reach=0.01,
)  # fmt: skip


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (CLOSE, "too few are read to say how many would decide"),
        (replace(CLOSE, reads=30, needed=40), "about 40 more would decide"),
        (replace(CLOSE, reads=30, needed=170), "it may take all that is left to decide"),
        (replace(CLOSE, differ=8, more=3), "it may take all that is left to decide"),
    ],
)
def test_two_that_are_close_are_told_what_would_decide(pair: OfPair, said: str) -> None:
    words = pair_words(pair, NAMES)
    assert words == f"small and large are too close to call (\N{MINUS SIGN}2 to 3 points); {said}."
