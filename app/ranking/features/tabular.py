"""What models learn from the rows of a table, and which of their values stand apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.datatypes.registry import TYPES
from app.db.tables.ranking import FieldRanges
from app.learning.features import Features
from app.learning.tabular import read_column, tabular_features
from app.learning.unusual import unusual_in
from app.learning.usual_ranges import ColumnRanges, usual_ranges
from app.ranking.features.feature_maker import Examples, FeatureMaker, FieldsRead, MadeFeatures
from app.ranking.load import Dataset


def _make(examples: Examples) -> MadeFeatures:
    columns = _table(examples.data)
    if not columns:
        nothing = np.zeros((len(examples.data), 1), dtype=np.float32)
        return MadeFeatures(Features((), nothing))
    return MadeFeatures(tabular_features(columns, seed=examples.seed, progress=examples.progress))


def _fields(data: Dataset) -> FieldsRead:
    columns = {name: read_column(values) for name, values in _table(data).items()}
    if not columns:
        return FieldsRead()
    names = list(columns)
    found = np.column_stack([unusual_in(column) for column in columns.values()])
    unusual = {
        int(row): [names[place] for place in np.flatnonzero(found[row])]
        for row in np.flatnonzero(found.any(axis=1))
    }
    ranges = usual_ranges(columns, data.standing)
    return FieldsRead(unusual, {name: _stored(one, data.label_ids) for name, one in ranges.items()})


def _stored(ranges: ColumnRanges, ids: Sequence[int]) -> FieldRanges:
    of = [(ids[label], one.low, one.high) for label, one in sorted(ranges.of.items())]
    return {"every": (ranges.every.low, ranges.every.high), "of": of}


def _table(data: Dataset) -> dict[str, list[str]]:
    """The columns of the examples, as text; what is missing is empty."""
    part = TYPES[data.data_type].stored_as
    columns: dict[str, list[str]] = {}
    for row, content in enumerate(data.contents):
        for name, value, *_ in content.get(part, []):
            columns.setdefault(str(name), [""] * len(data))[row] = (
                "" if value is None else str(value)
            )
    return columns


TABULAR = FeatureMaker(_make, _fields)
