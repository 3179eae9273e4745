"""Numbers of a drawing: which are refused, where an axis is marked, how each is written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from app.shares import percent

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LARGEST, _SMALLEST = 1e300, 1e-15
_SHORT = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


class Unit(StrEnum):
    COUNT = "count"  # whole things
    SHARE = "share"  # of 1, written as percent
    PLAIN = "plain"  # neither, such as a label quality from 0 to 1


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis measures, in words a person reads beside it, and how its numbers look."""

    words: str
    unit: Unit = Unit.COUNT


def check_finite(what: str, *values: float) -> None:
    """Nothing can be drawn at a place that is no number."""
    for value in values:
        if not math.isfinite(value) or abs(value) > _LARGEST:
            raise ValueError(f"{what} is {value}: a chart needs numbers that are finite.")


def ticks(low: float, high: float, *, most: int, unit: Unit = Unit.PLAIN) -> tuple[float, ...]:
    """Round places from at or below `low` to at or above `high`, about `most` of them."""
    check_finite("The end of an axis", low, high)
    if high - low < max(_SMALLEST, 1e-12 * abs(low)):
        high = low + (1.0 if abs(low) < _SMALLEST else abs(low))
    step = _step((high - low) / max(1, most - 1))
    if unit is Unit.COUNT:
        step = max(1.0, 5.0 if step == 2.5 else step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(_rounded(step * nth, step) for nth in range(first, last + 1))


def _step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `least`."""
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))


def _rounded(value: float, step: float) -> float:
    """Without what binary fractions add: 0.30000000000000004 is no mark of an axis."""
    return round(value, max(0, 2 - math.floor(math.log10(step)))) + 0.0


def written(value: float, unit: Unit) -> str:
    """In full, as a table and a sentence say it."""
    if unit is Unit.SHARE:
        return percent(value)
    if abs(value) >= 1e15:
        return f"{value:.3g}"
    if unit is Unit.COUNT:
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    return f"{value:,.2f}"


def shortly(value: float, unit: Unit) -> str:
    """As an axis says it, where there is little room."""
    if unit is Unit.COUNT:
        for size, letter in _SHORT:
            if size <= abs(value) < 1e15:
                return f"{value / size:.3g}{letter}"
    if unit is Unit.PLAIN and abs(value) < 1e15:
        return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    return written(value, unit)


def interval(low: float, high: float, unit: Unit) -> str:
    """Two bounds; a percent sign stands once."""
    first = written(low, unit)
    if unit is Unit.SHARE and not first.startswith("under"):
        first = first.removesuffix("%")
    return f"{first} to {written(high, unit)}"
