"""What does not agree in a release: which file, which row, and both values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from app.releases.same_bytes import Difference

MOST_IN_A_FILE = 10
_LONGEST = 200

DAMAGE = (
    *(ValueError, KeyError, TypeError, IndexError),
    *(AttributeError, OverflowError, RecursionError, MemoryError),
)
"""What reading something that is not as it was written may raise."""


@dataclass(frozen=True)
class Problem:
    file: str
    what: str
    row: int | None = None
    key: str | None = None
    expected: object = None
    actual: object = None

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row:,}"
        if self.key is not None:
            place += f" (id {_short(self.key)})"
        values = ""
        if self.expected is not None or self.actual is not None:
            values = f": the log says {_short(self.expected)}, here stands {_short(self.actual)}"
        return f"{place}: {_short(self.what)}{values}"


def _short(value: object) -> str:
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


class Damaged(Exception):
    """A file of the release is not as it was written: where, and what is wrong."""

    def __init__(
        self,
        what: str,
        *,
        place: int | None = None,
        parts: Difference | None = None,
        file: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what, self.place, self.parts, self.file = what, place, parts, file

    def problem(self, file: str) -> Problem:
        """Of the file that was read, unless another one is to blame."""
        parts = self.parts
        expected, actual = (parts.expected, parts.actual) if parts else (None, None)
        return Problem(self.file or file, self.what, self.place, expected=expected, actual=actual)


@dataclass
class Problems:
    """A list that stays readable when a whole file is wrong."""

    listed: list[Problem] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, problem: Problem) -> None:
        self._counts[problem.file] += 1
        if self._counts[problem.file] <= MOST_IN_A_FILE:
            self.listed.append(problem)
        else:
            self.more[problem.file] = self.more.get(problem.file, 0) + 1

    def say(self, file: str, what: str, *, expected: object = None, actual: object = None) -> None:
        """Of a whole file: no row of it is to blame."""
        self.add(Problem(file, what, expected=expected, actual=actual))

    def lines(self) -> list[str]:
        further = [f"{file}: {count:,} more of this kind" for file, count in self.more.items()]
        return [str(problem) for problem in self.listed] + further
