"""What every reader gives: columns, and rows that are good or say what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.datasets.dialect import Dialect
from app.datasets.findings import BadRow, Stop, excerpt_of
from app.datasets.given import Writing
from app.datasets.released import AddedColumns, added_columns

Values = dict[str, str | None]
MOST_COLUMNS = 512
MOST_ROWS = 5_000_000
MOST_CELL_BYTES = 1 << 20
SAMPLE = 100
_SURELY_SMALL = MOST_CELL_BYTES // 4


@dataclass
class Table:
    """A file that is being read: row numbers are those a person would count."""

    columns: list[str]
    rows: Iterator[tuple[int, Values | BadRow]]
    format: str
    separator: str = ""
    encoding: str = ""
    header: bool = True
    nested: bool = False  # values may hold objects, and a column may be a path into one
    floats: frozenset[str] = frozenset()  # columns that hold 3 as 3.0
    writing: Writing = field(default_factory=Writing)
    types: Mapping[str, str] = field(default_factory=dict)  # of columns that hold no texts
    odd: Mapping[str, str] = field(default_factory=dict)  # times, decimals, bytes: their types
    unread: Mapping[str, str] = field(default_factory=dict)  # of these, what no text stands for
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of their numbers
    dialect: Callable[[], Dialect] | None = None  # sure when all rows are read
    line_ends: str = ""

    @property
    def added(self) -> AddedColumns:
        """What a release of ours added to it."""
        return added_columns(self.columns)


def numbered(place: int) -> str:
    """What a column is called that has no name of its own; the first is number 1."""
    return f"column {place}"


def check_columns(columns: Sequence[str]) -> None:
    """Stop on too many columns or two of one name."""
    check_width(columns)
    seen: dict[str, int] = {}
    for number, name in enumerate(columns, start=1):
        if name in seen:
            raise Stop("E108", column=excerpt_of(name), first=seen[name], second=number)
        seen[name] = number


def check_width(columns: Sequence[str]) -> None:
    if len(columns) > MOST_COLUMNS:
        raise Stop("E113", found=len(columns), most=MOST_COLUMNS)


def check_cells(row: int, values: Values) -> None:
    """Refuse what one of the databases cannot hold, and what no page can show."""
    for column, value in values.items():
        if value is None:
            continue
        if "\0" in value:
            raise BadRow("E101", column=column, row=row, excerpt=excerpt_of(value))
        if len(value) > _SURELY_SMALL and len(value.encode()) > MOST_CELL_BYTES:
            raise BadRow("E112", column=column, row=row, excerpt=excerpt_of(value))
