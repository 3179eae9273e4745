"""How a table is read, part by part: command line, API and page walk this registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.datasets.decoding import OFFERED
from app.datasets.dialect import ONE_COLUMN
from app.errors import Invalid

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a part, and its words on a screen."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class ReadingPart:
    """One thing that can be said of how a table is read; nothing said means: as found.

    `others` says which values besides the choices may be written.
    """

    name: str
    words: str
    help: str
    choices: tuple[Choice, ...]
    others: str = ""

    def takes(self, value: str) -> bool:
        return (
            not value or value in self.values or (bool(self.others) and _OTHERS[self.name](value))
        )

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(one.value for one in self.choices)


MARKS: Mapping[str, str] = MappingProxyType(
    {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "none": ONE_COLUMN}
)


def mark_of(said: str) -> str:
    """The character that a separator's word stands for."""
    return MARKS.get(said) or ("\t" if said == "\\t" else said[:1])


def mark_in_words(mark: str) -> str:
    return next((word for word, one in MARKS.items() if one == mark), mark)


def _is_mark(value: str) -> bool:
    return value == "\\t" or (len(value) == 1 and value not in '"\\\r\n\0')


def _may_be_encoding(value: str) -> bool:
    """Whether there is such an encoding is told by the check, with others to choose from."""
    return len(value) <= _LONGEST_NAME and value.isprintable()


_OTHERS = {"separator": _is_mark, "encoding": _may_be_encoding}

SEPARATOR = ReadingPart(
    "separator",
    "Separator",
    "What separates columns",
    (
        Choice("comma", "Comma"),
        Choice("semicolon", "Semicolon"),
        Choice("tab", "Tab"),
        Choice("bar", "Vertical bar"),
        Choice("none", "Nothing: one column"),
    ),
    others="or one character",
)
QUOTING = ReadingPart(
    "quoting",
    "Quotes",
    "What quotes are",
    (
        Choice("doubled", "Stand around cells; doubled inside"),
        Choice("none", "Are text"),
    ),
)
ESCAPE = ReadingPart(
    "escape",
    "Backslash",
    "What a backslash is",
    (Choice("none", "Is text"), Choice("backslash", "Escapes the next character")),
)
HEADER = ReadingPart(
    "header",
    "First row",
    "What the first row holds",
    (Choice("names", "Holds the column names"), Choice("none", "Is the first example")),
)
ENCODING = ReadingPart(
    "encoding",
    "Encoding",
    "Encoding of the text",
    tuple(Choice(name, name) for name in ("utf-8", *OFFERED)),
    others="or another encoding of text",
)
PARTS: Mapping[str, ReadingPart] = MappingProxyType(
    {one.name: one for one in (SEPARATOR, QUOTING, ESCAPE, HEADER, ENCODING)}
)


def said_of_reading(told: Mapping[str, str]) -> dict[str, str]:
    """Every part that was said, checked; a value nobody can read by is refused in words."""
    said = {name: told.get(name) or "" for name in PARTS}
    for name, value in said.items():
        part = PARTS[name]
        if not part.takes(value):
            more = f", {part.others}" if part.others else ""
            raise Invalid(
                f"{value[:80]!r} is no {name} to read by.",
                next_step=f"Use {', '.join(part.values)}{more}.",
                code="reading",
            )
    return said
