"""What a column of a file can be for: its words, how it is guessed, what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Sample = Sequence[Mapping[str, str | None]]
Guess = Callable[[Sequence[str], Sample], tuple[str, ...]]


class Part(StrEnum):
    """What becomes of a column."""

    CONTENT = "content"  # it is what the reviewer judges; a data type brings its role
    LABEL = "label"
    KEY = "key"
    ORIGIN = "origin"  # how the label came about; wrong labels are counted by its values
    KEPT = "kept"  # short text, kept with the example to be counted and filtered by
    BESIDE = "beside"  # shown beside the example


@dataclass(frozen=True, slots=True)
class ColumnRole:
    """One role."""

    name: str
    part: Part
    words: str  # on a page
    help: str  # on the command line
    usual_names: tuple[str, ...] = ()
    many: bool = False  # any number of columns, else one at most
    nested: bool = False  # may lead into an object: answer.text
    most_letters: int | None = None
    otherwise: Guess | None = None  # where no column has a usual name
    guessed_last: bool = False  # takes what no other role wants
    reported: str = ""  # its name in a report, where that is another
