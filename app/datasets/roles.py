"""What a column of a file can be for: every role, in the order in which it is offered.

The wizard's page, the API and the command line read this registry; a role is added here alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.db.words import DataType

Sample = Sequence[Mapping[str, str | None]]
Guess = Callable[[Sequence[str], Sample], tuple[str, ...]]
EVERY_TYPE = frozenset(DataType)


class Part(StrEnum):
    """What becomes of a column."""

    CONTENT = "content"  # it is what the reviewer judges
    LABEL = "label"
    KEY = "key"
    KEPT = "kept"  # short text, kept with the example to be counted and filtered by
    BESIDE = "beside"  # shown beside the example


@dataclass(frozen=True, slots=True)
class ColumnRole:
    """One role: its words, who has it, how it is guessed, and what becomes of the column."""

    name: str
    part: Part
    words: str  # on a page
    help: str  # on the command line
    usual_names: tuple[str, ...] = ()
    data_types: frozenset[DataType] = EVERY_TYPE
    many: bool = False  # any number of columns, else one at most
    nested: bool = False  # may lead into an object: answer.text
    most_letters: int | None = None
    otherwise: Guess | None = None  # where no column has a usual name
    guessed_last: bool = False  # takes what no other role wants
    reported: str = ""  # its name in a report, where that is another


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


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


def all_that_is_left(columns: Sequence[str], sample: Sample) -> tuple[str, ...]:
    return tuple(columns)


TEXT = ColumnRole(
    "text",
    Part.CONTENT,
    "Text",
    "Column with the text.",
    _names("text sentence content document utterance question review body title message comment"),
    data_types=frozenset({DataType.TEXT}),
    nested=True,
    otherwise=longest_text,
)
IMAGE = ColumnRole(
    "image",
    Part.CONTENT,
    "Image file name",
    "Column with image file names.",
    _names("image file filename file_name path img image_path image_file picture"),
    data_types=frozenset({DataType.IMAGE}),
)
FIELDS = ColumnRole(
    "columns",
    Part.CONTENT,
    "Columns of the table",
    "Columns of a table: A,B,C.",
    data_types=frozenset({DataType.TABULAR}),
    many=True,
    otherwise=all_that_is_left,
    guessed_last=True,
    reported="fields",
)
LABEL = ColumnRole(
    "label",
    Part.LABEL,
    "Given label",
    "Column with the given label.",
    _names("label labels class category target intent y gold annotation given_label tag"),
    nested=True,
)
ID = ColumnRole(
    "id",
    Part.KEY,
    "ID",
    "Column with the id.",
    _names("id key example_id uuid idx guid index row_id item_id"),
    nested=True,
)
SOURCE = ColumnRole(
    "source",
    Part.KEPT,
    "Source of the label",
    "Column with who or what gave the label.",
    _names("source annotator annotator_id labeler labeller vendor worker worker_id author"),
    most_letters=200,
)
SPLIT = ColumnRole(
    "split",
    Part.KEPT,
    "Split",
    "Column with the split: train, test, …",
    _names("split fold subset set partition"),
    most_letters=80,
)
GROUP = ColumnRole(
    "group",
    Part.KEPT,
    "Group (kept together when models are tested)",
    "Column with what belongs together: patient, session, …",
    _names("group group_id session patient subject user document_id"),
    most_letters=200,
)
METADATA = ColumnRole(
    "metadata",
    Part.BESIDE,
    "Shown beside the example",
    "Columns to show beside the example: A,B,C.",
    many=True,
)

ROLES: Mapping[str, ColumnRole] = MappingProxyType(
    {role.name: role for role in (TEXT, IMAGE, FIELDS, LABEL, ID, SOURCE, SPLIT, GROUP, METADATA)}
)
KEPT = tuple(role for role in ROLES.values() if role.part is Part.KEPT)
CONTENT = tuple(role for role in ROLES.values() if role.part is Part.CONTENT)


def roles_for(data_type: DataType) -> tuple[ColumnRole, ...]:
    """The roles that columns can have where examples are of this type."""
    return tuple(role for role in ROLES.values() if data_type in role.data_types)
