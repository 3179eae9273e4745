"""spaCy's categories: `cats` gives each label a number, 1 for those that are true."""

from __future__ import annotations

from collections.abc import Sequence

from app.datasets.cell import Json, NumberText
from app.datasets.rows import Values
from app.datasets.shapes.shape import Flat, Judged, Shape, inner, one_or_list, present

_TRUE_FROM = 0.5


def _recognises(sample: Sequence[Values]) -> bool:
    return all("text" in row and isinstance(inner(row.get("cats")), dict) for row in sample)


def _flat(row: Values) -> Flat:
    cats = inner(row.get("cats"))
    true = (
        [name for name, value in cats.items() if _is_true(value)] if isinstance(cats, dict) else []
    )
    return Flat({}, [Judged("", one_or_list(true))])


def _is_true(value: Json) -> bool:
    return value is True or (isinstance(value, NumberText) and float(value) >= _TRUE_FROM)


SPACY_CATS = Shape(
    name="spacy_cats",
    words="Texts with spaCy categories (cats)",
    unit="texts",
    recognises=_recognises,
    flat=_flat,
    roles=lambda row: present(row, text=("text",)),
)
