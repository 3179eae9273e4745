"""Labels are compared as what stands for them now: the one mapped view, in SQL.

A label that was retired counts as the one that replaced it, at however many removes. Every
comparison, group and filter of labels asks one of these; `app.labels.current` says the same of a
log, offline.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.db.tables.datasets import Example, Label
from app.db.types import BigId

LabelColumn: TypeAlias = (
    InstrumentedAttribute[int] | InstrumentedAttribute[int | None] | ColumnElement[Any]
)
_here, _one = aliased(Label), aliased(Label)  # once: SQLAlchemy makes all columns of each anew


def standing_label(of: Any = Example) -> ColumnElement[Any]:
    """Of an `Example`: what a confirming answer confirms: the given label, or a bulk fix's."""
    return func.coalesce(of.bulk_label_id, of.given_label_id)


def current_label(label: LabelColumn) -> ColumnElement[Any]:
    """The label that stands for this one now; null where there is none."""
    here = select(_here.current_id).where(_here.id == label)
    replaced = here.correlate_except(_here).scalar_subquery()
    return func.coalesce(replaced, label)


def same_label(one: LabelColumn, other: LabelColumn) -> ColumnElement[bool]:
    """Both are there and the same; looked up only where they differ as they are stored."""
    return or_(one == other, current_label(one) == current_label(other))


def differs(one: LabelColumn, other: LabelColumn) -> ColumnElement[bool]:
    """One is another than the other; none and none are the same."""
    now = current_label(one).is_distinct_from(current_label(other))
    return and_(one.is_distinct_from(other), now)


def is_label(label: LabelColumn, wanted: int | None) -> ColumnElement[bool]:
    """The column holds this label or one it stands for; None: it holds none. By its index."""
    return label.is_(None) if wanted is None else label.in_(_alike(wanted))


def is_standing_label(wanted: int | None) -> ColumnElement[bool]:
    """The same of the label that stands, by the indexes of both columns that may hold it."""
    given, bulk = Example.given_label_id, Example.bulk_label_id
    if wanted is None:
        return and_(given.is_(None), bulk.is_(None))
    alike = _alike(wanted)
    return or_(bulk.in_(alike), and_(given.in_(alike), bulk.is_(None)))


def ids_with_label(project_id: int, wanted: Sequence[int | None]) -> Any:
    """Ids of the examples of which one of these labels stands, by the indexes of both columns.

    As a list: `Example.id.in_(…)` says no other than `is_standing_label`, but is found at once
    where few have it, however much else is asked; None: those without a label.
    """
    one, label, named = aliased(Example), aliased(Label), aliased(Label)
    ids = [each for each in wanted if each is not None]
    now = select(func.coalesce(named.current_id, named.id)).where(named.id.in_(ids))
    alike = select(label.id).where(or_(label.id.in_(now), label.current_id.in_(now)))
    mine, given, bulk = one.project_id == project_id, one.given_label_id, one.bulk_label_id
    labelled = [
        select(one.id).where(mine, given.in_(alike), bulk.is_(None)),
        select(one.id).where(bulk.in_(alike)),  # with its project, SQLite would take that's index
    ]
    without = [select(one.id).where(mine, given.is_(None), bulk.is_(None))]
    return union_all(*(labelled if ids else []), *(without if None in wanted else []))


def _alike(wanted: int) -> Any:
    """The label that stands for this one now, and every one it stands for."""
    now = current_label(literal(wanted, BigId))
    return select(_one.id).where(or_(_one.id == now, _one.current_id == now)).correlate(None)


def any_retired() -> ColumnElement[bool]:
    """Of an `Example`: whether any label of its project stands for another; by an index."""
    retired = exists().where(_one.project_id == Example.project_id, _one.current_id.is_not(None))
    return retired.correlate(Example)


def label_now(session: Session, label_id: int | None) -> int | None:
    """The label that stands for this one now."""
    if label_id is None:
        return None
    return session.scalar(select(current_label(literal(label_id, BigId))))
