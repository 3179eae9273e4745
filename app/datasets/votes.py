"""Several rows of one id, each with another annotator's label: the most frequent is the label."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from app.datasets.cell import Stored
from app.datasets.cell_kinds import stored_in, with_cells
from app.datasets.chosen_columns import ChosenColumns
from app.datasets.findings import BadRow, Findings, excerpt_of
from app.datasets.label_cells import LabelCells
from app.datasets.label_check import LabelCheck
from app.datasets.roles import ID, LABEL, METADATA, SOURCE
from app.datasets.rows import Table, Values
from app.datasets.shapes.registry import sample_of
from app.datasets.shapes.shape import ALL_LABELS, free_name, most_frequent
from app.datasets.strict_json import inside

SEVERAL = "W352"
_OPTIONS = [
    ("most", "One example for each id, with the most frequent label"),
    ("apart", "Every row is an example of its own"),
]


def ask_for_votes(chosen: ChosenColumns, table: Table, findings: Findings) -> str | None:
    """The id that repeats, where one example was labeled by several and that is the answer."""
    if chosen.one(LABEL) is None or chosen.one(SOURCE) is None:
        return None
    said = chosen.one(ID)
    if said and ID.name in chosen.guessed:
        return None
    repeated = [one.column for one in chosen.given_up if one.role == ID.name and not said]
    repeated += _repeated_ids(chosen, table, [said] if said else _called_ids(table))
    if not repeated:
        return None
    usual = "most" if said else ""  # rows of their own would need ids of their own
    answer = findings.ask(SEVERAL, _OPTIONS, usual, column=repeated[0])
    return repeated[0] if answer == "most" else None


def _called_ids(table: Table) -> list[str]:
    return [name for name in table.columns if name.lower() in ID.usual_names]


def _repeated_ids(chosen: ChosenColumns, table: Table, names: Sequence[str]) -> list[str]:
    """Those of the columns whose values come again with another source."""
    source, sample = chosen.one(SOURCE) or "", sample_of(table)
    return [
        name
        for name in names
        if len({row.get(name) for row in sample}) < len(sample)
        and len({(row.get(name), _at(row, source)) for row in sample}) == len(sample)
    ]


class _Cell(NamedTuple):
    """What a row has in a column, and what stands for it in the database if that is more."""

    text: str | None
    exact: Stored | None

    @classmethod
    def at(cls, values: Values, column: str) -> _Cell:
        return cls(_at(values, column), stored_in(values, column))


class Vote(NamedTuple):
    """One row's label of an example, and the cells that it and its source were written in."""

    row: int
    label: str
    cell: _Cell
    source: _Cell

    @property
    def words(self) -> str:
        return f"{self.source.text or ''}: {self.label}"


@dataclass
class Votes:
    """The labels of every id, read in a pass of their own; rows that cannot count are bad rows."""

    id: str
    source: str
    cells: LabelCells
    labels: LabelCheck  # of all that was said; what the examples have is checked by another
    said: dict[str, list[Vote]] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)  # labels as they count for one another
    examples: Container[str] = ()  # ids that became examples; who reads the rows tells it
    all_labels: str = ALL_LABELS
    _quiet: Findings = field(default_factory=lambda: Findings({}))

    @classmethod
    def of(cls, table: Table, chosen: ChosenColumns, key: str, labels: LabelCheck) -> Votes:
        cells = LabelCells.of(table, chosen.one(LABEL) or "")
        votes = cls(key, chosen.one(SOURCE) or "", cells, labels)
        for number, values in table.rows:
            if not isinstance(values, BadRow):
                with suppress(BadRow):
                    votes._count(number, values)
        votes.same = labels.finish(labels.counts.total())
        return votes

    def _count(self, number: int, values: Values) -> None:
        label = self.labels.take(self._label(number, values), number)
        key = self._key(values)
        if key and label is not None:
            written = _Cell.at(values, self.cells.column), _Cell.at(values, self.source)
            self.said.setdefault(key, []).append(Vote(number, label, *written))

    def _key(self, values: Values) -> str:
        key = str(values.get(self.id) or "")
        return key if key.strip() else ""

    def _label(self, number: int, values: Values) -> str | None:
        """The label a row gives, if it may give one: else it is a bad row."""
        source, most = str(_at(values, self.source) or ""), SOURCE.most_letters or 0
        if len(source) > most:
            shown = excerpt_of(source)
            raise BadRow("E118", column=self.source, row=number, most=most, excerpt=shown)
        return self.cells.label(_at(values, self.cells.column), number, self._quiet)

    def over(self, table: Table, chosen: ChosenColumns, findings: Findings) -> ChosenColumns:
        """Leave one row of each id, with its label; say so."""
        self.all_labels = free_name(ALL_LABELS, set(table.columns))
        table.columns = [*table.columns, self.all_labels]
        label = self.cells.column
        if label not in table.columns:  # a path: the label gets a column of its own
            label = "label" if "label" not in table.columns else "annotated_label"
            table.columns.append(label)
        table.rows = self._pass(table.rows, label, findings)
        shown = (*chosen.every(METADATA), self.all_labels)
        columns = {**chosen.columns, ID.name: (self.id,), LABEL.name: (label,)}
        given_up = tuple(one for one in chosen.given_up if one.role != ID.name)
        guessed = chosen.guessed - {ID.name}
        return replace(
            chosen,
            columns={**columns, METADATA.name: shown},
            guessed=guessed,
            given_up=given_up,
        )

    def _pass(
        self, rows: Iterator[tuple[int, Values | BadRow]], label: str, findings: Findings
    ) -> Iterator[tuple[int, Values | BadRow]]:
        """The first good row of each id; the others count, or are bad rows of their own."""
        for number, values in rows:
            key = "" if isinstance(values, BadRow) else self._key(values)
            if isinstance(values, BadRow) or not key:
                yield number, values
                continue
            try:
                self.labels.checked(self._label(number, values), number)
            except BadRow as bad:
                yield number, bad
                continue
            if key in self.examples:
                findings.warn("W353")
                continue
            said = self.said.get(key, [])
            yield number, self._example(values, said, label)
            if key not in self.examples:  # this row was left out: its label does not count
                self.said[key] = [vote for vote in said if vote.row != number]
            elif len(said) > 1:
                findings.warn("W153", column=self.all_labels)

    def _example(self, values: Values, said: list[Vote], column: str) -> Values:
        """A row with the most frequent label, as it was written first, and who gave it."""
        most = most_frequent([self.same.get(vote.label, vote.label) for vote in said])
        won = next((vote for vote in said if self.same.get(vote.label, vote.label) == most), None)
        if won is None:
            return values
        cells = {column: won.cell}
        if self.source in values:
            cells[self.source] = won.source
        more = {name: cell.text for name, cell in cells.items()}
        if len(said) > 1:
            more[self.all_labels] = "; ".join(vote.words for vote in said)
        exact = {name: one for name, cell in cells.items() if (one := cell.exact) is not None}
        return with_cells(values, more, exact)


def _at(values: Values, column: str) -> str | None:
    return inside(values, column) if column not in values and "." in column else values.get(column)
