"""Rulings that stand, as they are looked up: what settled a case, and those on a pair of labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.audit.stands import is_replaced, is_undone
from app.datasets.current_labels import is_label
from app.db.tables.accounts import Person
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Disagreement, Note
from app.db.words import Question, Status

_DECIDES = and_(
    Decision.project_id == Disagreement.project_id, Decision.seq == Disagreement.settled_seq
)

_STANDS = (Decision.adjudicates, ~is_undone(Decision))
"""Of what settled a case: it is a ruling, and nobody took it back."""


def ruling_on(session: Session, case_id: int) -> int | None:
    """The number of the ruling that settled a case, if one did and it stands."""
    query = (
        select(Decision.seq)
        .join(Disagreement, _DECIDES)
        .where(Disagreement.id == case_id, *_STANDS)
    )
    return session.scalar(query)


def settled_by_rulings(
    session: Session, project_id: int, seqs: Sequence[int], *, person_id: int
) -> dict[int, int]:
    """Of these rulings, those of a person that stand, by their number: the case each settled."""
    if not seqs:
        return {}
    query = (
        select(Decision.seq, func.min(Disagreement.id))
        .join(Disagreement, _DECIDES)
        .where(
            Disagreement.project_id == project_id,
            Disagreement.settled_seq.in_(seqs),
            Disagreement.settled_by == person_id,
            *_STANDS,
        )
        .group_by(Decision.seq)
    )
    return dict(session.execute(query).all())


def last_ruling(session: Session, project_id: int, person_id: int) -> Row[Any] | None:
    """The case that a person ruled on last, if it is still settled by that ruling."""
    query: Any = (
        select(
            Disagreement.id,
            Decision.verdict,
            Decision.reason,
            Example.final_label_id,
            Example.key,
        )
        .join(Decision, _DECIDES)
        .join(Example, Example.id == Disagreement.example_id)
        .where(
            Disagreement.project_id == project_id,
            Disagreement.settled_by == person_id,
            *_STANDS,
        )
        .order_by(Disagreement.settled_at.desc(), Decision.seq.desc())
        .limit(1)
    )
    row: Row[Any] | None = session.execute(query).first()
    return row


_said = aliased(Decision)


def _names(label: int) -> ColumnElement[bool]:
    """Of a `Disagreement` with its `Example`: somebody gave its example this label."""
    by_reader = exists().where(_said.example_id == Example.id, is_label(_said.label_id, label))
    return or_(is_label(Example.given_label_id, label), by_reader.correlate(Example))


def _on_pair(pair: Sequence[int], but_example: int) -> list[ColumnElement[bool]]:
    return [Disagreement.example_id != but_example, *map(_names, pair)]


def rulings_on_pair(
    session: Session,
    project_id: int,
    pair: Sequence[int],
    *,
    but_example: int,
    limit: int,
) -> list[Row[Any]]:
    """Rulings that stand on examples where both labels were named, newest first; with names.

    Not private data, which is not shown.
    """
    query = (
        select(
            Disagreement.example_id,
            Example.key,
            Example.content,
            Example.final_label_id,
            Decision.verdict,
            Decision.reason,
            Decision.at,
            Note.text.label("note"),
            Person.name.label("by"),
        )
        .join(Decision, _DECIDES)
        .join(Example, Example.id == Disagreement.example_id)
        .outerjoin(Note, Note.id == Decision.note_id)
        .outerjoin(Person, Person.id == Decision.person_id)
        .where(
            Disagreement.project_id == project_id,
            Disagreement.kind != Question.PRIVATE,
            Example.status != Status.ERASED,
            *_STANDS,
            ~is_replaced(),
            *_on_pair(pair, but_example),
        )
        .order_by(Disagreement.settled_at.desc(), Disagreement.id.desc())
        .limit(limit)
    )
    return list(session.execute(query))


def open_on_pair(
    session: Session, project_id: int, pair: Sequence[int], *, but_example: int
) -> int:
    """Examples that wait for a lead and on which both labels were named."""
    query = (
        select(func.count(func.distinct(Disagreement.example_id)))
        .join(Example, Example.id == Disagreement.example_id)
        .where(
            Disagreement.project_id == project_id,
            Disagreement.settled_at.is_(None),
            *_on_pair(pair, but_example),
        )
    )
    return session.scalar(query) or 0
