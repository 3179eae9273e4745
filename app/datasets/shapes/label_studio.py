"""Label Studio, JSON: a task with `data`, and `annotations` that may be several people's."""

from __future__ import annotations

from collections.abc import Sequence

from app.datasets.cell import Json
from app.datasets.rows import Values
from app.datasets.shapes.shape import Flat, Judged, Shape, inner, one_or_list, present
from app.datasets.strict_json import text_of

_LISTS = ("annotations", "completions")  # as the first versions called them
_CHOSEN = ("choices", "rating", "selected", "number")


def _recognises(sample: Sequence[Values]) -> bool:
    return all(
        isinstance(inner(row.get("data")), dict) and _list(row) is not None for row in sample
    )


def _list(row: Values) -> list[Json] | None:
    found = [value for name in _LISTS if isinstance(value := inner(row.get(name)), list)]
    return found[0] if found else None


def _flat(row: Values) -> Flat:
    data = inner(row.get("data"))
    values: Values = {}
    if isinstance(data, dict):
        values = {
            name if name not in row else f"data.{name}": text_of(one) for name, one in data.items()
        }
    annotations = [one for one in _list(row) or () if isinstance(one, dict)]
    kept = [one for one in annotations if one.get("was_cancelled") is not True]
    return Flat(values, [Judged(_who(one.get("completed_by")), _label(one)) for one in kept])


def _who(said: Json) -> str:
    if isinstance(said, dict):
        said = said.get("email") or said.get("id")
    return str(said) if isinstance(said, str) else ""


def _label(annotation: dict[str, Json]) -> str | None:
    """What was chosen in the first field that offers a choice."""
    results = annotation.get("result")
    for result in results if isinstance(results, list) else ():
        value = result.get("value") if isinstance(result, dict) else None
        for name in _CHOSEN if isinstance(value, dict) else ():
            chosen = value.get(name) if isinstance(value, dict) else None
            if chosen is not None:
                return one_or_list(chosen if isinstance(chosen, list) else [chosen])
    return None


LABEL_STUDIO = Shape(
    name="label_studio",
    words="Label Studio export",
    unit="tasks",
    recognises=_recognises,
    flat=_flat,
    roles=lambda row: present(row, id=("id",)),
)
