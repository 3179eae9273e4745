"""Long lists of values, in parts that a statement takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

AT_ONCE = 2_000
"""Values in one statement: few enough for either database, enough that few are sent."""

Value = TypeVar("Value")


def parts(values: Sequence[Value], size: int = AT_ONCE) -> Iterator[list[Value]]:
    """The values in their order, so many at once."""
    for start in range(0, len(values), size):
        yield list(values[start : start + size])
