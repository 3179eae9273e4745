"""What the columns of a file hold: how full each is, how many values differ, the first of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.datasets.findings import excerpt_of
from app.datasets.report import ColumnSeen
from app.datasets.rows import Values

SAMPLES = 3
MOST_DISTINCT = 1_000  # from there on it is said that there are more


@dataclass(slots=True)
class _Column:
    filled: int = 0
    samples: list[str] = field(default_factory=list)
    distinct: set[str] = field(default_factory=set)
    many: bool = False

    def take(self, value: str) -> None:
        self.filled += 1
        if self.many or value in self.distinct:
            return
        self.distinct.add(value)
        if len(self.samples) < SAMPLES:
            self.samples.append(excerpt_of(value))
        if len(self.distinct) > MOST_DISTINCT:
            self.many = True
            self.distinct.clear()


@dataclass(slots=True)
class ColumnFacts:
    """Counts row by row."""

    rows: int = 0
    _columns: dict[str, _Column] = field(default_factory=dict)

    def take(self, values: Values) -> None:
        self.rows += 1
        for name, value in values.items():
            if value is None or value == "":
                continue
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = _Column()
            column.take(value)

    def seen(self, names: Iterable[str]) -> list[ColumnSeen]:
        """Every column of the file, in its order; an empty one too."""
        return [self._seen(name, self._columns.get(name, _Column())) for name in names]

    def _seen(self, name: str, column: _Column) -> ColumnSeen:
        return {
            "name": name,
            "samples": column.samples,
            "rows": self.rows,
            "filled": column.filled,
            "distinct": None if column.many else len(column.distinct),
        }
