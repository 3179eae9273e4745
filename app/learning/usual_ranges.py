"""Between which numbers most values of a table's column lie: of all its rows, and of each label."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels
from app.learning.tabular import Column

LOW, HIGH = 0.05, 0.95

FEWEST = 20
"""Numbers of a label below which its 5th and 95th percentiles say nothing."""

MOST_RANGES = 4_000
"""Of labels, over all columns: a page holds them. The commonest labels have theirs."""

_DIGITS = 9


class UsualRange(NamedTuple):
    low: float
    high: float


class ColumnRanges(NamedTuple):
    """`of` holds the labels, by index, of which there are enough numbers."""

    every: UsualRange
    of: dict[int, UsualRange]


def usual_ranges(columns: Mapping[str, Column], labels: Labels) -> dict[str, ColumnRanges]:
    """The 5th to the 95th percentile of each column of numbers that are not all the same.

    Parameters
    ----------
    columns : mapping of str to Column
        Of one length.
    labels : ndarray of shape (n_examples,)
        Class indices; -1 where there is none.

    Returns
    -------
    dict of str to ColumnRanges
        Rounded outwards, so that no value within falls out.
    """
    numbers = {name: one for name, one in columns.items() if _varies(one)}
    if not numbers:
        return {}
    counts = np.bincount(labels[labels >= 0])
    commonest = np.argsort(-counts, kind="stable")[: MOST_RANGES // len(numbers)]
    return {name: _ranges(one, labels, commonest) for name, one in numbers.items()}


def _varies(column: Column) -> bool:
    known = column.numbers[column.readable]
    return bool(column.numeric and len(known) >= FEWEST and np.ptp(known) > 0)


def _ranges(column: Column, labels: Labels, commonest: NDArray[np.intp]) -> ColumnRanges:
    known, of = column.numbers[column.readable], labels[column.readable]
    order = np.argsort(of, kind="stable")
    known, of = known[order], of[order]
    starts = np.searchsorted(of, commonest, side="left")
    stops = np.searchsorted(of, commonest, side="right")
    return ColumnRanges(
        _range(known),
        {
            int(label): _range(known[start:stop])
            for label, start, stop in zip(commonest, starts, stops, strict=True)
            if stop - start >= FEWEST
        },
    )


def _range(numbers: NDArray[np.float64]) -> UsualRange:
    low, high = np.quantile(numbers, [LOW, HIGH])
    return UsualRange(-_up(-float(low)), _up(float(high)))


def _up(number: float) -> float:
    """In few digits, and not below the number."""
    rounded = float(f"{number:.{_DIGITS}g}")
    if rounded >= number:
        return rounded
    return float(f"{number + abs(number) * 10.0 ** (1 - _DIGITS):.{_DIGITS}g}")
