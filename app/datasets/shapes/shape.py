"""The shape another tool gives its exports: how it is known, and what its rows say in columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.datasets.cell import Json
from app.datasets.cell_kinds import with_cells
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.label_cells import whole
from app.datasets.rows import Table, Values
from app.datasets.strict_json import Nested, text_of
from app.datasets.uneven_rows import UnevenRow

_SHOWN = 12
ALL_LABELS = "all_labels"
"""The column beside the example that tells every annotator's label, where they are several."""


class Judged(NamedTuple):
    """One annotator's label; both may be unknown."""

    annotator: str
    label: str | None


class Flat(NamedTuple):
    """What a row says in plain columns, and what each annotator said of it."""

    values: Values
    judged: Sequence[Judged]


def _none_of(columns: Sequence[str]) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Shape:
    """One export; `judges`: the label is in what annotators said, in a column of its own.

    `adds` are columns of the tool's own, which are never what is judged; of them `beside` are
    shown. Where nothing else is there, `without_content` says what is missing.
    """

    name: str
    words: str
    unit: str
    recognises: Callable[[Sequence[Values]], bool]
    flat: Callable[[Values], Flat]
    roles: Callable[[Values], Mapping[str, str]]  # columns by role, as a row has them
    judges: bool = True
    judged_in: Sequence[str] = ()  # columns of annotators, one of which a row needs
    adds: Callable[[Sequence[str]], tuple[str, ...]] = _none_of
    beside: Callable[[Sequence[str]], tuple[str, ...]] = _none_of
    without_content: str = ""


@dataclass
class ShapedRows:
    """The rows of a table with the columns a shape adds; counts as they pass."""

    shape: Shape
    table: Table
    label: str
    source: str
    all_labels: str = ALL_LABELS
    tasks: int = 0
    several: int = 0
    named: Mapping[str, str] = field(default_factory=dict)
    annotators: dict[str, None] = field(default_factory=dict)

    @classmethod
    def over(cls, shape: Shape, table: Table, sample: Sequence[Values]) -> ShapedRows:
        """Add the columns and let every row pass through."""
        taken = set(table.columns)
        flat = [shape.flat(values) for values in sample]
        added = {name: None for one in flat for name in one.values}
        names = [name for name in added if name not in taken]
        shaped = cls(shape, table, free_name("label", taken), free_name("annotator", taken))
        shaped.named = shape.roles(sample[0])
        if shape.judges:
            shaped.all_labels = free_name(ALL_LABELS, taken)
            names += [shaped.label, shaped.source, shaped.all_labels]
        table.columns = [*table.columns, *names]
        table.rows, table.nested = shaped._pass(table.rows), True
        return shaped

    def roles(self) -> dict[str, tuple[str, ...]]:
        """What its columns are for, as far as it is there."""
        named = dict(self.named)
        if self.shape.judges:
            named |= {"label": self.label, "source": self.source, "metadata": self.all_labels}
        roles: dict[str, tuple[str, ...]] = {role: (name,) for role, name in named.items()}
        beside = self.shape.beside(self.table.columns)
        return {**roles, "metadata": beside} if beside else roles

    @property
    def added(self) -> tuple[str, ...]:
        return self.shape.adds(self.table.columns)

    def need_content(self, *, there: bool) -> None:
        """Stop where a table says something of examples, and not what they are."""
        if self.shape.without_content and not there:
            shown = ", ".join(map(excerpt_of, self.table.columns[:_SHOWN]))
            raise Stop(self.shape.without_content, columns=shown)

    def _pass(
        self, rows: Iterator[tuple[int, Values | BadRow]]
    ) -> Iterator[tuple[int, Values | BadRow]]:
        for number, values in rows:
            if isinstance(values, UnevenRow):
                yield number, values.before(self._flat)
            else:
                yield number, values if isinstance(values, BadRow) else self._flat(values)

    def _flat(self, values: Values) -> Values:
        self.tasks += 1
        flat = self.shape.flat(values)
        self.annotators.update(dict.fromkeys(one.annotator for one in flat.judged))
        more = {name: one for name, one in flat.values.items() if name not in values}
        if self.shape.judges:
            more |= self._judged(flat.judged)
        return with_cells(values, more)

    def _judged(self, judged: Sequence[Judged]) -> Values:
        said = [one for one in judged if one.label is not None]
        first: dict[str, str] = {}  # as it was written first: 3 and 3.0 are one label
        for one in said:
            first.setdefault(whole(one.label or ""), one.label or "")
        most = most_frequent([whole(one.label or "") for one in said])
        label = None if most is None else first[most]
        names = dict.fromkeys(one.annotator for one in said if whole(one.label or "") == most)
        values: Values = {self.label: label, self.source: next(iter(names), "") or None}
        if len(said) > 1:
            self.several += 1
            values[self.all_labels] = "; ".join(f"{one.annotator}: {one.label}" for one in said)
        return values

    def tell(self, findings: Findings) -> None:
        """The first line of what was found: what this is."""
        people = len(self.annotators.keys() - {""})
        said = f"{self.shape.words}, {self.tasks:,} {self.shape.unit}"
        if people:
            said += f", {people:,} {'annotator' if people == 1 else 'annotators'}"
        findings.say_first("W152", excerpt=said)
        if self.several:
            findings.warn("W153", self.several, column=self.all_labels)


def most_frequent(labels: Sequence[str]) -> str | None:
    """The label most of them are; of equally frequent ones the first."""
    counts = Counter(labels)
    return max(counts, key=counts.__getitem__) if counts else None


def one_or_list(labels: Sequence[Json]) -> str | None:
    """One label as text, several as the list they are: which is then a problem of the row."""
    return text_of(labels[0]) if len(labels) == 1 else Nested(list(labels)) if labels else None


def inner(value: str | None) -> Json:
    """What a nested value holds."""
    return value.value if isinstance(value, Nested) else value


def present(row: Values, **roles: Sequence[str]) -> dict[str, str]:
    """For each role the first of these columns that a row has."""
    found = {role: next((one for one in names if one in row), "") for role, names in roles.items()}
    return {role: name for role, name in found.items() if name}


def free_name(name: str, taken: set[str]) -> str:
    return name if name not in taken else free_name(f"annotated_{name}", taken)
