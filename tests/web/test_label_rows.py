"""The share that stands beside an answer: of every label, also of those a ranking keeps none of."""

from __future__ import annotations

import pytest

from app.web.pages.label_rows import unlisted


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([0.97, 0.02, *[0.001] * 7], "under 1%"),
        ([0.2, 0.15, 0.15, 0.1, 0.1, 0.08, 0.06, 0.05, 0.05], "at most 5%"),
        ([0.2, 0.15, 0.15, 0.1, 0.1, 0.1, 0.08, 0.07, 0.03], "at most 2%"),
        ([0.2, 0.15, 0.15, 0.1, 0.1, 0.1, 0.08, 0.07, 0.0501], "under 1%"),  # sums past 1
        ([0.6, 0.4], ""),  # the ranking knew two labels
        ([], ""),
    ],
)
def test_what_is_beyond_the_likeliest_is_bounded_by_them(shares: list[float], words: str) -> None:
    assert unlisted(dict(enumerate(shares))) == words
