"""What models learn from the rows of a table, and which of their values stand apart."""

from __future__ import annotations

import numpy as np

from app.datatypes.registry import TYPES
from app.learning.features import Features
from app.learning.tabular import tabular_features
from app.learning.unusual import unusual_values
from app.ranking.features.feature_maker import Examples, FeatureMaker, MadeFeatures
from app.ranking.load import Dataset


def _make(examples: Examples) -> MadeFeatures:
    columns = _table(examples.data)
    if not columns:
        nothing = np.zeros((len(examples.data), 1), dtype=np.float32)
        return MadeFeatures(Features((), nothing))
    return MadeFeatures(tabular_features(columns, seed=examples.seed, progress=examples.progress))


def _unusual(data: Dataset) -> dict[int, list[str]]:
    columns = _table(data)
    if not columns:
        return {}
    names, found = list(columns), unusual_values(columns)
    return {
        int(row): [names[place] for place in np.flatnonzero(found[row])]
        for row in np.flatnonzero(found.any(axis=1))
    }


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


TABULAR = FeatureMaker(_make, _unusual)
