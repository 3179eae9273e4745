"""What is known of examples beside their labels, as the columns that groups are cut from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.mapping import columns_of
from app.datasets.report import RolesShown
from app.datasets.sources import source_names
from app.datasets.visible import visible_imports
from app.db.parts import parts
from app.db.tables.datasets import DataImport, Example, Project
from app.noise.columns import HOW, Column, How
from app.noise.dates import date_form

MOST_COLUMNS = 40
"""The first of the file: more would look for patterns in noise."""

MOST_VALUES = 200
"""A column of texts with more different values says who an example is, not what group it is of."""

NOT_CUT = ("label", "id", "text", "image", "source", "split")
"""Roles whose columns are no property of an example, or one that stands in `OF_CONTENT`."""


@dataclass(frozen=True, slots=True)
class Known:
    """One example as it is stored."""

    example_id: int
    columns: Mapping[str, object]
    text: str
    split: str
    source: str


@dataclass(frozen=True, slots=True)
class Property:
    """Something that examples may share: its name, how groups are cut from it, where it stands.

    `number` reads a value as what bands are made of; `read_as` says how that was understood.
    """

    name: str
    how: How
    of: Callable[[Known], str]
    number: Callable[[str], float] | None = None
    read_as: str = ""

    def column(self, known: Sequence[Known]) -> Column:
        values = [self.of(one) for one in known]
        if self.number is not None:
            return Column(self.name, self.how, np.array([self.number(one) for one in values]))
        return Column(self.name, self.how, np.array(values, dtype=object))

    @property
    def said(self) -> str:
        return f"{self.name} (dates, {self.read_as})" if self.read_as else self.name


OF_CONTENT = (
    Property("text length", HOW["length"], attrgetter("text")),
    Property("text", HOW["words"], attrgetter("text")),
    Property("split", HOW["split"], attrgetter("split")),
    Property("source", HOW["source"], attrgetter("source")),
)


def roles_of_imports(session: Session, project_id: int) -> dict[int, RolesShown]:
    """Which columns have which role, of each import."""
    rows = session.execute(
        select(DataImport.id, DataImport.report["roles"]).where(
            DataImport.id.in_(visible_imports(project_id))
        )
    )
    return {import_id: roles or {} for import_id, roles in rows}


def not_cut(session: Session, project_id: int) -> set[str]:
    """Columns that no group is cut from: what was decided about, and what names an example."""
    every = roles_of_imports(session, project_id).values()
    return {name for roles in every for role in NOT_CUT for name in columns_of(roles.get(role))}


def known_of(session: Session, project: Project, example_ids: Sequence[int]) -> list[Known]:
    """In the order they are named."""
    names = source_names(session, project.id)
    stored: dict[int, Known] = {}
    for some in parts([int(one) for one in example_ids]):
        rows = session.execute(
            select(
                Example.id, Example.content, Example.columns, Example.split, Example.source_id
            ).where(Example.id.in_(some))
        )
        for row in rows:
            text = _text(row.content.get("text"))
            source = names.get(row.source_id, "")
            stored[row.id] = Known(row.id, row.columns, text, row.split or "", source)
    return [stored[int(one)] for one in example_ids]


def properties(
    known: Sequence[Known], *, without: Collection[str], more: Sequence[Property] = ()
) -> list[Property]:
    """Everything that some of these examples share and others do not, each by a name of its own.

    `without` names columns that are left out; `more` is known of examples otherwise. What is
    chosen is chosen by what stands there, never by which labels are wrong.
    """
    beside = (*OF_CONTENT, *more)
    found = [one for one in beside if len({one.of(example) for example in known}) > 1]
    taken = {one.name for one in found}
    for name in cut_columns(known, without):
        found += _of_column(name, taken, known)
    return found


def cut_columns(known: Sequence[Known], without: Collection[str]) -> list[str]:
    """The columns that groups are cut from, in the order of the file."""
    names = dict.fromkeys(name for one in known for name in one.columns)
    return [one for one in names if one not in without][:MOST_COLUMNS]


def values_of(known: Sequence[Known], name: str) -> list[str]:
    """A column as the texts that stand in it, "" for nothing."""
    return [_text(one.columns.get(name)) for one in known]


def _of_column(name: str, taken: Collection[str], known: Sequence[Known]) -> Iterator[Property]:
    def read(one: Known) -> str:
        return _text(one.columns.get(name))

    values = [read(one) for one in known]
    own = f"column {name}" if name in taken else name
    form = date_form(values)
    if form is not None:
        yield Property(own, HOW["date"], read, form.days, form.words)
    elif (how := _how(values)) is not None:
        yield Property(own, how, read, _number if how is HOW["number"] else None)


def _how(values: Sequence[str]) -> How | None:
    """As numbers where nearly all are, as values where few differ; None for anything else."""
    some = [one for one in values if one]
    different = set(some)
    if len(different) < 2:
        return None
    numbers = sum(np.isfinite(_number(one)) for one in some)
    if numbers >= 0.9 * len(some) and len(different) > 10:
        return HOW["number"]
    return HOW["metadata"] if len(different) <= MOST_VALUES else None


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return float("nan")
    return number if np.isfinite(number) else float("nan")


def _text(value: object) -> str:
    return "" if value is None else str(value)
