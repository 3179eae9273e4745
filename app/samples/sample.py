"""What a sample is: a file as a user would bring it, and what was done to its labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.db.words import DataType


@dataclass(frozen=True)
class Planted:
    """Errors put in on purpose: their kind, their share, and the right label of each by id."""

    kind: str
    rate: float
    truth: dict[str, str]


@dataclass(frozen=True)
class SampleModel:
    """A model by what it predicts: a table of ids and labels, as somebody would push it."""

    name: str
    parameters: int
    content: bytes


@dataclass(frozen=True)
class Sample:
    """`half_reviewed`: every right label by id, for readers who have read some of it already.

    `models`: trains some, and gives what they predict for the split "test".
    """

    name: str
    about: str
    data_type: DataType
    file_name: str
    content: bytes
    mapping: dict[str, str]
    media: bytes | None = None
    planted: Planted | None = None
    half_reviewed: dict[str, str] | None = None
    models: Callable[[], tuple[SampleModel, ...]] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Rows:
    """Ids, contents and labels of a sample before it is written as a file."""

    column: str
    ids: list[str]
    contents: list[str]
    labels: list[str]
    files: dict[str, bytes] = field(default_factory=dict)


def as_csv(ids: Sequence[str], columns: Mapping[str, Sequence[str]]) -> bytes:
    """The bytes of a CSV file with a header."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["id", *columns])
    writer.writerows(zip(ids, *columns.values(), strict=True))
    return buffer.getvalue().encode()
