"""Which columns of a file play which role: as was said, guessed where nothing was."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from app.datasets.findings import BadRow, Stop, excerpt_of
from app.datasets.guessing import FileHints, GivenUp, GuessFails, why_no_more, why_not
from app.datasets.mapping import NO_COLUMN, ImportMapping
from app.datasets.report import RolesShown
from app.datasets.roles import GROUP, ID, LABEL, ROLES, SOURCE, SPLIT, roles_for
from app.datasets.rows import Table
from app.datatypes.column_role import ColumnRole, Part, Sample
from app.datatypes.registry import TYPES
from app.db.words import DataType

_SHOWN = 50
_NO_HINTS = FileHints()
_MAY_FAIL = (ID, SOURCE, SPLIT, GROUP)
NO_LABEL = "W350"  # the question for the label column, whose answers are columns


@dataclass(frozen=True, slots=True)
class ChosenColumns:
    """The columns of every role, by its name; `may_lack` are some its format gives at times."""

    columns: Mapping[str, tuple[str, ...]]
    may_lack: frozenset[str] = frozenset()
    guessed: frozenset[str] = frozenset()  # roles whose columns nobody chose
    given_up: tuple[GivenUp, ...] = ()

    @property
    def without_id(self) -> str:
        """What becomes of a row without an id where nobody says it: a guess costs no row."""
        return "generate" if ID.name in self.guessed else ""

    def doubt(self, bad: BadRow) -> None:
        """A row that a guessed column would cost speaks against the guess."""
        why = why_no_more(bad) if self.guessed else ""
        for role in _MAY_FAIL if why else ():
            if role.name in self.guessed and self.one(role) == bad.fields.get("column"):
                raise GuessFails(GivenUp(role.name, self.one(role) or "", why))

    def with_id(self, column: str) -> ChosenColumns:
        return replace(self, columns={**self.columns, ID.name: (column,)})

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


def choose_columns(
    mapping: ImportMapping,
    columns: Sequence[str],
    sample: Sample,
    hints: FileHints = _NO_HINTS,
) -> ChosenColumns:
    """The roles the mapping names, and guesses for the rest if it allows them.

    Guesses are what is known of the file's shape, else by name and values; they leave out odd
    columns and what was given up before.
    """
    chosen = {name: mapping.roles.get(name, ()) for name in ROLES}
    answer = mapping.choices.get(NO_LABEL)
    if not chosen[LABEL.name] and answer and (answer == NO_COLUMN or _is_there(answer, columns)):
        chosen[LABEL.name] = (answer,)
    for name, named in chosen.items():
        for column in named:
            _check_there(column, columns, nested=ROLES[name].nested)
    guesses, doubtful = set[str](), list(hints.given_up)
    failed = {(one.role, one.column) for one in doubtful}
    if mapping.guess:
        for role in sorted(roles_for(mapping.data_type), key=lambda role: role.guessed_last):
            if not chosen[role.name]:
                taken = {column for named in chosen.values() for column in named}
                unfree = {*taken, *hints.added, *hints.known_for_others(role.name)}
                free = [name for name in columns if name not in unfree]
                told = [name for name in hints.known.get(role.name, ()) if name not in taken]
                told = [name for name in told if (role.name, name) not in failed]
                chosen[role.name] = tuple(told) or _guess(role, free, sample, hints.odd, doubtful)
                guesses.add(role.name)
    return ChosenColumns(
        {
            name: tuple(column for column in named if column != NO_COLUMN)
            for name, named in chosen.items()
        },
        guessed=frozenset(guesses),
        given_up=tuple(doubtful),
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


def need_content(chosen: ChosenColumns, data_type: DataType, table: Table) -> None:
    """Stop when there is nothing to show a reviewer, or what is chosen for it is no text."""
    role = TYPES[data_type].role
    if not chosen.every(role):
        shown = ", ".join(table.columns[:_SHOWN])
        raise Stop("E109", column=f"for the {data_type}", columns=shown)
    for column in (*chosen.every(role), *chosen.every(LABEL), *chosen.every(ID)):
        if column in table.unread and not role.many:
            kind = table.unread[column]
            raise Stop("E130", column=excerpt_of(column), kind=kind)


def _check_there(column: str, columns: Sequence[str], *, nested: bool) -> None:
    if column == NO_COLUMN or column in columns or (nested and _is_there(column, columns)):
        return
    raise Stop("E109", column=column, columns=", ".join(columns[:_SHOWN]))


def _is_there(column: str, columns: Sequence[str]) -> bool:
    """Whether a column of this name is there, or one it may be a path into."""
    return column in columns or ("." in column and column.split(".")[0] in columns)


def _guess(
    role: ColumnRole,
    columns: Sequence[str],
    sample: Sample,
    odd: Collection[str],
    given_up: list[GivenUp],
) -> tuple[str, ...]:
    """A free column by its name, if its values fit; what does not fit is added to `given_up`."""
    before = {one.column for one in given_up if one.role == role.name}
    free = [name for name in columns if name not in before]
    if not role.many:
        free = [name for name in free if name not in odd or role.part is Part.KEPT]
    plain = {re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"): name for name in free}
    for name in role.usual_names:
        if name in plain:
            why = why_not(role, plain[name], sample)
            if not why:
                return (plain[name],)
            given_up.append(GivenUp(role.name, plain[name], why))
            free.remove(plain[name])
    if role.otherwise is None:
        return ()
    return role.otherwise(
        [name for name in free if role.many or not why_not(role, name, sample)], sample
    )
