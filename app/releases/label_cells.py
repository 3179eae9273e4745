"""The label column of a released row: the label that counts, as its file writes labels. Offline."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping, Sequence

from app.datasets.cell import NULL, Imported, Value, json_text, one_text
from app.datasets.given import FileForm
from app.db.words import Status
from app.labels import LabelSet, mapped
from app.releases.layout import FileShape, Spelling, label_text
from app.review.books.fold import Folded

_REMEMBERED = 50_000  # of one file: a damaged one may have another text in every row
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_WHOLE = re.compile(r"-?(0|[1-9]\d*)")
_FLOATS = {"halffloat": "e", "float": "f", "double": "d"}
_WORDS = {
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "true and false",
    "list": "lists of one text",
}


def forms_of(cell: Imported) -> tuple[str, ...]:
    """The texts a label may have been read as from this cell."""
    if cell is None or cell == "":
        return ()
    if isinstance(cell, str):
        return cell, cell.removesuffix(".0"), cell.title()
    if cell.json == NULL:
        return ()
    alone = one_text(cell)
    if alone is not None:
        return alone, cell.json
    return cell.json, cell.json.removesuffix(".0"), cell.json.title()


def stands_for(shape: FileShape, cell: Imported, label: int) -> bool:
    """Whether this cell of the file is one of the ways to write the label."""
    forms = (cell,) if _plain(shape, cell) else forms_of(cell)
    return any(shape.spelling.stands_for(form, label) for form in forms if isinstance(form, str))


def _plain(shape: FileShape, cell: Imported) -> bool:
    return isinstance(cell, str) and not shape.form.writing.get("label_type")


def unchanged_label(shape: FileShape, given: LabelSet, written: Imported) -> Imported:
    """Of a row whose label nobody changed: as it was written, but forms that are one label are one.

    The lead said so when the file came in; the form that was written stands beside it.
    """
    if written is None or not given:
        return written
    forms = (written,) if _plain(shape, written) else forms_of(written)
    texts = [form for form in forms if isinstance(form, str) and form]
    if texts and not any(shape.spelling.is_own(text, given[0]) for text in texts):
        return changed_label(shape, given)
    if shape.label_text and isinstance(written, Value):
        return written.text
    return written


def final_label(shape: FileShape, given: LabelSet, state: Folded, written: Imported) -> Imported:
    """What stands in the label column: removed rows and those as given have it as it was."""
    if state.status is Status.REMOVED or state.labels == given:
        return unchanged_label(shape, given, written)
    return changed_label(shape, state.labels)


class FinalLabels:
    """`final_label` for the rows of one file, remembered: few labels stand in many rows."""

    def __init__(self, shape: FileShape) -> None:
        self.shape = shape
        self._known: dict[tuple[LabelSet, LabelSet | None, Imported], Imported] = {}

    def of(self, given: LabelSet, state: Folded, written: Imported) -> Imported:
        kept = state.status is Status.REMOVED or state.labels == given
        key = given, None if kept else state.labels, written
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = final_label(self.shape, given, state, written)
        return self._known[key]


def with_label(names: Sequence[str], label: str | None, final: Imported) -> list[str]:
    """The columns that a row has, with that of its label where it got one it had no place for."""
    lacking = label is not None and final is not None and label not in names
    return [*names, label] if lacking and label is not None else list(names)


def changed_label(shape: FileShape, labels: LabelSet) -> Imported:
    """A label that was not written there, in the type of the others if it can be."""
    text, kind = label_text(shape, labels), shape.form.writing.get("label_type", "")
    if text is None or shape.label_text or not kind:
        return text
    if kind == "list":
        return Value(json_text([text]))
    if kind in ("integer", "number"):
        return Value(text)
    if kind == "boolean":
        return Value(text.lower())
    if kind in _FLOATS:
        packed = struct.pack(_FLOATS[kind], float(text))
        return repr(struct.unpack(_FLOATS[kind], packed)[0])
    return text.lower()


def label_is_text(
    form: FileForm, spelling: Spelling, answered: Iterable[int], mapping: Mapping[int, int]
) -> bool:
    """Whether the label column loses its type: a label that may stand there is of another.

    These are the labels that the file was written with and those that any answer says.
    """
    return misfit_label(form, spelling, answered, mapping) is not None


def misfit_label(
    form: FileForm, spelling: Spelling, answered: Iterable[int], mapping: Mapping[int, int]
) -> str | None:
    kind = form.writing.get("label_type", "")
    if not kind:
        return None
    every = mapped([*form.written.values(), *answered], mapping)
    texts = (spelling.text(label) for label in every if label in spelling.labels)
    return next((text for text in sorted(texts) if not _fits(kind, text)), None)


def said_of(column: str, kind: str, text: str) -> str:
    """For people: why the label column is not what it was."""
    words = _WORDS.get(kind, f"of the type {kind}")
    return (
        f"The labels in “{column}” were {words}; they are text now, as “{text}” is none of these."
    )


def _fits(kind: str, text: str) -> bool:
    if kind == "list":
        return True
    if kind in ("boolean", "bool"):
        return text.lower() in ("true", "false")
    if kind == "number":
        return _NUMBER.fullmatch(text) is not None
    if kind in _FLOATS:
        return _NUMBER.fullmatch(text) is not None and _packs(kind, text)
    if _WHOLE.fullmatch(text) is None:
        return False
    if kind == "integer":
        return True
    bits, lowest = int(kind.lstrip("uint")), 0
    if not kind.startswith("u"):
        bits, lowest = bits - 1, -(2 ** (bits - 1))
    return lowest <= int(text) < 1 << bits


def _packs(kind: str, text: str) -> bool:
    try:
        struct.pack(_FLOATS[kind], float(text))
    except (OverflowError, ValueError):
        return False
    return True
