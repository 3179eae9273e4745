"""What Relabel knows of a data type: its words, its column, how it is stored, shown and found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypedDict

from app.datatypes.column_role import ColumnRole
from app.db.words import DataType

SMALL_TILES = ("123456", "QWERTY", "ASDFGH", "ZXCVBN")  # tiles stand like these keys
LARGE_TILES = ("123", "QWE", "ASD", "ZXC")  # what is read needs more room

StoredContent = Mapping[str, Any]
"""An example as SQL has it; the form of each type stands in that type's file."""


class ShownContent(TypedDict, total=False):
    """The example itself, in the form its data type is drawn in."""

    type: str
    text: str
    lang: str | None
    url: str
    width: int | None
    height: int | None
    fields: list[tuple[str, str, bool]]  # name, value, whether the value is unusual here


class Glimpse(TypedDict, total=False):
    """As much of a similar example as a row in the list and a comparison need."""

    text: str
    cut: bool
    fields: list[tuple[str, str]]
    url: str
    width: int | None
    height: int | None


class RowAtHand(Protocol):
    """A row of a file, as what makes content of it needs to see it."""

    @property
    def values(self) -> Mapping[str, str | None]: ...

    def picked(self, column: str) -> str | None:
        """A value by its column, or by a path into a nested one."""

    def image(self, name: str) -> StoredContent:
        """Find, check and keep the image of this name."""


class Made(NamedTuple):
    """What is stored of a row, and the bytes that say whether two examples are the same."""

    content: StoredContent
    made_of: bytes


@dataclass(frozen=True, slots=True)
class TypeOfData:
    """One data type.

    Templates and scripts draw it in a file of its name: `templates/examples/types/` and
    `static/review/types/`.
    """

    name: DataType
    choice: str  # on the form for a new project
    hint: str
    words: str  # of a project, in lists
    noun: str  # of one example: the same text, picture or row
    role: ColumnRole  # the column or columns that are its content
    stored_as: str  # what of the stored content is the example itself
    made: Callable[[RowAtHand, Sequence[str]], Made | None]  # None: the row holds nothing
    shown: Callable[[int, StoredContent, Collection[str]], ShownContent]
    glimpse: Callable[[ShownContent], Glimpse]
    in_words: Callable[[ShownContent], str]
    learned_as: DataType  # the type whose features models get: its own, as a rule
    tiles: tuple[str, ...] = LARGE_TILES  # of a grid page, row by row
    found_by: Callable[[str], str] | None = None  # words as they stand in what is stored
    column: str = "Example"  # the heading over it in a list
    files: str = ""  # what examples are called that are files beside the table
    pictures: bool = False  # what is stored names an image, and pages ask for it
