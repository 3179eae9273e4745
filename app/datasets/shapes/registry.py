"""Every shape of another tool's export that is known by its rows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, islice
from types import MappingProxyType

from app.datasets.findings import BadRow
from app.datasets.rows import SAMPLE, Table, Values
from app.datasets.shapes.argilla import ARGILLA
from app.datasets.shapes.chat import CHAT
from app.datasets.shapes.cleanlab import CLEANLAB
from app.datasets.shapes.doccano import DOCCANO, DOCCANO_USERS
from app.datasets.shapes.label_studio import LABEL_STUDIO
from app.datasets.shapes.label_studio_min import LABEL_STUDIO_MIN
from app.datasets.shapes.prodigy import PRODIGY
from app.datasets.shapes.shape import Shape, ShapedRows
from app.datasets.shapes.spacy_cats import SPACY_CATS
from app.datasets.shapes.wide import columns_of_annotators, wide_shape
from app.datasets.uneven_rows import UnevenRow

_IN_ORDER = (
    *(LABEL_STUDIO, LABEL_STUDIO_MIN, PRODIGY, DOCCANO, DOCCANO_USERS),
    *(SPACY_CATS, ARGILLA, CLEANLAB, CHAT),
)
SHAPES: Mapping[str, Shape] = MappingProxyType({one.name: one for one in _IN_ORDER})


def shaped(table: Table, *, vote: bool = False) -> ShapedRows | None:
    """The rows in the shape all of the first of them have, if one does.

    `vote`: the columns of several annotators are to give one label.
    """
    sample = sample_of(table)
    shape = next((one for one in SHAPES.values() if sample and one.recognises(sample)), None)
    columns = columns_of_annotators(table.columns, sample) if vote else ()
    if columns:
        shape = wide_shape(columns)
    return None if shape is None else ShapedRows.over(shape, table, sample)


def sample_of(table: Table) -> list[Values]:
    """The first good rows, which the table then still has."""
    first = list(islice(table.rows, SAMPLE))
    table.rows = chain(first, table.rows)
    read = [one.values if isinstance(one, UnevenRow) else one for _, one in first]
    return [values for values in read if not isinstance(values, BadRow)]
