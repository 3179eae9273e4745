"""The examples of a project as leads look through them: filters, order, pages, live counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.datatypes.data_type import StoredContent
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score
from app.db.words import Reason, Status
from app.errors import Invalid
from app.insights.counts import FEW, Counts, counts, own_score
from app.review.batches.filters import Filter, conditions, unseen_imports

PAGE = 50


class Order(StrEnum):
    PRIORITY = "priority"
    QUALITY = "quality"
    DIFFICULTY = "difficulty"
    ROW = "row"


class ExampleRow(NamedTuple):
    """One example of the list, with its score in the ranking in use if it has one."""

    id: int
    key: str
    content: StoredContent
    split: str
    status: Status
    given_label_id: int | None
    bulk_label_id: int | None
    final_label_id: int | None
    removed_reason: Reason | None
    priority: float | None
    quality: float | None
    difficulty: float | None
    suggestions: list[tuple[int, float]] | None
    signals: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    rows: list[ExampleRow]
    following: str  # the cursor of the next page, "" at the end
    counts: Counts


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of a list: in which order, from which cursor on, how many rows."""

    order: Order = Order.PRIORITY
    cursor: str = ""
    limit: int = PAGE


FIRST_PAGE = Asked()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: after this example; `value` is None among those without a score."""

    value: float | None
    example_id: int

    @classmethod
    def read(cls, cursor: str) -> _Place:
        value, _, example = cursor.partition("_")
        try:
            return cls(float(value) if value else None, int(example))
        except ValueError:
            raise Invalid(
                "The address of this page is not complete.",
                next_step="Begin again at the first page.",
                code="cursor",
            ) from None

    def written(self) -> str:
        return f"{'' if self.value is None else repr(self.value)}_{self.example_id}"


ROW_COLUMNS = (
    Example.id,
    Example.key,
    Example.content,
    Example.split,
    Example.status,
    Example.given_label_id,
    Example.bulk_label_id,
    Example.final_label_id,
    Example.removed_reason,
    Score.priority,
    Score.quality,
    Score.difficulty,
    Score.suggestions,
    Score.signals,
)
_Number = InstrumentedAttribute[float | None]
_Rows: TypeAlias = "Select[*tuple[Any, ...]]"
_SCORED: Mapping[Order, tuple[_Number, bool]] = {
    Order.PRIORITY: (Score.priority, True),
    Order.QUALITY: (Score.quality, False),
    Order.DIFFICULTY: (Score.difficulty, True),
}


def listing(
    session: Session,
    project: Project,
    wanted: Filter,
    asked: Asked = FIRST_PAGE,
) -> Listing:
    """One page of examples with the counts beside it."""
    order, limit = asked.order, asked.limit
    unseen = unseen_imports(session, project.id)
    live, few = counts(session, project, wanted, unseen)
    start = _Place.read(asked.cursor) if asked.cursor else None
    small = live.matching <= FEW
    where = conditions(project, wanted, unseen)
    if small and wanted.named:
        where = [Example.id.in_(_matches(project, wanted, where) if few is None else few)]
    rows = _Pages(project, where, order, start).sorted(session, limit + 1, few=small)
    following = ""
    if len(rows) > limit:
        rows = rows[:limit]
        value = getattr(rows[-1], order.value) if _by_score(project, order) else None
        following = _Place(value, rows[-1].id).written()
    return Listing(rows, following, live)


def _by_score(project: Project, order: Order) -> bool:
    return order is not Order.ROW and project.run_id is not None


def _matches(project: Project, wanted: Filter, where: list[ColumnElement[bool]]) -> Select[int]:
    """Have the database find the matches before it thinks of their order."""
    query = select(Example.id).where(*where)
    if wanted.scored:
        query = query.join(Score, own_score(project))
    matches = query.cte("found").prefix_with("MATERIALIZED")
    return select(matches.c.id)


@dataclass(frozen=True, slots=True)
class _Pages:
    """The matches in one order, from a place on; what has no score comes last, by row."""

    project: Project
    where: list[ColumnElement[bool]]
    order: Order
    start: _Place | None

    def sorted(self, session: Session, limit: int, *, few: bool) -> list[ExampleRow]:
        if not _by_score(self.project, self.order):
            return _read(session, self._by_row().limit(limit))
        if few:
            return _read(session, self._sorted_at_last().limit(limit))
        rows: list[ExampleRow] = []
        if self.start is None or self.start.value is not None:
            rows += _read(session, self._along_the_index().limit(limit))
        if len(rows) < limit:
            column, _ = _SCORED[self.order]
            rest = self._by_row().where(column.is_(None)).limit(limit - len(rows))
            rows += _read(session, rest)
        return rows

    def _sorted_at_last(self) -> _Rows:
        """For few matches: all of them, then their order."""
        column, down = _SCORED[self.order]
        query = select(*ROW_COLUMNS).outerjoin(Score, own_score(self.project)).where(*self.where)
        if self.start is not None:
            query = query.where(self._beyond(column, Example.id, down=down, rest=True))
        last = case((column.is_(None), Example.id), else_=-Example.id if down else Example.id)
        return query.order_by(column.is_(None), column.desc() if down else column, last)

    def _along_the_index(self) -> _Rows:
        column, down = _SCORED[self.order]
        query = (
            select(*ROW_COLUMNS)
            .join(Score, Score.example_id == Example.id)
            .where(Score.run_id == self.project.run_id, column.is_not(None), *self.where)
        )
        if self.start is not None:
            query = query.where(self._beyond(column, Score.example_id, down=down, rest=False))
        if down:
            return query.order_by(column.desc(), Score.example_id.desc())
        return query.order_by(column, Score.example_id)

    def _beyond(
        self, column: _Number, place: InstrumentedAttribute[int], *, down: bool, rest: bool
    ) -> ColumnElement[bool]:
        """After the place where the page begins."""
        assert self.start is not None
        value, example = self.start.value, self.start.example_id
        if value is None:
            return and_(column.is_(None), place > example)
        further = column < value if down else column > value
        same = place < example if down else place > example
        after = [further, and_(column == value, same)]
        return or_(*after, column.is_(None)) if rest else or_(*after)

    def _by_row(self) -> _Rows:
        query = select(*ROW_COLUMNS).outerjoin(Score, own_score(self.project)).where(*self.where)
        if self.start is not None and self.start.value is None:
            query = query.where(Example.id > self.start.example_id)
        return query.order_by(Example.id)


def _read(session: Session, query: _Rows) -> list[ExampleRow]:
    return [ExampleRow(*row) for row in session.execute(query)]
