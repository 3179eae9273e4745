"""A role guessed by name needs values that fit: else the guess is given up, and said so."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from app.datasets.findings import BadRow, Told, excerpt_of, thousands
from app.datasets.label_cells import is_list
from app.datasets.names import flaw_of_label
from app.datasets.strict_json import Nested
from app.datatypes.column_role import ColumnRole, Part, Sample

NUMERIC = re.compile(r"[-+]?\d*[.,]\d+|\d{4}-\d\d-\d\d.*")  # a decimal or a date
FEW_NUMBERS, FEW_WORDS = 10, 30
_MOST_SPLITS = 20
_FLAWED = 0.2  # the share of values in the sample that cannot be labels
LONGEST_KEY = 1000  # bytes; what a unique index of PostgreSQL can hold


class GivenUp(NamedTuple):
    """A column that was guessed for a role by its name, and why it is not."""

    role: str
    column: str
    why: str

    @property
    def words(self) -> str:
        return f"{excerpt_of(self.column)} as {self.role} ({self.why})"


@dataclass(frozen=True, slots=True)
class FileHints:
    """What a file tells of its columns beyond names: `odd` ones, what it is known for, and what
    was guessed before and given up. What a tool or a release `added` is for nothing."""

    odd: Collection[str] = ()
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    given_up: Sequence[GivenUp] = ()
    added: Collection[str] = ()

    def known_for_others(self, role: str) -> set[str]:
        """Columns that are known for another role, and not given up for it."""
        failed = {(one.role, one.column) for one in self.given_up}
        others = {(other, name) for other, named in self.known.items() for name in named}
        return {name for other, name in others - failed if other != role}


class GuessFails(Exception):
    """Values of a guessed column do not fit its role: the file is read again without it."""

    def __init__(self, given_up: GivenUp) -> None:
        super().__init__(given_up.words)
        self.given_up = given_up


def why_not(role: ColumnRole, column: str, sample: Sample) -> str:
    """What speaks against a column in this role, from the first rows; nothing if it fits."""
    values = [value for row in sample if (value := row.get(column))]
    if role.part is Part.LABEL and sample and not values:
        return "empty in the first rows"
    fits = _FITS.get(role.part)
    return fits(role, values) if fits is not None else ""


def why_no_more(bad: BadRow) -> str:
    """What a row says against the guessed column that would cost it; nothing if it is not that."""
    found = {name: thousands(value) for name, value in bad.fields.items()}
    words = _LATE.get(bad.code, "")
    return words.format_map({"row": "?", "excerpt": "?", "most": "?", **found})


_LATE: Mapping[str, str] = MappingProxyType(
    {
        "E114": "“{excerpt}” in row {row} was there before",
        "E118": "longer than {most} characters in row {row}",
        "E127": "an object or a list in row {row}",
    }
)


def _content(role: ColumnRole, values: Sequence[str]) -> str:
    if 2 * sum(isinstance(value, Nested) for value in values) > len(values):
        return "objects or lists"
    return ""


def _key(role: ColumnRole, values: Sequence[str]) -> str:
    seen: set[str] = set()
    for value in values:
        if isinstance(value, Nested):
            return "objects or lists"
        if len(value.encode("utf-8", "replace")) > LONGEST_KEY:
            return f"longer than {LONGEST_KEY:,} characters"
        if value in seen:
            return f"“{excerpt_of(value)}” comes more than once"
        seen.add(value)
    return ""


def _kept(role: ColumnRole, values: Sequence[str]) -> str:
    most = role.most_letters or 0
    if any(isinstance(value, Nested) for value in values):
        return "objects or lists"
    if any(len(value) > most for value in values):
        return f"longer than {most} characters"
    if any("://" in value for value in values):
        return "web addresses"
    if role.name == "split" and len(set(values)) > _MOST_SPLITS:
        return f"{len(set(values))} different values"
    return ""


def _label(role: ColumnRole, values: Sequence[str]) -> str:
    if any(isinstance(value, Nested) and not is_list(value) for value in values):
        return "objects"
    flawed = sum(flaw_of_label(value) != "" for value in values)
    if flawed > _FLAWED * len(values):
        return "too long, or of several lines"
    if all(map(NUMERIC.fullmatch, values)) and too_many(len(set(values)), len(values), values):
        return f"{len(set(values))} different numbers or dates"
    return ""


_FITS: Mapping[Part, Callable[[ColumnRole, Sequence[str]], str]] = MappingProxyType(
    {
        Part.CONTENT: _content,
        Part.KEY: _key,
        Part.KEPT: _kept,
        Part.LABEL: _label,
        Part.ORIGIN: _content,
    }
)


def too_many(distinct: int, rows: int, values: Sequence[str]) -> bool:
    """Whether there are too many different values for labels: numbers, dates or ids."""
    numeric = all(map(NUMERIC.fullmatch, values))
    return distinct > rows / 2 and distinct >= (FEW_NUMBERS if numeric else FEW_WORDS)


def told(given_up: Sequence[GivenUp]) -> Mapping[str, Told]:
    """The fields of the note that names them."""
    return {"excerpt": "; ".join(one.words for one in given_up), "column": given_up[0].column}
