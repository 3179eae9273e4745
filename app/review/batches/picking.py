"""Candidates for a batch, and the orders in which they can be picked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Float, Select, cast, exists, func, literal, select
from sqlalchemy.orm import Session

from app.datasets.visible import visible_imports
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, BatchMember
from app.db.words import BatchState, Status

Candidates: TypeAlias = Select[int, float | None]
"""Ids of examples with their place: the highest comes first."""

_KNUTH: Final = 2_654_435_761
"""Multiplicative hashing: 2^32 over the golden ratio (Knuth, TAOCP 3, 6.4)."""


@dataclass(frozen=True)
class Pool:
    """Where a rule picks: a project, in the order of the ranking that is served, if any."""

    project_id: int
    run_id: int | None
    seed: int = 0  # of rules that draw at random


def may_be_served(project_id: int, of: Any = Example.id) -> list[ColumnElement[bool]]:
    """Undecided, visible and never served in whatever epoch. What was served is owed instead.

    `of`: the id in the table that a query walks. By it the indexes of what was served are asked
    first, and a row of `Example`, which is wide, is read for those alone that are left.
    """
    served = exists().where(Serve.example_id == of)
    return [
        Example.project_id == project_id,
        Example.status == Status.UNREVIEWED,
        Example.import_id.in_(visible_imports(project_id)),
        ~served,
    ]


def is_decided(project_id: int, _: Any = Example.id) -> list[ColumnElement[bool]]:
    """What has a final label, and can be read for practice."""
    return [
        Example.project_id == project_id,
        Example.import_id.in_(visible_imports(project_id)),
        Example.status.in_((Status.CONFIRMED, Status.RELABELED)),
    ]


def may_join(project_id: int, of: Any = Example.id) -> list[ColumnElement[bool]]:
    """What may be served and is in no open batch yet."""
    waits = exists().where(
        BatchMember.example_id == of,
        BatchMember.waiting,
        Batch.id == BatchMember.batch_id,
        Batch.state != BatchState.CLOSED,
    )
    return [*may_be_served(project_id, of), ~waits]


def may_be_asked(session: Session, project_id: int, examples: Collection[int]) -> tuple[int, ...]:
    """Those of these examples that may join a batch."""
    query = select(Example.id).where(*may_join(project_id), Example.id.in_(set(examples)))
    return tuple(session.scalars(query))


def in_order(pool: Pool) -> Candidates:
    """By priority of the run that is served, else by row of the file."""
    if pool.run_id is None:
        place: Any = literal(0.0) - Example.row
        return select(Example.id, place.label("priority")).order_by(place.desc(), Example.id)
    # What cannot be scored comes last, in the order of the file.
    place = func.coalesce(Score.priority, literal(-1e12) - Example.row)
    return (
        select(Example.id, place.label("priority"))
        .outerjoin(Score, (Score.run_id == pool.run_id) & (Score.example_id == Example.id))
        .order_by(place.desc(), Example.id.desc())
    )


def shuffled(_: Pool) -> Candidates:
    """In an order that says nothing of what they are, the same on both databases."""
    place = (Example.id * _KNUTH) % 2**32
    return select(Example.id, cast(place, Float)).order_by(place.desc(), Example.id)


def from_the_top(pool: Pool) -> Candidates:
    """Those that have a priority, walked down the ranking: the index carries the order."""
    return (
        select(Score.example_id, Score.priority)
        .select_from(Example)
        .join(Score, (Score.run_id == pool.run_id) & (Score.example_id == Example.id))
        .where(Score.priority.is_not(None))
        .order_by(Score.priority.desc(), Score.example_id.desc())
    )


def best_first(pool: Pool) -> Candidates:
    """Down the ranking, whose index carries the order; without one, by row of the file."""
    return in_order(pool) if pool.run_id is None else from_the_top(pool)


def surest(pool: Pool) -> Candidates:
    """Those whose given label is most probably right first; their place is that quality."""
    return (
        select(Score.example_id, Score.quality)
        .select_from(Example)
        .join(Score, (Score.run_id == pool.run_id) & (Score.example_id == Example.id))
        .where(Score.quality.is_not(None))
        .order_by(Score.quality.desc(), Score.example_id.desc())
    )
