"""doccano, JSONL: a document with a list of labels, or with annotations of several users."""

from __future__ import annotations

from collections.abc import Sequence

from app.datasets.cell import Json
from app.datasets.rows import Values
from app.datasets.shapes.shape import Flat, Judged, Shape, inner, one_or_list, present
from app.datasets.strict_json import text_of

_TEXTS, _LABELS, _IDS = ("text", "data"), ("label", "labels"), ("id", "doc_id")
_MARKS = frozenset({*_IDS, "username", "Comments", "annotation_approver"})
_KEYS = _MARKS | {*_TEXTS, *_LABELS, "annotations", "meta", "comments", "is_confirmed"}


def _is_document(row: Values) -> bool:
    texts = [inner(row[name]) for name in _TEXTS if name in row]
    plain = len(texts) == 1 and isinstance(texts[0], str)
    return plain and row.keys() <= _KEYS and not row.keys().isdisjoint(_MARKS)


def _lists_labels(sample: Sequence[Values]) -> bool:
    return all(_is_document(row) and _plain_list(row) for row in sample)


def _plain_list(row: Values) -> bool:
    lists = [one for name in _LABELS if isinstance(one := inner(row.get(name)), list)]
    return len(lists) == 1 and not any(isinstance(one, list | dict) for one in lists[0])


def _who(row: Values) -> Flat:
    """The list itself is the label; who gave it stands beside."""
    return Flat({}, [Judged(row.get("username") or "", None)])


DOCCANO = Shape(
    name="doccano",
    words="doccano export",
    unit="documents",
    recognises=_lists_labels,
    flat=_who,
    roles=lambda row: present(row, text=_TEXTS, id=_IDS, label=_LABELS, source=("username",)),
    judges=False,
)


def _has_annotations(sample: Sequence[Values]) -> bool:
    return all(_is_document(row) and _marks(row) is not None for row in sample)


def _marks(row: Values) -> list[dict[str, Json]] | None:
    """What users said of a whole document; None where parts of it are marked."""
    marks = inner(row.get("annotations"))
    said = [one for one in marks if isinstance(one, dict)] if isinstance(marks, list) else None
    if said is None or any("label" not in one or "start_offset" in one for one in said):
        return None
    return said


def _by_user(row: Values) -> Flat:
    labels: dict[str, list[Json]] = {}
    for one in _marks(row) or ():
        labels.setdefault(str(text_of(one.get("user")) or ""), []).append(one["label"])
    return Flat({}, [Judged(user, one_or_list(said)) for user, said in labels.items()])


DOCCANO_USERS = Shape(
    name="doccano_users",
    words="doccano export",
    unit="documents",
    recognises=_has_annotations,
    flat=_by_user,
    roles=lambda row: present(row, text=_TEXTS, id=_IDS),
)
