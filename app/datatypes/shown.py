"""How an example is shown: whole, as a glimpse beside another one, as one line in a list."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from app.datatypes.data_type import Glimpse, ShownContent, StoredContent
from app.datatypes.registry import type_named, type_stored

EXCERPT = 160


class Excerpt(NamedTuple):
    """The beginning of an example as one line of text, or its picture."""

    text: str
    picture: str


PRIVATE = Excerpt("Private data: the content is hidden", "")
"""What a list shows of an example that was removed for private data."""


def content_of(
    example_id: int, stored: StoredContent, *, unusual: Collection[str] = ()
) -> ShownContent:
    """The example itself, in the form its data type is drawn in."""
    return type_stored(stored).shown(example_id, stored, unusual)


def picture_of(stored: StoredContent) -> str:
    """The blob of an example that is a picture."""
    kind = type_stored(stored)
    return str(stored[kind.stored_as]) if kind.pictures else ""


def files_of(stored: StoredContent) -> tuple[str, ...]:
    """The blobs of an example: its picture as it is shown, and as it came."""
    picture = picture_of(stored)
    return tuple(dict.fromkeys((picture, str(stored["original"])))) if picture else ()


def glimpse_of(content: ShownContent) -> Glimpse:
    """As much of a similar example as a row in the list and a comparison need."""
    return type_named(content["type"]).glimpse(content)


def excerpt_of(content: ShownContent, longest: int = EXCERPT) -> Excerpt:
    words = type_named(content["type"]).in_words(content)
    plain = " ".join(words[: 4 * longest].split())
    text = plain if len(plain) <= longest else plain[: longest - 1] + "…"
    return Excerpt(text, content.get("url", ""))
