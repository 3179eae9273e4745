"""A row of a table: named values side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypedDict

import orjson

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

NEAR_FIELDS, NEAR_VALUE = 60, 200  # of a similar row: fields, and characters of each value
NEAR_CHARACTERS = 400  # of a similar row as a line


class StoredFields(TypedDict):
    fields: list[list[str | None]]  # name, value


def all_that_is_left(columns: Sequence[str], sample: Sample) -> tuple[str, ...]:
    return tuple(columns)


def _made(row: RowAtHand, columns: Sequence[str]) -> Made | None:
    fields = [[name, row.values.get(name)] for name in columns]
    if all(value in (None, "") for _, value in fields):
        return None
    return Made(StoredFields(fields=fields), orjson.dumps(fields))


def _shown(example_id: int, stored: StoredContent, unusual: Collection[str]) -> ShownContent:
    return {
        "type": DataType.TABULAR,
        "fields": [
            (name, "" if value is None else value, name in unusual or True in marked)
            for name, value, *marked in stored["fields"]
        ],
    }


def _glimpse(content: ShownContent) -> Glimpse:
    fields = [(name, value[:NEAR_VALUE]) for name, value, _ in content["fields"][:NEAR_FIELDS]]
    words = ", ".join(f"{name}: {value}" for name, value in fields)
    return {"text": words[:NEAR_CHARACTERS], "fields": fields}


def _in_words(content: ShownContent) -> str:
    return ", ".join(f"{name}: {value}" for name, value, *_ in content["fields"])


TABULAR = TypeOfData(
    name=DataType.TABULAR,
    choice="A table row",
    hint="Named values side by side.",
    words="Table rows",
    noun="row",
    role=ColumnRole(
        "columns",
        Part.CONTENT,
        "Columns of the table",
        "Columns of a table: A,B,C.",
        many=True,
        otherwise=all_that_is_left,
        guessed_last=True,
        reported="fields",
    ),
    stored_as="fields",
    made=_made,
    shown=_shown,
    glimpse=_glimpse,
    in_words=_in_words,
    learned_as=DataType.TABULAR,
    found_by=lambda words: orjson.dumps(words).decode()[1:-1],  # within a list of values, as JSON
)
