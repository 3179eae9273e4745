"""A text: a message, a sentence, a document."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NotRequired, TypedDict

from app.datatypes.column_role import ColumnRole, Part, Sample
from app.datatypes.data_type import (
    Glimpse,
    Made,
    RowAtHand,
    ShownContent,
    StoredContent,
    TypeOfData,
)
from app.db.words import DataType

NEAR_CHARACTERS = 400  # of a similar text
_LANGUAGE_NAMES = frozenset({"lang", "language", "locale"})
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


class StoredText(TypedDict):
    text: str
    lang: NotRequired[str]
    meta: NotRequired[list[list[str]]]


def longest_text(columns: Sequence[str], sample: Sample) -> tuple[str, ...]:
    """The column with the longest values, if they are words rather than codes."""
    best, longest = None, 0.0
    for name in columns:
        values = [str(row.get(name) or "") for row in sample]
        mean = sum(map(len, values)) / max(1, len(values))
        if mean > longest and any(" " in value or len(value) > 20 for value in values):
            best, longest = name, mean
    if best is None and len(columns) == 1:
        return (columns[0],)
    return () if best is None else (best,)


def _made(row: RowAtHand, columns: Sequence[str]) -> Made | None:
    text = row.picked(columns[0])
    return None if text is None else Made(StoredText(text=text), text.encode())


def _shown(example_id: int, stored: StoredContent, unusual: Collection[str]) -> ShownContent:
    return {"type": DataType.TEXT, "text": stored.get("text") or "", "lang": _language(stored)}


def _language(stored: StoredContent) -> str | None:
    """The language tag of a text, where its import or its metadata say one."""
    if stored.get("lang"):
        return str(stored["lang"])
    for name, value in stored.get("meta", []):
        if name.lower() in _LANGUAGE_NAMES and _LANGUAGE_TAG.fullmatch(str(value)):
            return str(value).replace("_", "-")
    return None


def _glimpse(content: ShownContent) -> Glimpse:
    text = content["text"]
    beginning: Glimpse = {"text": text[:NEAR_CHARACTERS]}
    if len(text) > NEAR_CHARACTERS:
        beginning["cut"] = True
    return beginning


TEXT = TypeOfData(
    name=DataType.TEXT,
    choice="A text",
    hint="A message, a sentence, a document.",
    words="Text",
    noun="text",
    role=ColumnRole(
        "text",
        Part.CONTENT,
        "Text",
        "Column with the text.",
        (
            *("text", "sentence", "content", "document", "utterance", "question", "review"),
            *("body", "title", "message", "comment"),
        ),
        nested=True,
        otherwise=longest_text,
    ),
    stored_as="text",
    made=_made,
    shown=_shown,
    glimpse=_glimpse,
    in_words=lambda content: content["text"],
    learned_as=DataType.TEXT,
    found_by=lambda words: words,
)
