"""Features of tables: columns of text that may hold numbers, names or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from sklearn.preprocessing import normalize

from app.learning.features import Features, View
from app.learning.kernel import kernel_map
from app.learning.threads import one_thread
from app.progress import Progress, quiet

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})
"""Spellings of nothing, in lower case."""

_NUMERIC_SHARE = 0.95
"""A column is numeric when this share of what is present reads as a number."""

_MOST_CATEGORIES = 30
_FURTHEST = 4.0
_LARGEST = 1e100
"""Numbers are held to this, so that squares stay finite."""

Floats = NDArray[np.float32]


@one_thread
def tabular_features(
    columns: Mapping[str, Sequence[str]], *, seed: int, progress: Progress = quiet
) -> Features:
    """Numbers on a common scale, frequent categories one by one, absence as a value.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        All of one length, in any order of names.
    seed : int
    progress : callable
        Called with (step, done, total); may raise to cancel.

    Returns
    -------
    Features
        Without a column that varies there are no views.

    Raises
    ------
    ValueError
        If there is no column, or lengths disagree.
    """
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise ValueError("columns must exist and be of one length")
    described = []
    for done, name in enumerate(sorted(columns)):
        progress("features", done, len(columns))
        described.append(column_features(columns[name]))
    table = np.hstack(described)
    progress("features", len(columns), len(columns))
    if table.shape[1] == 0:
        return Features((), np.zeros((lengths.pop(), 1), dtype=np.float32))
    scaled = np.asarray(table / np.sqrt(max(1, len(columns))), dtype=np.float32)
    directions = np.asarray(normalize(table), dtype=np.float32)
    views = (
        View("values", scaled * 4, "softmax"),
        View("likeness", kernel_map(scaled, seed), "ridge"),
        View("rules", table, "forest"),
    )
    return Features(views, directions)


@dataclass(frozen=True)
class Column:
    """A column of text, read; `numbers` holds NaN where there is none."""

    values: list[str]
    present: NDArray[np.bool_]
    numbers: NDArray[np.float64]
    readable: NDArray[np.bool_]

    @property
    def numeric(self) -> bool:
        enough = self.readable.sum() >= _NUMERIC_SHARE * self.present.sum()
        return bool(self.present.any() and enough)


def read_column(values: Sequence[str]) -> Column:
    stripped = [value.strip() for value in values]
    present = np.array([value.lower() not in MISSING for value in stripped], dtype=np.bool_)
    numbers = np.array([_number(value) for value in stripped], dtype=np.float64)
    return Column(stripped, present, numbers, present & np.isfinite(numbers))


def column_features(values: Sequence[str]) -> Floats:
    """One column as numbers, shape (n_examples, n_features); constant features are left out."""
    column = read_column(values)
    if column.numeric:
        features: list[NDArray[np.generic]] = [
            _spread(column.numbers, column.readable),
            _ranks(column.numbers, column.readable),
            column.readable,
        ]
    else:
        features = _categories(column.values, column.present)
    table = np.column_stack(features).astype(np.float32) if features else np.empty((len(values), 0))
    varies = np.ptp(table, axis=0) > 0 if len(table) else np.zeros(table.shape[1], dtype=np.bool_)
    return np.asarray(table[:, varies], dtype=np.float32)


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        return np.nan
    return max(-_LARGEST, min(_LARGEST, number)) if np.isfinite(number) else np.nan


def _spread(numbers: NDArray[np.float64], readable: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distance from the median in quartile ranges, held to ±4; 0 where missing."""
    known = numbers[readable]
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    width = (high - low) / 1.349 or known.std() or 1.0
    distance = np.where(readable, (np.nan_to_num(numbers) - middle) / width, 0.0)
    return np.clip(distance, -_FURTHEST, _FURTHEST)


def _ranks(numbers: NDArray[np.float64], readable: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Normal scores of the ranks, so that a long tail has a scale too; 0 where missing."""
    different, place = np.unique(numbers[readable], return_inverse=True)
    counts = np.bincount(place, minlength=len(different))
    middle = np.cumsum(counts) - counts / 2.0
    ranks = np.zeros(len(numbers))
    ranks[readable] = ndtri(middle[place] / counts.sum())
    return ranks


def _categories(values: list[str], present: NDArray[np.bool_]) -> list[NDArray[np.generic]]:
    """Whether the value is each of the most frequent ones, another one, or missing."""
    names, place = np.unique(np.array(values, dtype=object).astype(str), return_inverse=True)
    counts = np.bincount(place[present], minlength=len(names))
    frequent = np.argsort(-counts, kind="stable")[:_MOST_CATEGORIES]
    frequent = frequent[counts[frequent] > 1]
    features = [present & (place == name) for name in frequent]
    return [*features, present & ~np.isin(place, frequent), present]
