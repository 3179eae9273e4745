"""Quick jobs never wait behind long ones: a worker has a lane for each."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """What somebody waits for at the screen is quick; what computes for minutes is long."""

    QUICK = "quick"
    LONG = "long"


BOTH = (Lane.QUICK, Lane.LONG)
