"""Values of a table that stand apart from the rest of their column."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.learning.tabular import Column, read_column

FAR_OUT = 3.0
"""Quartile ranges beyond a quartile; Tukey (1977), Exploratory Data Analysis, ch. 2D."""

TAIL = 0.005
"""At most this share of a column is unusual at either end, however long its tail."""

RARE = 0.01
"""A name or a gap is unusual below this share of a column ..."""

ENOUGH = 100
"""... of at least so many values, ..."""

MOST_NAMES = 30
"""... of which no more than so many are different."""


def unusual_values(columns: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
    """Mark numbers far out of their column, and names and gaps that are rare in it.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        All of one length.

    Returns
    -------
    ndarray of bool, shape (n_examples, n_columns)
        Columns in the order of the mapping.

    Raises
    ------
    ValueError
        If there is no column, or lengths disagree.
    """
    if len({len(values) for values in columns.values()}) != 1:
        raise ValueError("columns must exist and be of one length")
    return np.column_stack([unusual_in(read_column(values)) for values in columns.values()])


def unusual_in(column: Column) -> NDArray[np.bool_]:
    """The same of one column that is read already, shape (n_examples,)."""
    missing = ~column.present
    marked = missing & _is_rare(int(missing.sum()), len(column.values))
    if column.numeric:
        return marked | (column.present & ~column.readable) | _far_out(column)
    names, place, counts = np.unique(
        np.array(column.values, dtype=object)[column.present].astype(str),
        return_inverse=True,
        return_counts=True,
    )
    if len(names) <= MOST_NAMES:
        rare = np.array([_is_rare(int(count), len(place)) for count in counts], dtype=np.bool_)
        marked[column.present] = rare[place] if len(names) else False
    return marked


def _is_rare(count: int, of: int) -> bool:
    return of >= ENOUGH and count < RARE * of


def _far_out(column: Column) -> NDArray[np.bool_]:
    known = column.numbers[column.readable]
    least, low, high, most = np.quantile(known, [TAIL, 0.25, 0.75, 1 - TAIL])
    if high == low:
        return np.zeros(len(column.numbers), dtype=np.bool_)
    reach = FAR_OUT * (high - low)
    numbers = np.where(column.readable, column.numbers, (low + high) / 2)
    beyond = (numbers > max(high + reach, most)) | (numbers < min(low - reach, least))
    return np.asarray(beyond, dtype=np.bool_)
