"""At most so many of each given label: the best of each, in the order of the rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from app.datasets.current_labels import (
    current_label,
    ids_with_label,
    is_standing_label,
    standing_label,
)
from app.db.parts import parts
from app.db.tables.datasets import Example
from app.review.batches.each import AT_ONCE, EACH_LABEL, counts_of_each
from app.review.batches.plan import BatchPlan
from app.review.batches.ranked import Ranked

LOOK_AHEAD = 4
"""How many times its size a batch looks down the order before the labels are asked for alone."""


@dataclass
class _Taken:
    """What was picked so far, and how many of each given label that makes."""

    size: int
    most_each: int
    counts: Counter[int | None]
    places: dict[int, float] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        return len(self.places) >= self.size

    def has_room(self, label: int | None) -> bool:
        return self.counts[label] < self.most_each

    def take(self, rows: Iterable[Row[int, float | None, int | None]]) -> None:
        for example, place, label in rows:
            if not self.full and self.has_room(label) and example not in self.places:
                self.counts[label] += 1
                self.places[example] = float(place or 0.0)


def first_of_each_label(
    session: Session, ranked: Ranked, plan: BatchPlan, *, there: Mapping[int | None, int]
) -> list[tuple[int, float]]:
    """The first by their place, but of each given label no more than the plan allows.

    `there`: how many of each label the batch has already.
    """
    assert plan.most_each is not None, "asked of a plan without a limit"
    taken = _Taken(plan.size, plan.most_each, Counter(there))
    label = current_label(standing_label()).label("of")
    ahead = LOOK_AHEAD * plan.size
    query, least = ranked.head(session, ahead)
    rows = session.execute(query.add_columns(label).limit(ahead)).all()
    taken.take(rows)
    if not taken.full and (len(rows) == ahead or ranked.goes_on(session, least)):
        labels = [*EACH_LABEL.names(session, ranked.pool.project_id), None]
        room = [one for one in labels if taken.has_room(one)]
        taken.take(_best_of(session, ranked, room, most=plan.most_each))
    return list(taken.places.items())


def _best_of(
    session: Session, ranked: Ranked, labels: Sequence[int | None], *, most: int
) -> list[Row[int, float | None, int | None]]:
    """The first of each of these labels, the best of them all first."""
    query, indexed = ranked.everything(), ranked.conditions.indexed  # one list of ids is enough
    number, place = query.selected_columns
    label = current_label(standing_label())
    nth = func.row_number().over(partition_by=label, order_by=(place.desc(), number.desc()))
    rows: list[Row[int, float | None, int | None]] = []
    for some in parts(labels, AT_ONCE):
        ids = ids_with_label(ranked.pool.project_id, some)
        of_some = or_(*map(is_standing_label, some)) if indexed else Example.id.in_(ids)
        by_label = (
            query.order_by(None)
            .with_only_columns(
                number.label("id"), place.label("place"), label.label("of"), nth.label("nth")
            )
            .where(of_some)
            .subquery()
        )
        best = select(by_label.c.id, by_label.c.place, by_label.c.of).where(by_label.c.nth <= most)
        rows += session.execute(best)
    return sorted(rows, key=lambda row: (-(row.place or 0.0), -row.id))


def fitting_under_cap(
    session: Session, project_id: int, plan: BatchPlan, conditions: Sequence[ColumnElement[bool]]
) -> int:
    """How many examples fit, of each given label no more than the plan allows."""
    assert plan.most_each is not None, "asked of a plan without a limit"
    labels = [*EACH_LABEL.names(session, project_id), None]
    counts = counts_of_each(session, EACH_LABEL, labels, conditions, most=plan.most_each)
    return min(plan.size, sum(counts.values()))
