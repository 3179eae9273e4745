"""What was said of a file: its columns' roles, how it is read, answers, files beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

import orjson

from app.datasets.array_kinds import ARRAY_KINDS
from app.datasets.roles import ROLES
from app.db.words import DataType

NO_COLUMN = "-"
"""Named instead of a column: the role stays empty on purpose, and nothing is guessed."""

BESIDE = ("labels", *(name for name, kind in ARRAY_KINDS.items() if kind.beside_examples))
"""Files that may come with the examples; `media` is one more, known by its content alone."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is kept as a blob, and the name it came under."""

    name: str
    sha256: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is to be read; an empty part is found (`reading_parts` has their values)."""

    encoding: str = ""
    separator: str = ""
    quoting: str = ""
    escape: str = ""
    header: str = ""


HEADER_QUESTION = "W107"
_NAMES, _DATA = {"header": "names"}, {"header": "none"}
_QUOTED, _BARE = {"quoting": "doubled"}, {"quoting": "none"}
SAYS: Mapping[str, Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        HEADER_QUESTION: {"names": _NAMES, "data": _DATA},
        "E111": {"text": _BARE, "quoted": _QUOTED},
        "W158": {"rows": _BARE, "text": _QUOTED},
    }
)
"""Questions whose answer is a part of the reading: by code and choice, what it says."""


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """Everything that, with the same bytes, makes two imports the same one.

    `roles` names columns by role, `choices` answers questions by their codes.
    """

    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    choices: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, StoredFile] = field(default_factory=dict)
    media: str = ""
    data_type: DataType = DataType.TEXT
    guess: bool = False
    source_type: str = ""

    def for_type(self, data_type: DataType) -> ImportMapping:
        """As it is stored for a project: roles that are not named are guessed."""
        return replace(self, data_type=data_type, guess=True)

    def with_roles(self, roles: Mapping[str, tuple[str, ...]]) -> ImportMapping:
        return replace(self, roles={**self.roles, **roles})

    def with_choices(self, choices: Mapping[str, str]) -> ImportMapping:
        """With answers; one about the reading takes the place of what was said before."""
        about = {part: "" for code in choices for part in _about(code)}
        return replace(
            self, choices={**self.choices, **choices}, reading=replace(self.reading, **about)
        )

    def with_reading(self, said: Mapping[str, str]) -> ImportMapping:
        """With parts of the reading; earlier answers about the same parts no longer count."""
        choices = {
            code: choice
            for code, choice in self.choices.items()
            if not any(part in said for part in _about(code))
        }
        return replace(self, reading=replace(self.read_as, **said), choices=choices)

    @property
    def read_as(self) -> Reading:
        """The reading as it was said, or else as a question about it was answered."""
        reading = self.reading
        for code, choice in self.choices.items():
            for part, value in SAYS.get(code, {}).get(choice, {}).items():
                if not getattr(reading, part):
                    reading = replace(reading, **{part: value})
        return reading

    @property
    def answers(self) -> dict[str, str]:
        """Every question that is answered, be it by what is said of the reading."""
        said = asdict(self.read_as)
        told = {
            code: choice
            for code, by in SAYS.items()
            for choice, says in by.items()
            if says.items() <= said.items()
        }
        return {code: choice for code, choice in self.choices.items() if choice} | told

    def with_media(self, sha256: str) -> ImportMapping:
        return replace(self, media=sha256)

    def as_json(self) -> dict[str, Any]:
        """The form that is stored: what says nothing is left out, so that its hash is one."""
        told: dict[str, Any] = {"type": self.data_type.value, "guess": self.guess}
        for name, columns in self.roles.items():
            told[name] = list(columns) if ROLES[name].many else "".join(columns[:1])
        told |= asdict(self.read_as)
        del told["header"]  # told by the answer to its question, as it always was
        kept = {HEADER_QUESTION, *self.choices} - (SAYS.keys() - {HEADER_QUESTION})
        told |= {"choices": {code: one for code, one in self.answers.items() if code in kept}}
        told |= {"media": self.media, "source_type": self.source_type}
        for name, file in self.beside.items():
            told[name] = {"sha256": file.sha256, "name": file.name}
        return {name: value for name, value in told.items() if value not in ("", [], {})}

    @property
    def hash(self) -> str:
        return hashlib.sha256(orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()


def mapping_of(stored: Mapping[str, Any]) -> ImportMapping:
    """Read a mapping back from its stored form."""
    mapping = ImportMapping(
        roles={name: columns_of(stored[name]) for name in ROLES if stored.get(name)},
        reading=Reading(**{part: stored.get(part) or "" for part in asdict(Reading())}),
        choices=stored.get("choices") or {},
        beside={
            name: StoredFile(stored[name]["name"], stored[name]["sha256"])
            for name in BESIDE
            if stored.get(name)
        },
        media=stored.get("media") or "",
        data_type=DataType(stored.get("type") or DataType.TEXT),
        guess=bool(stored.get("guess")),
        source_type=stored.get("source_type") or "",
    )
    return replace(mapping, reading=mapping.read_as)


def _about(code: str) -> set[str]:
    """The parts of the reading that a question is about."""
    parts = {part for says in SAYS.get(code, {}).values() for part in says}
    return parts | ({"encoding"} if code == "E102" else set())


def columns_of(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """One name or several, or none, as a tuple."""
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
