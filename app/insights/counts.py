"""How many examples match a filter: live counts, each facet of what the other filters leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from app.datasets.current_labels import is_label
from app.datasets.labels import label_mapping
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score
from app.db.types import BigId
from app.db.words import Status
from app.labels import current
from app.review.batches.filters import Filter, conditions

FEW = 5_000  # so many matches are found first and sorted then; more are met in their order


@dataclass(frozen=True, slots=True)
class Counts:
    """How many match, of how many; by status and given label with the other filters applied.

    A given label that was retired counts as the one that stands for it now.
    """

    matching: int
    total: int
    statuses: dict[Status, int]
    given: dict[int | None, int]


def own_score(project: Project) -> ColumnElement[bool]:
    return and_(Score.run_id == project.run_id, Score.example_id == Example.id)


def status_counts(session: Session, project_id: int, unseen: list[int]) -> Counter[Status]:
    """All examples by status, from the index alone; what nobody may see is taken off."""
    by_status = select(Example.status, func.count()).group_by(Example.status)
    statuses = Counter(
        dict(session.execute(by_status.where(Example.project_id == project_id)).all())
    )
    if unseen:
        statuses -= Counter(
            dict(session.execute(by_status.where(Example.import_id.in_(unseen))).all())
        )
    return statuses


def counts(
    session: Session, project: Project, wanted: Filter, unseen: list[int]
) -> tuple[Counts, list[int] | None]:
    """Live counts, each facet of what the other filters leave; and the matches, if few."""
    every = status_counts(session, project.id, unseen)
    names = label_mapping(session, project.id)
    if not wanted.named:
        where = conditions(project, wanted, unseen)
        by_label = select(Example.given_label_id, func.count()).where(*where)
        labels = session.execute(by_label.group_by(Example.given_label_id)).all()
        given: Counter[int | None] = Counter()
        for label, number in labels:
            given[_now(label, names)] += number
        return Counts(every.total(), every.total(), dict(+every), dict(given)), None
    where = conditions(project, wanted, unseen, without=("status", "given"))
    query = select(Example.status, Example.given_label_id, Example.id).where(*where)
    if wanted.scored:
        query = query.join(Score, own_score(project))
    if not (wanted.text or wanted.signal):
        counted = query.with_only_columns(
            Example.status, Example.given_label_id, func.count(), type_coerce(null(), BigId)
        ).group_by(Example.status, Example.given_label_id)
        return _told(session.execute(counted), wanted, every.total(), names)[0], None
    live, few = _told(session.execute(_read_once(query, wanted)), wanted, every.total(), names)
    return live, few if live.matching <= FEW else None


def _now(label: int | None, names: Mapping[int, int]) -> int | None:
    return None if label is None else current(label, names)


_Counted = tuple[Status, int | None, int, int | None]
"""How many have a status and a given label; or, with an example, a match by its id."""


def _told(
    rows: Iterable[_Counted], wanted: Filter, total: int, names: Mapping[int, int]
) -> tuple[Counts, list[int]]:
    """Counts by status and label, and the matches named beside them."""
    asked = _now(wanted.given or None, names)
    statuses: Counter[Status] = Counter()
    given: Counter[int | None] = Counter()
    named: list[int] = []
    matching = 0
    for status, stored, number, example in rows:
        if example is not None:
            named.append(example)
            continue
        right_status = wanted.status is None or status is wanted.status
        label = _now(stored, names)
        right_label = wanted.given is None or label == asked
        statuses[status] += number * right_label
        given[label] += number * right_status
        matching += number * (right_status and right_label)
    return Counts(matching, total, dict(+statuses), dict(+given)), named


def _read_once(query: Select[Status, int | None, int], wanted: Filter) -> CompoundSelect[Any]:
    """Texts and signals are read once: their counts, and the first matches by id."""
    matches = query.cte("found").prefix_with("MATERIALIZED")
    status, label = matches.c.status, matches.c.given_label_id
    counted = select(status, label, func.count(), type_coerce(null(), BigId))
    some = select(matches.c.id)
    if wanted.status is not None:
        some = some.where(status == wanted.status)
    if wanted.given is not None:
        some = some.where(is_label(label, wanted.given or None))
    named = some.limit(FEW).subquery()
    return union_all(counted.group_by(status, label), select(null(), null(), null(), named.c.id))
