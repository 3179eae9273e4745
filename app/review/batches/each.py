"""So many of every label, or of every source, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Float, cast, func, or_, select
from sqlalchemy.orm import Session

from app.datasets.current_labels import (
    LabelColumn,
    current_label,
    is_standing_label,
    standing_label,
)
from app.datasets.display_names import shown_names
from app.datasets.sources import source_names
from app.db.parts import parts
from app.db.tables.datasets import Example, Label
from app.review.batches.picking import Candidates, Pool

_One = TypeVar("_One", int, int | None)
AT_ONCE = 100  # counts in one statement

PART = 1 / 64
"""Of all places: those among which a few of a large label are found at once."""

_PRIME, _FACTOR = 2**31 - 1, 48_271
"""Of the minimal standard generator (Park & Miller 1988, CACM 31:1192)."""


@dataclass(frozen=True)
class Each:
    """What there is one or several of; examples without any are not drawn."""

    one: str
    many: str
    filter: str  # of the list of examples
    key: Callable[[], LabelColumn]  # of an `Example`
    names: Callable[
        [Session, int], dict[int, str]
    ]  # by id, of a project, in the order of its lists
    is_one: Callable[
        [int | None], ColumnElement[bool]
    ]  # an `Example` of this one; by an index, if any
    label: Callable[[], LabelColumn]  # of an `Example`: the one that is checked
    may_be_people: bool = False


def _labels(session: Session, project_id: int) -> dict[int, str]:
    query = select(Label).where(Label.project_id == project_id, Label.current_id.is_(None))
    return shown_names(session.scalars(query.order_by(Label.position, Label.id)))


EACH_LABEL = Each(
    "label",
    "labels",
    "given",
    key=lambda: current_label(standing_label()),
    names=_labels,
    is_one=is_standing_label,
    label=standing_label,
)
EACH_SOURCE = Each(
    "source",
    "sources",
    "source",
    key=lambda: Example.source_id,
    names=source_names,
    is_one=lambda source: Example.source_id == source,
    label=lambda: Example.given_label_id,  # what the source gave, whatever a bulk fix made of it
    may_be_people=True,
)


def at_random(pool: Pool) -> Candidates:
    """In an order that the pool's seed makes, the same on both databases.

    Squares of a shifted multiple modulo a prime: no straight line through the ids, as a multiple
    alone would be, and small enough for signed integers of 64 bits.
    """
    moved = (Example.id * _FACTOR + pool.seed % _PRIME) % _PRIME
    place = (moved * moved + pool.seed % _PRIME) % _PRIME
    return select(Example.id, cast(place, Float)).order_by(place.desc(), Example.id)


def draw_of_each(
    session: Session, query: Candidates, each: Each, counts: Mapping[int, int]
) -> list[tuple[int, float]]:
    """The first of each by their place in `query`, mixed; `counts`: how many of each are drawn.

    They are looked for in the first part of all places: of large ones it holds enough, and the
    rows of the others need not be read. What is missing then is looked for everywhere.
    """
    most = max(counts.values(), default=0)
    _, place = query.selected_columns
    found = _first_of_each(session, query.where(place >= _PRIME * (1 - PART)), each, most)
    missing = [one for one, count in counts.items() if len(found.get(one, ())) < count]
    for some in parts(missing, AT_ONCE):
        of_some = or_(*(each.is_one(one) for one in some))
        found |= _first_of_each(session, query.where(of_some), each, most)
    drawn = [row for rows in found.values() for row in rows]
    return sorted(drawn, key=lambda row: (-row[1], row[0]))


def _first_of_each(
    session: Session, query: Candidates, each: Each, most: int
) -> dict[int, list[tuple[int, float]]]:
    number, place = query.selected_columns
    nth = func.row_number().over(partition_by=each.key(), order_by=(place.desc(), number))
    ranked = (
        query.order_by(None)
        .with_only_columns(
            each.key().label("of"), number.label("id"), place.label("place"), nth.label("nth")
        )
        .where(each.key().is_not(None))
        .subquery()
    )
    rows = session.execute(
        select(ranked.c.of, ranked.c.id, ranked.c.place).where(ranked.c.nth <= most)
    )
    found: dict[int, list[tuple[int, float]]] = {}
    for of, example, at in rows:
        found.setdefault(of, []).append((example, at))
    return found


def counts_of_each(
    session: Session,
    each: Each,
    ids: Sequence[_One],
    conditions: Sequence[ColumnElement[bool]],
    *,
    most: int,
) -> dict[_One, int]:
    """How many of each fulfil the conditions; no more than `most` are counted."""
    found: dict[_One, int] = {}
    for some in parts(ids, AT_ONCE):
        columns = []
        for one in some:
            fits = select(Example.id).where(*conditions, each.is_one(one)).limit(most).subquery()
            columns.append(select(func.count()).select_from(fits).scalar_subquery())
        found |= dict(zip(some, session.execute(select(*columns)).one(), strict=True))
    return found
