"""What leads are asked about examples: listed, counted, looked at one by one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from app.accounts.membership import is_active
from app.datasets.current_labels import current_label, label_now, standing_label
from app.datatypes.data_type import StoredContent
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Disagreement, Note
from app.db.words import Question, Role, Status
from app.errors import NotFound
from app.review.books.fold import Answer
from app.review.books.impact import holds_the_estimate_back, impact, label_quality
from app.review.books.may import gave_its_label
from app.review.books.standing import folded


@dataclass(frozen=True)
class Case:
    """One example under Disagreements, with the answers that stand; readers have no names here.

    `given_label_id` is the label that stands, as it is called now: that is what an answer confirms.
    """

    id: int
    kind: Question
    example_id: int
    key: str
    content: StoredContent
    status: Status
    given_label_id: int | None
    final_label_id: int | None
    created_at: datetime
    answers: tuple[Answer, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Which:
    """Which of the open cases: of one kind, or only what no lead may judge."""

    kind: Question | None = None
    for_admin: bool = False


EVERY = Which()


def open_cases(
    session: Session,
    project_id: int,
    which: Which = EVERY,
    *,
    after: int | None = None,
    limit: int = 50,
) -> Sequence[Row[Any]]:
    """What is open, the most useful first; `after` a case by its id, settled or not."""
    weight = impact()
    query = (
        select(
            Disagreement.id,
            Disagreement.kind,
            Disagreement.example_id,
            Disagreement.created_at,
            Example.key,
            Example.content,
            Example.status,
            current_label(standing_label()).label("given_label_id"),
            Example.final_label_id,
            holds_the_estimate_back().label("random_check"),
            label_quality().label("quality"),
        )
        .join(Example, Example.id == Disagreement.example_id)
        .where(Disagreement.project_id == project_id, Disagreement.settled_at.is_(None))
        .order_by(weight.desc(), Disagreement.id)
        .limit(limit)
    )
    if which.kind is not None:
        query = query.where(Disagreement.kind == which.kind)
    if which.for_admin:
        query = query.where(waits_for_admin(project_id))
    if after is not None:
        here = Disagreement.project_id == project_id, Disagreement.id == after
        last = session.scalar(select(weight).where(*here))
        if last is not None:
            query = query.where(or_(weight < last, and_(weight == last, Disagreement.id > after)))
    return session.execute(query).all()


def count_open(session: Session, project_id: int) -> dict[Question, int]:
    rows = session.execute(
        select(Disagreement.kind, func.count())
        .where(Disagreement.project_id == project_id, Disagreement.settled_at.is_(None))
        .group_by(Disagreement.kind)
    )
    return dict(rows.all())


def waits_for_admin(project_id: int) -> ColumnElement[bool]:
    """Of a `Disagreement` with its `Example`: every lead gave that label, or there is no lead.

    Whoever gave no label here may judge them all, so the cases are looked at only without them.
    """
    lead = (Membership.project_id == project_id, Membership.role == Role.LEAD, is_active())
    labelled = exists().where(
        Source.project_id == project_id, Source.person_id == Membership.person_id
    )
    anyone = exists().where(*lead, ~labelled.correlate(Membership))
    judge = exists().where(*lead, not_(gave_its_label(Example.id, Membership.person_id)))
    return and_(~anyone.correlate(None), ~judge.correlate(Disagreement, Example))


def count_for_admin(session: Session, project_id: int) -> int:
    """Open cases that no lead may judge."""
    query = (
        select(func.count())
        .select_from(Disagreement)
        .join(Example, Example.id == Disagreement.example_id)
        .where(
            Disagreement.project_id == project_id,
            Disagreement.settled_at.is_(None),
            waits_for_admin(project_id),
        )
    )
    return session.scalar(query) or 0


def case(session: Session, project_id: int, case_id: int) -> Case:
    """One case with everything a lead needs to settle it."""
    asked = session.scalars(
        select(Disagreement).where(
            Disagreement.id == case_id, Disagreement.project_id == project_id
        )
    ).one_or_none()
    if asked is None:
        raise NotFound()
    example = session.get_one(Example, asked.example_id)
    notes = session.scalars(
        select(Note.text).where(Note.example_id == example.id).order_by(Note.id)
    )
    return Case(
        id=asked.id,
        kind=asked.kind,
        example_id=example.id,
        key=example.key,
        content=example.content,
        status=example.status,
        given_label_id=label_now(session, example.bulk_label_id or example.given_label_id),
        final_label_id=example.final_label_id,
        created_at=asked.created_at,
        answers=tuple(folded(session, project_id, example.id).standing),
        notes=tuple(notes),
    )


class CaseExample(NamedTuple):
    """What a case is about, and who has settled it."""

    example_id: int
    given_label_id: int | None
    settled_at: datetime | None
    settled_by: int | None  # nobody, where it settled itself


def case_example(session: Session, project_id: int, case_id: int) -> CaseExample:
    row = session.execute(
        select(
            Example.id,
            current_label(standing_label()),
            Disagreement.settled_at,
            Disagreement.settled_by,
        )
        .join(Example, Example.id == Disagreement.example_id)
        .where(Disagreement.id == case_id, Disagreement.project_id == project_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return CaseExample(*row)


def names_of(session: Session, people: Collection[int]) -> dict[int, str]:
    """Names, for leads, after a case is decided."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    return dict(rows.all())
