"""Label Studio, JSON-MIN or CSV: a row an annotation; its answer stands after `id`."""

from __future__ import annotations

from collections.abc import Sequence

from app.datasets.rows import Values
from app.datasets.shapes.shape import Flat, Judged, Shape, inner, one_or_list

_AFTER = ("annotator", "annotation_id")


def _answer(row: Values) -> str | None:
    """The one column between the id and who answered: the name of the field that was asked."""
    names = list(row)
    if not all(name in row for name in ("id", *_AFTER)):
        return None
    between = names[names.index("id") + 1 : min(map(names.index, _AFTER))]
    return between[0] if len(between) == 1 else None


def _recognises(sample: Sequence[Values]) -> bool:
    return all(_answer(row) is not None for row in sample)


def _flat(row: Values) -> Flat:
    answer = row.get(_answer(row) or "")
    value = inner(answer)
    if isinstance(value, dict):  # {"choices": [...]}
        value = value.get("choices")
        answer = one_or_list(value) if isinstance(value, list) else None
    return Flat({}, [Judged(row.get("annotator") or "", answer)])


def _roles(row: Values) -> dict[str, str]:
    answer = _answer(row) or ""
    inside = isinstance(inner(row.get(answer)), dict)
    return {"label": f"{answer}.choices" if inside else answer, "id": "id", "source": "annotator"}


LABEL_STUDIO_MIN = Shape(
    name="label_studio_min",
    words="Label Studio export (a row each annotation)",
    unit="annotations",
    recognises=_recognises,
    flat=_flat,
    roles=_roles,
    judges=False,
)
