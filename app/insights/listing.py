"""The examples of a project as leads look through them: filters, order, pages, live counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score
from app.db.words import Status
from app.errors import Invalid
from app.insights.filters import Filter, conditions, unseen_imports

PAGE = 50
FEW = 5_000  # so many matches are found first and sorted then; more are met in their order


class Order(StrEnum):
    PRIORITY = "priority"
    QUALITY = "quality"
    DIFFICULTY = "difficulty"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many match, of how many; by status and given label with the other filters applied."""

    matching: int
    total: int
    statuses: dict[Status, int]
    given: dict[int | None, int]


@dataclass(frozen=True, slots=True)
class Listing:
    rows: list[Row[Any]]
    following: str  # the cursor of the next page, "" at the end
    counts: Counts


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
    Example.final_label_id,
    Example.removed_reason,
    Score.priority,
    Score.quality,
    Score.difficulty,
    Score.suggestions,
)
_SCORED = {
    Order.PRIORITY: (Score.priority, True),
    Order.QUALITY: (Score.quality, False),
    Order.DIFFICULTY: (Score.difficulty, True),
}


def listing(
    session: Session,
    project: Project,
    wanted: Filter,
    *,
    order: Order = Order.PRIORITY,
    cursor: str = "",
    limit: int = PAGE,
) -> Listing:
    """One page of examples with the counts beside it."""
    unseen = unseen_imports(session, project.id)
    found = counts(session, project, wanted, unseen)
    start = _Place.read(cursor) if cursor else None
    pages = _Pages(project, conditions(project, wanted, unseen), order, start, wanted.scored)
    rows = pages.sorted(session, limit + 1, few=found.matching <= FEW)
    following = ""
    if len(rows) > limit:
        rows = rows[:limit]
        value = getattr(rows[-1], order.value) if pages.by_score else None
        following = _Place(value, rows[-1].id).written()
    return Listing(rows, following, found)


@dataclass(frozen=True, slots=True)
class _Pages:
    """The matches in one order, from a place on; what has no score comes last, by row."""

    project: Project
    where: list[ColumnElement[bool]]
    order: Order
    start: _Place | None
    scored: bool  # a filter needs the score

    @property
    def by_score(self) -> bool:
        return self.order is not Order.ROW and self.project.run_id is not None

    def sorted(self, session: Session, limit: int, *, few: bool) -> list[Row[Any]]:
        if not self.by_score:
            return list(session.execute(self._by_row().limit(limit)))
        if few:
            return list(session.execute(self._found_first().limit(limit)))
        rows: list[Row[Any]] = []
        if self.start is None or self.start.value is not None:
            rows += session.execute(self._along_the_index().limit(limit))
        if len(rows) < limit:
            column, _ = _SCORED[self.order]
            rest = self._by_row().where(column.is_(None)).limit(limit - len(rows))
            rows += session.execute(rest)
        return rows

    def _found_first(self) -> Select[Any]:
        """Have the database find the matches before it thinks of their order."""
        column, down = _SCORED[self.order]
        matches = select(Example.id).where(*self.where)
        if self.scored:
            matches = matches.join(Score, own_score(self.project))
        found = matches.cte("found").prefix_with("MATERIALIZED")
        query = (
            select(*ROW_COLUMNS)
            .join(found, found.c.id == Example.id)
            .outerjoin(Score, own_score(self.project))
        )
        if self.start is not None:
            query = query.where(self._beyond(column, Example.id, down=down, rest=True))
        last = case((column.is_(None), Example.id), else_=-Example.id if down else Example.id)
        return query.order_by(column.is_(None), column.desc() if down else column, last)

    def _along_the_index(self) -> Select[Any]:
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

    def _beyond(self, column: Any, place: Any, *, down: bool, rest: bool) -> ColumnElement[bool]:
        """After the place where the page begins."""
        assert self.start is not None
        value, example = self.start.value, self.start.example_id
        if value is None:
            return and_(column.is_(None), place > example)
        further = column < value if down else column > value
        same = place < example if down else place > example
        after = [further, and_(column == value, same)]
        return or_(*after, column.is_(None)) if rest else or_(*after)

    def _by_row(self) -> Select[Any]:
        query = select(*ROW_COLUMNS).outerjoin(Score, own_score(self.project)).where(*self.where)
        if self.start is not None and self.start.value is None:
            query = query.where(Example.id > self.start.example_id)
        return query.order_by(Example.id)


def own_score(project: Project) -> ColumnElement[bool]:
    return and_(Score.run_id == project.run_id, Score.example_id == Example.id)


def status_counts(session: Session, project_id: int, unseen: list[int]) -> Counter[Status]:
    """All examples by status, from the index alone; what nobody may see is taken off."""
    by_status = select(Example.status, func.count()).group_by(Example.status)
    found = Counter(dict(session.execute(by_status.where(Example.project_id == project_id)).all()))
    if unseen:
        found -= Counter(
            dict(session.execute(by_status.where(Example.import_id.in_(unseen))).all())
        )
    return found


def counts(session: Session, project: Project, wanted: Filter, unseen: list[int]) -> Counts:
    """Live counts: each facet counts what the other filters leave."""
    every = status_counts(session, project.id, unseen)
    if not wanted.named:
        where = conditions(project, wanted, unseen)
        by_label = select(Example.given_label_id, func.count()).where(*where)
        labels = session.execute(by_label.group_by(Example.given_label_id)).all()
        return Counts(every.total(), every.total(), dict(+every), dict(labels))
    statuses: Counter[Status] = Counter()
    given: Counter[int | None] = Counter()
    matching = 0
    named = wanted.given or None
    for status, label, number in session.execute(_by_status_and_label(project, wanted, unseen)):
        right_status = wanted.status is None or status is wanted.status
        right_label = wanted.given is None or label == named
        statuses[status] += number * right_label
        given[label] += number * right_status
        matching += number * (right_status and right_label)
    return Counts(matching, every.total(), dict(+statuses), dict(+given))


def _by_status_and_label(
    project: Project, wanted: Filter, unseen: list[int]
) -> Select[Status, int | None, int]:
    where = conditions(project, wanted, unseen, without=("status", "given"))
    query = select(Example.status, Example.given_label_id, func.count()).where(*where)
    if wanted.scored:
        query = query.join(Score, own_score(project))
    return query.group_by(Example.status, Example.given_label_id)
