"""What each annotator said of an example, where a file keeps it or has a row for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.report import Finding
from app.datasets.visible import visible_imports
from app.db.tables.datasets import DataImport, Example, Label, Source

SEVERAL_KEPT = "W153"
"""What an import says of a column that keeps every annotator's label."""

_AT_ONCE = 2_000


class Votes(NamedTuple):
    """Votes one by one: on the example in which row, by whom, which label (its column)."""

    rows: NDArray[np.int64]
    people: NDArray[np.int64]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Said:
    """Votes one by one: of which example (its id), by whom, which label (its column).

    `sources`: of each annotator the id of the source so called, none where no example kept a
    label of theirs.
    """

    examples: NDArray[np.int64]
    people: NDArray[np.int64]
    labels: NDArray[np.int64]
    sources: list[int | None]

    def among(self, example_ids: NDArray[np.int64]) -> Votes:
        """Those on these examples, which stand in order of id."""
        there = np.isin(self.examples, example_ids)
        rows = np.searchsorted(example_ids, self.examples[there])
        return Votes(rows, self.people[there], self.labels[there])


def votes_in(text: str, columns: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Read `ann: cat; bob: dog`: who said it, and the column of the label.

    Names and labels may hold colons and semicolons of their own: what stands last before a known
    label is the annotator. A label that the project does not have is no vote.
    """
    before = ""
    for piece in text.split("; "):
        whole = f"{before}; {piece}" if before else piece
        found = _vote(piece if ": " in before else whole, columns) or _vote(whole, columns)
        before = "" if found else whole
        if found:
            yield found


def _vote(words: str, columns: Mapping[str, int]) -> tuple[str, int] | None:
    place = words.rfind(": ")
    while place > 0:
        label = columns.get(words[place + 2 :])
        if label is not None:
            return words[:place], label
        place = words.rfind(": ", 0, place)
    return None


def read_said(session: Session, project_id: int, columns: Mapping[str, int]) -> Said | None:
    """The votes that imports kept beside their examples; none if no import did."""
    sources = _sources_by_name(session, project_id)
    people: dict[str, int] = {}
    found: list[tuple[int, int, int]] = []
    for import_id, column in kept_in(session, project_id).items():
        for example, text in _texts(session, import_id, column):
            for name, label in votes_in(text, columns):
                found.append((example, people.setdefault(name, len(people)), label))
    if not found:
        return None
    examples, who, labels = np.array(found, dtype=np.int64).T
    return Said(examples, who, labels, [sources.get(name) for name in people])


def _sources_by_name(session: Session, project_id: int) -> dict[str, int]:
    """The first source of each name."""
    query = select(Source.name, Source.id).where(Source.project_id == project_id)
    return dict(session.execute(query.order_by(Source.id.desc())).all())


def names_in_files(labels: Sequence[Label], column_of: Mapping[int, int]) -> dict[str, int]:
    """The column of every name that a file may write a label by; a name goes before a code."""
    codes = {label.code: column_of[label.id] for label in labels if label.code}
    names = codes | {label.name: column_of[label.id] for label in labels}
    return {name: column for name, column in names.items() if column >= 0}


def kept_in(session: Session, project_id: int) -> dict[int, str]:
    """Imports with a column of every annotator's label, and the column."""
    rows = session.execute(
        select(DataImport.id, DataImport.report["warnings"]).where(
            DataImport.id.in_(visible_imports(project_id))
        )
    )
    warnings: dict[int, list[Finding] | None] = dict(rows.all())
    return {
        import_id: told["column"]
        for import_id, found in warnings.items()
        for told in found or []
        if told["code"] == SEVERAL_KEPT and told["column"]
    }


def _texts(session: Session, import_id: int, column: str) -> Iterator[tuple[int, str]]:
    last = 0
    while True:
        query = select(Example.id, Example.columns).where(
            Example.import_id == import_id, Example.id > last
        )
        rows = session.execute(query.order_by(Example.id).limit(_AT_ONCE)).all()
        for example, values in rows:
            text = values.get(column)
            if isinstance(text, str) and text:
                yield example, text
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id
