"""Which columns of a file play which role: as was said, guessed where nothing was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.datasets.findings import Stop
from app.datasets.mapping import NO_COLUMN, ImportMapping
from app.datasets.report import RolesShown
from app.datasets.roles import ROLES, roles_for
from app.datatypes.column_role import ColumnRole, Sample
from app.datatypes.registry import TYPES
from app.db.words import DataType

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ChosenColumns:
    """The columns of every role, by its name; `may_lack` are some its format gives at times."""

    columns: Mapping[str, tuple[str, ...]]
    may_lack: frozenset[str] = frozenset()

    def one(self, role: ColumnRole) -> str | None:
        return next(iter(self.columns.get(role.name, ())), None)

    def every(self, role: ColumnRole) -> tuple[str, ...]:
        return self.columns.get(role.name, ())

    def shown(self) -> RolesShown:
        """As a report tells it."""
        return {
            role.reported or name: list(self.every(role)) if role.many else self.one(role)
            for name, role in ROLES.items()
        }


def choose_columns(mapping: ImportMapping, columns: Sequence[str], sample: Sample) -> ChosenColumns:
    """The roles the mapping names, and guesses for the rest if it allows them."""
    chosen = {name: mapping.roles.get(name, ()) for name in ROLES}
    for name, named in chosen.items():
        for column in named:
            _check_there(column, columns, nested=ROLES[name].nested)
    if mapping.guess:
        for role in sorted(roles_for(mapping.data_type), key=lambda role: role.guessed_last):
            if not chosen[role.name]:
                taken = {column for named in chosen.values() for column in named}
                free = [name for name in columns if name not in taken]
                chosen[role.name] = _guess(role, free, sample)
    return ChosenColumns(
        {
            name: tuple(column for column in named if column != NO_COLUMN)
            for name, named in chosen.items()
        }
    )


def as_said(own: ChosenColumns, mapping: ImportMapping, columns: Sequence[str]) -> ChosenColumns:
    """The roles a format gives its own columns, but for those the mapping names."""
    lacks = own.may_lack - set(columns)
    there = {
        name: tuple(one for one in named if one not in lacks)
        for name, named in mapping.roles.items()
    }
    said = {name: named for name, named in there.items() if named}
    for name, named in said.items():
        for column in named:
            _check_there(column, columns, nested=ROLES[name].nested)
    plain = {name: tuple(one for one in named if one != NO_COLUMN) for name, named in said.items()}
    return ChosenColumns({**own.columns, **plain})


def need_content(chosen: ChosenColumns, data_type: DataType, columns: Sequence[str]) -> None:
    """Stop when there is nothing to show a reviewer."""
    if not chosen.every(TYPES[data_type].role):
        raise Stop("E109", column=f"for the {data_type}", columns=", ".join(columns[:_SHOWN]))


def _check_there(column: str, columns: Sequence[str], *, nested: bool) -> None:
    if column == NO_COLUMN or column in columns:
        return
    if nested and "." in column and column.split(".")[0] in columns:
        return
    raise Stop("E109", column=column, columns=", ".join(columns[:_SHOWN]))


def _guess(role: ColumnRole, columns: Sequence[str], sample: Sample) -> tuple[str, ...]:
    plain = {re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"): name for name in columns}
    for name in role.usual_names:
        if name in plain:
            return (plain[name],)
    return role.otherwise(columns, sample) if role.otherwise else ()
