"""What was said of a file: its columns' roles, how it is read, answers, files beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    """How a table is to be read, where the file does not say it."""

    encoding: str = ""
    separator: str = ""


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
        return replace(self, choices={**self.choices, **choices})

    def with_media(self, sha256: str) -> ImportMapping:
        return replace(self, media=sha256)

    def as_json(self) -> dict[str, Any]:
        """The form that is stored: what says nothing is left out, so that its hash is one."""
        told: dict[str, Any] = {"type": self.data_type.value, "guess": self.guess}
        for name, columns in self.roles.items():
            told[name] = list(columns) if ROLES[name].many else "".join(columns[:1])
        told |= {"encoding": self.reading.encoding, "separator": self.reading.separator}
        told |= {"choices": {code: choice for code, choice in self.choices.items() if choice}}
        told |= {"media": self.media, "source_type": self.source_type}
        for name, file in self.beside.items():
            told[name] = {"sha256": file.sha256, "name": file.name}
        return {name: value for name, value in told.items() if value not in ("", [], {})}

    @property
    def hash(self) -> str:
        return hashlib.sha256(orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()


def mapping_of(stored: Mapping[str, Any]) -> ImportMapping:
    """Read a mapping back from its stored form."""
    return ImportMapping(
        roles={name: columns_of(stored[name]) for name in ROLES if stored.get(name)},
        reading=Reading(stored.get("encoding") or "", stored.get("separator") or ""),
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


def columns_of(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """One name or several, or none, as a tuple."""
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
