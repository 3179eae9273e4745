"""The columns of a file as lines of one table, each with what it is used as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from app.datasets.mapping import NO_COLUMN, columns_of
from app.datasets.report import ColumnSeen, Report
from app.datasets.roles import roles_for
from app.datasets.rows import MOST_COLUMNS
from app.datatypes.column_role import Part
from app.db.words import DataType
from app.errors import Invalid
from app.web.forms import FormInput


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column: what it holds, and the role it plays; a path into a nested one is a line too."""

    name: str
    use: str
    samples: Sequence[str] = ()
    filled: int = 0
    rows: int = 0
    distinct: int | None = None
    inside: bool = False  # a path into a nested column: nothing is counted of it

    @property
    def share(self) -> str:
        """How much of it is filled; never 100 % where a value is missing."""
        if self.inside or not self.rows:
            return ""
        if self.filled == self.rows:
            return "100%"
        return f"{min(99.9, 100 * self.filled / self.rows):.3g}%"


class ColumnsForm(FormInput):
    """What each column is used as, in two lists of one order; the reading that was `shown` so.

    `own` says whose labels they are as `person:source`, each a ticked box.
    """

    column: list[str] = Field(default_factory=list, max_length=MOST_COLUMNS)
    use: list[str] = Field(default_factory=list, max_length=MOST_COLUMNS)
    shown: str = ""
    own: list[str] = Field(default_factory=list, max_length=1_000)

    def members(self) -> dict[str, int]:
        """Sources of the file and the members they are."""
        said = (one.partition(":") for one in self.own)
        return {
            source: int(person)
            for person, _, source in said
            if person.isascii() and person.isdecimal() and len(person) < 19
        }

    def uses(self) -> dict[str, str]:
        if len(self.column) != len(self.use):
            raise Invalid(
                "The page sent more columns than uses, or fewer.",
                next_step="Load the page again and choose what each column is used as.",
            )
        return dict(zip(self.column, self.use, strict=True))


def uses_of(report: Report, data_type: DataType) -> dict[str, str]:
    """The role that each column plays, by the report."""
    shown = report.get("roles", {})
    return {
        column: role.name
        for role in roles_for(data_type)
        for column in columns_of(shown.get(role.reported or role.name))
    }


def lines_of(report: Report, data_type: DataType) -> list[ColumnLine]:
    """Every column of the file in its order, then paths into nested ones."""
    uses = uses_of(report, data_type)
    names = report.get("columns", [])
    seen: Mapping[str, ColumnSeen] = {one["name"]: one for one in report.get("columns_seen", [])}
    lines = [_line(name, uses.get(name, ""), seen.get(name)) for name in names]
    return lines + [
        ColumnLine(one, use, inside=True) for one, use in uses.items() if one not in names
    ]


def _line(name: str, use: str, seen: ColumnSeen | None) -> ColumnLine:
    if seen is None:
        return ColumnLine(name, use)
    return ColumnLine(name, use, seen["samples"], seen["filled"], seen["rows"], seen["distinct"])


def roles_said(
    uses: Mapping[str, str], before: Mapping[str, str], data_type: DataType
) -> Mapping[str, tuple[str, ...]]:
    """What the page says of every role. One left empty has no column, but content is guessed.

    Of the label that is said only where one was taken away: else it stays a question.
    """
    said: dict[str, tuple[str, ...]] = {}
    for role in roles_for(data_type):
        columns = tuple(name for name, use in uses.items() if use == role.name)
        if len(columns) > 1 and not role.many:
            raise Invalid(
                f"{len(columns)} columns are used as {role.words}: {', '.join(columns)[:200]}.",
                next_step="Choose one of them, and another use for the rest.",
                code="role_twice",
            )
        asked = role.part is Part.CONTENT
        asked = asked or (role.part is Part.LABEL and role.name not in before.values())
        if columns or role.many:
            said[role.name] = columns
        elif not asked:
            said[role.name] = (NO_COLUMN,)
    return said
