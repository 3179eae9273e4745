"""Die at a named place, when a test says so: `RELABEL_FAILPOINT=submit.before_commit:0.02`.

Several places are joined by commas. Unset, a place costs one look at an empty dictionary.
"""

from __future__ import annotations

import os
import random

KILLED = 137  # what a process killed by signal 9 leaves behind

_armed: dict[str, float] = {}
_chance = random.Random()


def arm(places: str, *, seed: int | None = None) -> None:
    """Die at each of these places with its probability; an empty text disarms."""
    pairs = (place.partition(":") for place in places.split(",") if place)
    _armed.clear()
    _armed.update((name, float(share or 1)) for name, _, share in pairs)
    if seed is not None:
        _chance.seed(seed)


def reach(place: str) -> None:
    """End this process at once, as if it were killed, where the place is armed."""
    if _armed and _chance.random() < _armed.get(place, 0.0):
        os._exit(KILLED)


arm(os.environ.get("RELABEL_FAILPOINT", ""), seed=os.getpid())
