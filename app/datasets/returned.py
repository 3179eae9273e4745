"""A release that comes in again: what its columns are for, without the ones it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.datasets.cell_kinds import with_cells
from app.datasets.findings import BadRow, Findings
from app.datasets.mapping import NO_COLUMN, ImportMapping, columns_of
from app.datasets.released import ADDED, FINAL, AddedColumns
from app.datasets.report import RolesShown
from app.datasets.roles import LABEL, ROLES
from app.datasets.rows import Table, Values
from app.datasets.shapes.registry import sample_of
from app.datasets.shapes.shape import free_name
from app.datasets.spreadsheet_marks import unmarked

_WITH_MARK = "utf-8-sig"

USUAL: Mapping[str, str] = MappingProxyType({"E301": "unlabeled", "E115": "generate"})
"""What becomes of its rows without a label or an id, if nobody says it: the project had them."""


@dataclass(frozen=True, slots=True)
class EarlierFile:
    """A file that the project has: its columns, and what they were for."""

    columns: Sequence[str]
    roles: RolesShown

    def is_in(self, columns: Sequence[str]) -> bool:
        return set(self.columns) <= set(columns)

    def said(self) -> dict[str, tuple[str, ...]]:
        """Its roles as if they were chosen; a role that no column had stays empty."""
        roles = {}
        for name, role in ROLES.items():
            named = columns_of(self.roles.get(role.reported or name))
            if named or not role.many:
                roles[name] = named or (NO_COLUMN,)
        return roles


def mapping_of_return(
    mapping: ImportMapping, table: Table, earlier: Sequence[EarlierFile]
) -> ImportMapping:
    """The roles of the project's own file that is in it, but for those that are said."""
    file = next((one for one in earlier if one.is_in(table.columns)), None)
    roles = file.said() if file else {}
    named = "".join(roles.get(LABEL.name, ()))
    if table.added.label and named not in table.columns:  # none, or a path that no cell is for
        roles.pop(LABEL.name, None)
        if _label_alone(table):
            roles[LABEL.name] = (free_name("label", set(table.columns)),)
    return replace(mapping, roles={**roles, **mapping.roles})


def _label_alone(table: Table) -> bool:
    """Whether no column of the file itself may hold labels, by the names and the first rows."""
    label = table.added.label
    given = label.removesuffix(FINAL) + ADDED[0]
    named = set(LABEL.usual_names) & set(table.columns)
    return not named and not any(row.get(given) and not row.get(label) for row in sample_of(table))


def take_marks_off(table: Table) -> None:
    """Cells as they were before a release was made safe for spreadsheets.

    Only such a table of ours begins with a mark of its encoding; a spreadsheet that saves an exact
    one adds it too, and then no cell looks as if it had been marked.
    """
    if table.separator and table.encoding == _WITH_MARK:
        table.columns = [unmarked(name) for name in table.columns]
        table.rows = _unmarked(table.rows)


def _unmarked(
    rows: Iterator[tuple[int, Values | BadRow]],
) -> Iterator[tuple[int, Values | BadRow]]:
    for number, values in rows:
        if isinstance(values, dict):
            cells = {unmarked(name): cell and unmarked(cell) for name, cell in values.items()}
            yield number, cells
        else:
            yield number, values


def fill_label(table: Table, added: AddedColumns, label: str) -> None:
    """The label of rows whose file had no column for it, where those of others have theirs."""
    if not added.label or label in (added.label, NO_COLUMN):
        return
    if label not in table.columns:
        table.columns = [*table.columns, label]
    table.rows = _filled(table.rows, added.label, label)


def _filled(
    rows: Iterator[tuple[int, Values | BadRow]], ours: str, label: str
) -> Iterator[tuple[int, Values | BadRow]]:
    for number, values in rows:
        if isinstance(values, BadRow) or values.get(label) or not values.get(ours):
            yield number, values
        else:
            yield number, with_cells(values, {label: values[ours]})


def tell_of(added: Sequence[str], findings: Findings) -> None:
    """The first line of what was found: what this is."""
    if added:
        said = f"release of Relabel: its {len(added)} columns such as {added[0]} are known, "
        findings.say_first("W152", excerpt=said + "and are not taken for columns of the file")
