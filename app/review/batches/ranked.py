"""The best of a ranking that fulfil what a rule asks: its head alone, where that holds enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, BatchMember
from app.db.words import BatchState
from app.review.batches.picking import Candidates, Pool

There: TypeAlias = Callable[[int, Any], list[ColumnElement[bool]]]
"""Whether an example may join at all: of a project, by its id in what is walked."""


@dataclass(frozen=True)
class Conditions:
    """What an example must fulfil: by the rule, and to join at all. `indexed`: by indexes alone."""

    there: There
    only: Sequence[ColumnElement[bool]]
    indexed: Sequence[ColumnElement[bool]]
    project_id: int

    def of(self, example: Any = Example.id) -> list[ColumnElement[bool]]:
        return [*self.only, *self.there(self.project_id, example)]

    def among(self, query: Candidates) -> Candidates:
        return query.where(*self.of(query.selected_columns[0]))


FEWEST = 20_000
"""Rows of a ranking that are cheap to look at, whatever is asked of them."""

FOR_ONE = 20
"""Rows that are looked at for each example that is wanted: where fewer fit, an index of what is
asked finds them sooner."""


@dataclass(frozen=True)
class Ranked:
    """The candidates of a rule down a ranking, and all of them in the same order."""

    pool: Pool
    candidates: Callable[[Pool], Candidates]
    rest: Callable[[Pool], Candidates]
    conditions: Conditions

    def everything(self) -> Candidates:
        return self.conditions.among(self.rest(self.pool)).where(*self.conditions.indexed)

    def head(self, session: Session, size: int) -> tuple[Candidates, float | None]:
        """Those of the first rows of the ranking, down to a priority; none: all that have one."""
        query = self.conditions.among(self.candidates(self.pool))
        least = None
        if self.pool.run_id is not None and self.conditions.only:
            least = _lowest(session, self.pool, size)
        return (query if least is None else query.where(Score.priority >= least)), least

    def goes_on(self, session: Session, least: float | None) -> bool:
        """Whether any can be left below the head; asked where that holds too few."""
        if self.pool.run_id is None:
            return False
        return least is not None or not _all_have_a_priority(session, self.pool)


def best_of(session: Session, ranked: Ranked, size: int) -> list[Row[int, float | None]]:
    """The first so many; all are asked only where the head of the ranking holds too few."""
    query, least = ranked.head(session, size)
    rows = list(session.execute(query.limit(size)))
    if len(rows) < size and ranked.goes_on(session, least):
        rows = list(session.execute(ranked.everything().limit(size)))
    return rows


def _lowest(session: Session, pool: Pool, size: int) -> float | None:
    """The priority down to which the ranking is looked at; none where that is all of it.

    What was served or waits in a batch often fills the top: it is passed by an index, and does
    not count.
    """
    served = select(func.count()).where(Serve.project_id == pool.project_id)
    waiting = (
        select(func.count())
        .select_from(BatchMember)
        .join(Batch, Batch.id == BatchMember.batch_id)
        .where(
            BatchMember.waiting,
            Batch.project_id == pool.project_id,
            Batch.state != BatchState.CLOSED,
        )
    )
    passed = sum(session.execute(select(served.scalar_subquery(), waiting.scalar_subquery())).one())
    return session.scalar(
        select(Score.priority)
        .where(Score.run_id == pool.run_id, Score.priority.is_not(None))
        .order_by(Score.priority.desc(), Score.example_id.desc())
        .offset(passed + max(FEWEST, FOR_ONE * size))
        .limit(1)
    )


def _all_have_a_priority(session: Session, pool: Pool) -> bool:
    """Whether the ranking leaves no example of the project out; by two indexes."""
    ranked: Select[int] = select(func.count()).where(
        Score.run_id == pool.run_id, Score.priority.is_not(None)
    )
    examples = select(func.count()).where(Example.project_id == pool.project_id)
    return session.scalar(ranked) == session.scalar(examples)
