"""No column surely holds the label: which may, with their values counted over the whole file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.datasets.chosen_columns import NO_LABEL, ChosenColumns
from app.datasets.findings import Findings, excerpt_of
from app.datasets.guessing import NUMERIC, too_many
from app.datasets.label_cells import is_list
from app.datasets.mapping import NO_COLUMN, ImportMapping
from app.datasets.names import flaw_of_label
from app.datasets.roles import GROUP, ID, LABEL, ORIGIN, SOURCE, SPLIT, TEXTUAL
from app.datasets.rows import Table, Values
from app.datasets.shapes.shape import ALL_LABELS
from app.datasets.shapes.wide import MOST, columns_of_annotators
from app.datasets.strict_json import Nested, inside
from app.datatypes.column_role import Sample

_OFFERED, _NAMED = 12, 6
_COUNTED = 1_000  # different values of a candidate; more are not counted
_LONGEST_MEAN = 60  # characters; longer values are texts
_DAY = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}\b.*")  # 31.12.2023, 12/31/23
_TRUTHS = frozenset({"0", "1", "0.0", "1.0", "true", "false", "True", "False"})


def asks_for_label(mapping: ImportMapping, chosen: ChosenColumns) -> bool:
    """Whether it is a question: it is, until a column is chosen, or none on purpose."""
    if not mapping.guess or mapping.roles.get(LABEL.name):
        return False
    return chosen.one(LABEL) is None or NO_LABEL in mapping.choices


def takes_most(mapping: ImportMapping) -> bool:
    """Whether the label is the most frequent of several columns, as was answered."""
    return not mapping.roles.get(LABEL.name) and mapping.choices.get(NO_LABEL) == MOST


@dataclass
class LabelCandidates:
    """Columns that may hold the label."""

    values: dict[str, set[str]]
    several: tuple[str, ...] = ()  # a column for each annotator
    rows: int = 0
    _paths: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def among(cls, table: Table, chosen: ChosenColumns, sample: Sample) -> LabelCandidates:
        """Those of the first rows' values that are short, and not each another."""
        roles = (ID, SOURCE, *ORIGIN, SPLIT, GROUP, *TEXTUAL)
        taken = {column for role in roles for column in chosen.every(role)} | table.added.names
        if LABEL.name in chosen.guessed:  # made of the answer to this very question
            taken |= {*chosen.every(LABEL), ALL_LABELS}
        free = [name for name in table.columns if name not in taken and name not in table.unread]
        paths = [path for name in free for path in _inside(name, sample)]
        names = [name for name in (*free, *paths) if _may_be(name, sample)]
        several = columns_of_annotators(names, [dict(row) for row in sample])
        return cls({name: set() for name in names}, several, _paths=frozenset(paths))

    def take(self, values: Values) -> None:
        self.rows += 1
        for name, seen in self.values.items():
            value = inside(values, name) if name in self._paths else values.get(name)
            if value and len(seen) < _COUNTED:
                seen.add(str(value))

    def ask(self, findings: Findings, given_up: Sequence[str]) -> None:
        """Put the question; what may be read as labels at all is offered, the likely first."""
        free = [
            name
            for name, seen in self.values.items()
            if seen and (name in given_up or not too_many(len(seen), self.rows, list(seen)))
        ]
        likely = sorted(free, key=lambda name: self.doubt(name, given_up))[:_OFFERED]
        options = [(name, self._words(name)) for name in likely]
        if self.several:
            named = ", ".join(map(excerpt_of, self.several[:_NAMED]))
            options.insert(0, (MOST, f"The most frequent of {named}"))
        options.append((NO_COLUMN, "No label: import without labels"))
        findings.ask(NO_LABEL, options, excerpt=self._sentence(likely))

    def doubt(self, name: str, given_up: Sequence[str]) -> tuple[bool, bool, bool, bool, bool]:
        """Words before numbers, numbers before what is measured, dated or nearly an id."""
        seen = self.values[name]
        measured = all(NUMERIC.fullmatch(value) or _DAY.fullmatch(value) for value in seen)
        whole = all(map(str.isdecimal, seen))
        return name in given_up, len(seen) < 2, len(seen) >= _COUNTED, measured, whole

    def _words(self, name: str) -> str:
        count = len(self.values[name])
        many = f"{count:,} or more" if count >= _COUNTED else f"{count:,}"
        return f"{excerpt_of(name)}, {many} {'value' if count == 1 else 'values'}"

    def _sentence(self, likely: Sequence[str]) -> str:
        if not likely:
            return "None looks like one."
        said = f"It may be: {'; '.join(map(self._words, likely[:_NAMED]))}."
        truths = [name for name in likely if self.values[name] <= _TRUTHS]
        if len(truths) < 2:
            return said
        named = ", ".join(map(excerpt_of, truths[:_NAMED]))
        return (
            f"{said} {named} hold 0 or 1 each, so several may be true of one example; "
            "here each example has one label."
        )


def _inside(name: str, sample: Sample) -> list[str]:
    """Paths one step into the objects of a column, as far as columns have names."""
    keys: dict[str, None] = {}
    for row in sample:
        value = row.get(name)
        if isinstance(value, Nested) and isinstance(value.value, dict):
            keys.update(dict.fromkeys(f"{name}.{key}" for key in value.value if "." not in key))
    return list(keys)[:_OFFERED]


def _may_be(name: str, sample: Sample) -> bool:
    rows = [dict(row) for row in sample]
    found = [row.get(name) if name in row else inside(row, name) for row in rows]
    values = [value for value in found if value]
    if not values or sum(map(len, values)) > _LONGEST_MEAN * len(values):
        return False
    if any(isinstance(value, Nested) and not is_list(value) for value in values):
        return False
    return not any(map(flaw_of_label, values))
