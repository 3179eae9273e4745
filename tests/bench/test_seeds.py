"""What one checkout tells of a project it filled is understood by another, older or newer."""

from __future__ import annotations

import json
from dataclasses import asdict

from bench.seed import Reviewer, Seeded, read_seeded

READER = Reviewer(2, "cookie", "token")


def test_what_is_told_comes_back() -> None:
    told = Seeded(1, "bench", 3, [4, 5], [READER], Reviewer(1, "other", "token"))
    assert read_seeded(json.loads(json.dumps(asdict(told)))) == told


def test_an_older_checkout_does_not_tell_of_the_lead() -> None:
    told = asdict(Seeded(1, "bench", 3, [4, 5], [READER]))
    del told["lead"]
    assert read_seeded(told) == Seeded(1, "bench", 3, [4, 5], [READER], None)
