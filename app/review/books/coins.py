"""Coins of an example: read it a second time, check it again? Thrown once, as it becomes final."""

from __future__ import annotations

import random
from typing import NamedTuple

from app.db.words import ReadReason
from app.review.books.fold import Answer, Folded

RECHECK_SHARE = 0.03  # of the decided, at random, read again blind (model of reviewer error)


class Coins(NamedTuple):
    """How they fell; None where they were not thrown."""

    second: bool | None
    recheck: bool | None


UNTHROWN = Coins(None, None)


def throw(
    rng: random.Random, state: Folded, said: Answer, *, before: Coins, second_share: int
) -> Coins:
    """The coins of an example that this answer makes final; none, where it does not.

    `before` is how they fell since the example was last opened, whether that answer stands or not:
    undo and redo throw nothing anew. A re-check is followed by none.
    """
    decides = state.final and state.decided_seq == said.seq
    if not decides or said.read_reason is ReadReason.RECHECK:
        return UNTHROWN
    if before != UNTHROWN:
        return before
    return Coins(rng.random() < second_share / 100, rng.random() < RECHECK_SHARE)
