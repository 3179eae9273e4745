"""How many examples each label has, and what a merge, or a newer rule, has to do with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from app.audit.stands import stands
from app.datasets.current_labels import is_label, is_standing_label
from app.datasets.labels import label_mapping
from app.datasets.visible import visible_imports
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Lease, ReadDue
from app.db.words import FINAL, LOOKED_AT, Status, Verdict
from app.labels import current
from app.review.batches.filters import unseen_imports


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """By label, as what stands for it now: as it came, as it ended, and what nobody read yet."""

    given: Counter[int] = field(default_factory=Counter)
    final: Counter[int] = field(default_factory=Counter)
    unread: Counter[int] = field(default_factory=Counter)


def label_counts(session: Session, project_id: int) -> LabelCounts:
    """A few statements, whatever there is.

    Most examples nobody has read: they are counted by the index of their given labels, less what
    was read, was erased or is of a file that does not count.
    """
    names, told = label_mapping(session, project_id), LabelCounts()
    every = select(Example.given_label_id, func.count()).where(Example.project_id == project_id)
    for given, number in session.execute(every.group_by(Example.given_label_id)):
        _count(told, given, number, names)
    known = Example.project_id == project_id
    unseen = unseen_imports(session, project_id)
    if unseen:
        known = and_(known, Example.import_id.not_in(unseen))
        others = every.where(Example.import_id.in_(unseen)).group_by(Example.given_label_id)
        for given, number in session.execute(others):
            _count(told, given, -number, names)
    columns = (Example.given_label_id, Example.final_label_id, Example.status)
    few = select(*columns).where(known, Example.status.in_(LOOKED_AT))
    # By itself, for SQLite would group by the index of all.
    read = few.cte("read").prefix_with("MATERIALIZED")
    given_id, final_id, state = read.c
    grouped = select(given_id, final_id, state, func.count()).group_by(given_id, final_id, state)
    for given, final, status, number in session.execute(grouped):
        if given is not None:
            told.unread[current(given, names)] -= number
            told.given[current(given, names)] -= number * (status is Status.ERASED)
        if final is not None and status is not Status.ERASED:
            told.final[current(final, names)] += number
    return told


def _count(told: LabelCounts, given: int | None, number: int, names: dict[int, int]) -> None:
    """So many more examples that came with this label."""
    if given is not None:
        told.given[current(given, names)] += number
        told.unread[current(given, names)] += number


@dataclass(frozen=True, slots=True)
class Touched:
    """What a merge changes the label of."""

    examples: int
    decided: int
    answers: int
    open_reads: int  # in somebody's hands, or owed


def touched_by_merge(session: Session, project_id: int, label_id: int) -> Touched:
    """Examples and answers that carry a label, as given, by a bulk fix, as said or as final."""
    carries = _carries(label_id)
    here = (Example.project_id == project_id, Example.import_id.in_(visible_imports(project_id)))
    examples = select(func.count()).select_from(Example).where(*here, carries)
    confirms = and_(Decision.verdict == Verdict.CONFIRM, is_standing_label(label_id))
    answers = (
        select(func.count())
        .select_from(Decision)
        .join(Example, Example.id == Decision.example_id)
        .where(
            Decision.project_id == project_id,
            or_(is_label(Decision.label_id, label_id), confirms),
            stands(),
        )
    )
    in_hand = exists().where(Lease.example_id == Example.id, Lease.ended_at.is_(None))
    owed = exists().where(ReadDue.example_id == Example.id, ReadDue.done_at.is_(None))
    return Touched(
        _number(session, examples),
        _number(session, examples.where(Example.status.in_(sorted(FINAL)))),
        _number(session, answers),
        _number(session, examples.where(or_(in_hand, owed))),
    )


def _carries(label_id: int) -> ColumnElement[bool]:
    columns = (Example.given_label_id, Example.bulk_label_id, Example.final_label_id)
    return or_(*(is_label(column, label_id) for column in columns))


def is_carried(session: Session, project_id: int, label_id: int) -> bool:
    """Whether any example or answer names a label."""
    said = exists().where(Decision.project_id == project_id, is_label(Decision.label_id, label_id))
    given = exists().where(Example.project_id == project_id, _carries(label_id))
    return bool(session.scalar(select(or_(said, given))))


def overturned(project_id: int, labels: Collection[int], *, before: int) -> Select[Any]:
    """Final examples whose deciding answer saw an older rule than that of this revision.

    Of a label: those that have it or came with it. Of a pair: those that have one of the two where
    the other was at hand: it came with it, the model favoured it, or somebody named it. Of the
    project: all of them.
    """
    final = Example.final_label_id
    decides = and_(Decision.project_id == project_id, Decision.seq == Example.decided_seq)
    query = (
        select(Example.id)
        .join(Decision, decides)
        .where(
            Example.project_id == project_id,
            Example.import_id.in_(visible_imports(project_id)),
            Example.status.in_(sorted(FINAL)),
            Decision.guideline_revision < before,
        )
    )
    if len(labels) == 1:
        (one,) = labels
        query = query.where(or_(is_label(final, one), is_standing_label(one)))
    elif labels:
        one, other = labels
        query = query.where(
            or_(
                and_(is_label(final, one), _at_hand(other)),
                and_(is_label(final, other), _at_hand(one)),
            )
        )
    return query.order_by(Example.id)


_said = aliased(Decision)


def _at_hand(label_id: int) -> ColumnElement[bool]:
    """Whether this label was looked at as well when an example was decided."""
    named = exists().where(_said.example_id == Example.id, is_label(_said.label_id, label_id))
    suggested = type_coerce(Decision.shown, JSON)["suggested"].as_integer()
    return or_(
        is_standing_label(label_id),
        is_label(suggested, label_id),
        named.correlate(Example),
    )


def count_overturned(
    session: Session, project_id: int, labels: Collection[int], *, before: int
) -> int:
    query = overturned(project_id, labels, before=before).order_by(None).subquery()
    return _number(session, select(func.count()).select_from(query))


def _number(session: Session, query: Select[Any]) -> int:
    return int(session.scalar(query) or 0)
