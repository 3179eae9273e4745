"""What one person may ask of this process at a time. It is remembered here alone, and bounded."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import TooMany

ACTS_A_SECOND = 100.0
ACTS_AT_ONCE = 20_000
"""The fastest hand gives three answers a second, an outbox after hours offline a few thousand."""

UPLOADS, UPLOADS_EACH = 4, 2
_UPLOAD_WAIT = 15
_MANY_PEOPLE = 10_000


class Pace:
    """How many acts a person may still do now: so many at once, then so many a second."""

    def __init__(self, *, a_second: float = ACTS_A_SECOND, at_once: int = ACTS_AT_ONCE) -> None:
        self._a_second = a_second
        self._at_once = at_once
        self._spent: dict[int, tuple[float, float]] = {}  # by person: acts, and as of when
        self._most = _MANY_PEOPLE
        self._lock = threading.Lock()

    def take(self, person: int, *, at: float) -> None:
        """Count one act; `at` are seconds of a clock that only goes on. Any thread may ask."""
        with self._lock:
            self._take(person, at)

    def _take(self, person: int, at: float) -> None:
        spent = self._spent_by(person, at)
        if spent + 1 > self._at_once:
            raise TooMany(
                "Too many requests came from you in a short time. This one was not done.",
                next_step="Wait a moment, then send it again.",
                retry_after=max(1, math.ceil(1 / self._a_second)),
                code="too_fast",
            )
        self._spent[person] = spent + 1, at
        if len(self._spent) > self._most:
            self._forget_the_rested(at)

    def _spent_by(self, person: int, at: float) -> float:
        spent, then = self._spent.get(person, (0.0, at))
        return max(0.0, spent - (at - then) * self._a_second)

    def _forget_the_rested(self, at: float) -> None:
        tired = {one: self._spent_by(one, at) for one in self._spent}
        self._spent = {one: (spent, at) for one, spent in tired.items() if spent}
        self._most = max(_MANY_PEOPLE, 2 * len(self._spent))


class UploadTurns:
    """Who sends large bodies just now: few at a time, and nobody more than their share."""

    def __init__(self, *, in_all: int = UPLOADS, each: int = UPLOADS_EACH) -> None:
        self._in_all = in_all
        self._each = each
        self._under_way: Counter[int] = Counter()

    @contextmanager
    def taken(self, person: int) -> Iterator[None]:
        if self._under_way[person] >= self._each or self._under_way.total() >= self._in_all:
            raise TooMany(
                "Other files are still being sent. This one was not stored.",
                next_step="Wait until one of them is there, then send it again.",
                retry_after=_UPLOAD_WAIT,
                code="uploads_under_way",
            )
        self._under_way[person] += 1
        try:
            yield
        finally:
            self._under_way[person] -= 1
            self._under_way += Counter()  # who sends nothing is forgotten
