"""Several rows of one id, each with another annotator's label: the most frequent is the label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.datasets.cell_kinds import with_cells
from app.datasets.chosen_columns import ChosenColumns
from app.datasets.findings import BadRow, Findings
from app.datasets.label_cells import label_in
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
    if chosen.one(ID) or chosen.one(LABEL) is None or chosen.one(SOURCE) is None:
        return None
    repeated = [one.column for one in chosen.given_up if one.role == ID.name]
    repeated += _repeated_ids(chosen, table)
    if not repeated:
        return None
    answer = findings.ask(SEVERAL, _OPTIONS, column=repeated[0])
    return repeated[0] if answer == "most" else None


def _repeated_ids(chosen: ChosenColumns, table: Table) -> list[str]:
    """Columns called an id whose values come again with another source."""
    source, sample = chosen.one(SOURCE) or "", sample_of(table)
    return [
        name
        for name in table.columns
        if name.lower() in ID.usual_names
        and len({row.get(name) for row in sample}) < len(sample)
        and len({(row.get(name), _at(row, source)) for row in sample}) == len(sample)
    ]


@dataclass
class Votes:
    """The labels of every id, read in a pass of their own."""

    id: str
    label: str
    source: str
    said: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    all_labels: str = ALL_LABELS

    @classmethod
    def of(cls, table: Table, chosen: ChosenColumns, key: str) -> Votes:
        votes = cls(key, chosen.one(LABEL) or "", chosen.one(SOURCE) or "")
        for number, values in table.rows:
            if not isinstance(values, BadRow):
                votes._count(number, values)
        return votes

    def _count(self, number: int, values: Values) -> None:
        key = values.get(self.id)
        try:
            label = label_in(_at(values, self.label), self.label, number, Findings({}))
        except BadRow:
            return
        if key and label:
            source = str(_at(values, self.source) or "")
            self.said.setdefault(str(key), []).append((source, label))

    def over(self, table: Table, chosen: ChosenColumns, findings: Findings) -> ChosenColumns:
        """Leave one row of each id, with its label; say so."""
        self.all_labels = free_name(ALL_LABELS, set(table.columns))
        table.columns = [*table.columns, self.all_labels]
        table.rows = self._pass(table.rows, findings)
        label = self.label
        if label not in table.columns:  # a path: the label gets a column of its own
            label = "label" if "label" not in table.columns else "annotated_label"
            table.columns.append(label)
        self.label = label
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
        self, rows: Iterator[tuple[int, Values | BadRow]], findings: Findings
    ) -> Iterator[tuple[int, Values | BadRow]]:
        seen: set[str] = set()
        for number, values in rows:
            key = None if isinstance(values, BadRow) else str(values.get(self.id) or "")
            if isinstance(values, BadRow) or not key:
                yield number, values
                continue
            if key not in seen:
                seen.add(key)
                said = self.said.get(key, [])
                most = most_frequent([label for _, label in said])
                more: Values = {self.label: most}
                if self.source in values:
                    more[self.source] = next((who for who, one in said if one == most), None)
                if len(said) > 1:
                    more[self.all_labels] = "; ".join(f"{who}: {label}" for who, label in said)
                    findings.warn("W153", column=self.all_labels)
                yield number, with_cells(values, more)


def _at(values: Values, column: str) -> str | None:
    return inside(values, column) if column not in values and "." in column else values.get(column)
