"""Argilla: questions answered by several people stand as lists in `….responses`."""

from __future__ import annotations

from collections.abc import Sequence

from app.datasets.rows import Values
from app.datasets.shapes.shape import Flat, Judged, Shape, inner, present
from app.datasets.strict_json import Nested, text_of

_END = ".responses"


def _question(row: Values) -> str | None:
    """The one question of a row."""
    names = [name for name in row if name.endswith(_END)]
    return names[0] if len(names) == 1 and f"{names[0]}.users" in row else None


def _recognises(sample: Sequence[Values]) -> bool:
    return all(_question(row) is not None for row in sample)


def _flat(row: Values) -> Flat:
    name = _question(row) or ""
    labels, users = inner(row.get(name)), inner(row.get(f"{name}.users"))
    said = labels if isinstance(labels, list) else []
    people = [text_of(one) or "" for one in users] if isinstance(users, list) else []
    people += [""] * (len(said) - len(people))
    judged = zip(people, map(text_of, said), strict=False)
    return Flat({}, [Judged(who, one) for who, one in judged if not isinstance(one, Nested)])


ARGILLA = Shape(
    name="argilla",
    words="Argilla export",
    unit="records",
    recognises=_recognises,
    flat=_flat,
    roles=lambda row: present(row, id=("id",)),
)
