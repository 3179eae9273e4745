"""Prodigy, JSONL: an `answer` to each task, with a `label` or the options that were accepted."""

from __future__ import annotations

from collections.abc import Sequence

from app.datasets.rows import Values
from app.datasets.shapes.shape import Flat, Judged, Shape, inner, one_or_list, present

_ANSWERS = frozenset({"accept", "reject", "ignore"})
_MARKS = ("_task_hash", "_input_hash", "accept", "options")


def _recognises(sample: Sequence[Values]) -> bool:
    return all(
        row.get("answer") in _ANSWERS and any(name in row for name in _MARKS) for row in sample
    )


def _flat(row: Values) -> Flat:
    """Only what was accepted is a label: a rejected one says what it is not."""
    label = None
    if row.get("answer") == "accept":
        accepted = inner(row.get("accept"))
        label = one_or_list(accepted) if isinstance(accepted, list) else row.get("label")
    who = row.get("_annotator_id") or row.get("_session_id") or ""
    return Flat({}, [Judged(who, label)])


PRODIGY = Shape(
    name="prodigy",
    words="Prodigy export",
    unit="answers",
    recognises=_recognises,
    flat=_flat,
    roles=lambda row: present(row, text=("text",)),
)
