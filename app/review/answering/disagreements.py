"""What a lead settles: disagreements, changes not confirmed, reads that nobody else can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from app.db.log import lock_project
from app.db.tables.accounts import Person
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Disagreement, Note, Reversal
from app.db.words import Due, EventKind, Question, Status
from app.errors import Conflict, Forbidden, NotFound
from app.review.answering.answers import Recorded, Submission
from app.review.answering.direct_answers import adjudicate
from app.review.books.fold import Answer
from app.review.books.may import active_people, leads
from app.review.books.standing import (
    FIRST_READS,
    end_dues,
    folded,
    owe,
    refold,
)

if TYPE_CHECKING:
    from app.accounts.membership import Member

QUESTION_TEXT = {
    Question.DISAGREEMENT: "Two readers chose different changes",
    Question.NOT_CONFIRMED: "A change was not confirmed: it stays as given",
    Question.DIFFERS: "A later read differs from the final label",
    Question.STUCK: "Nobody else can give the second read",
    Question.SKIPPED: "Two people skipped it",
    Question.EXPERT: "Sent to an expert, and there is none",
    Question.PRIVATE: "Private data",
}


@dataclass(frozen=True)
class Case:
    """One example under Disagreements, with the answers that stand; readers have no names here."""

    id: int
    kind: Question
    example_id: int
    key: str
    content: dict[str, Any]
    status: Status
    given_label_id: int | None
    final_label_id: int | None
    created_at: datetime
    answers: tuple[Answer, ...]
    notes: tuple[str, ...]


def _must_lead(member: Member) -> None:
    if not leads(member):
        raise Forbidden("Only leads settle disagreements.", next_step="Ask a lead of the project.")


def open_cases(
    session: Session,
    project_id: int,
    *,
    kind: Question | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[Any]:
    """What is open, oldest first, private data before everything else; `after` a case by its id."""
    query = (
        select(
            Disagreement.id,
            Disagreement.kind,
            Disagreement.example_id,
            Disagreement.created_at,
            Example.key,
            Example.content,
            Example.status,
            Example.given_label_id,
            Example.final_label_id,
        )
        .join(Example, Example.id == Disagreement.example_id)
        .where(
            Disagreement.project_id == project_id,
            Disagreement.settled_at.is_(None),
        )
        .order_by((Disagreement.kind == Question.PRIVATE).desc(), Disagreement.id)
        .limit(limit)
    )
    if kind is not None:
        query = query.where(Disagreement.kind == kind)
    if after is not None:
        last = session.get(Disagreement, after)
        first = last is not None and last.kind is Question.PRIVATE
        later, plain = Disagreement.id > after, Disagreement.kind != Question.PRIVATE
        query = query.where(or_(plain, later) if first else and_(plain, later))
    return list(session.execute(query))


def count_open(session: Session, project_id: int) -> dict[Question, int]:
    rows = session.execute(
        select(Disagreement.kind, func.count())
        .where(Disagreement.project_id == project_id, Disagreement.settled_at.is_(None))
        .group_by(Disagreement.kind)
    )
    return dict(rows.all())


def case(session: Session, project_id: int, disagreement_id: int) -> Case:
    """One case with everything a lead needs to settle it."""
    found = session.scalars(
        select(Disagreement).where(
            Disagreement.id == disagreement_id, Disagreement.project_id == project_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    example = session.get_one(Example, found.example_id)
    notes = session.scalars(
        select(Note.text).where(Note.example_id == example.id).order_by(Note.id)
    )
    return Case(
        id=found.id,
        kind=found.kind,
        example_id=example.id,
        key=example.key,
        content=example.content,
        status=example.status,
        given_label_id=example.given_label_id,
        final_label_id=example.final_label_id,
        created_at=found.created_at,
        answers=tuple(folded(session, project_id, example.id).standing),
        notes=tuple(notes),
    )


def settle(session: Session, member: Member, answer: Submission, *, now: datetime) -> Recorded:
    """Rule on an example: the ruling is final, and everything open about it is settled."""
    _must_lead(member)
    waiting = open_about(session, answer.example_id)
    recorded = adjudicate(session, member, answer, now=now)
    if recorded.outcome == "repeated":
        return recorded
    end_dues(session, recorded.example_id, [*FIRST_READS, Due.CONFIRM], why="ruled", now=now)
    settle_cases(session, member, waiting, seq=recorded.seq, now=now)
    return recorded


def open_about(session: Session, example_id: int | None) -> list[int]:
    """What is open about an example, looked up before the fold settles some of it by itself."""
    return list(
        session.scalars(
            select(Disagreement.id).where(
                Disagreement.example_id == example_id, Disagreement.settled_at.is_(None)
            )
        )
    )


def settle_cases(
    session: Session, member: Member, cases: list[int], *, seq: int | None, now: datetime
) -> None:
    """Close these cases; `seq` names the ruling or reopening that did so."""
    if not cases:
        return
    session.execute(
        update(Disagreement)
        .where(Disagreement.id.in_(cases))
        .values(settled_at=now, settled_by=member.person_id, settled_seq=seq)
        .execution_options(synchronize_session=False)
    )


def leave(session: Session, member: Member, disagreement_id: int, *, now: datetime) -> None:
    """Leave the label as it is: a note of the kind "differs" or "not confirmed" is done with."""
    _must_lead(member)
    found = case(session, member.project_id, disagreement_id)
    if found.kind not in (Question.NOT_CONFIRMED, Question.DIFFERS):
        raise Conflict(
            "This one has no final label to leave as it is.", next_step="Choose the right label."
        )
    settle_cases(session, member, [disagreement_id], seq=None, now=now)


def reopen(session: Session, member: Member, example_id: int, *, key: str, now: datetime) -> int:
    """Put a decided example before the reviewers again; earlier answers no longer count."""
    _must_lead(member)
    held = lock_project(session, member.project_id)
    example = session.scalars(
        select(Example).where(Example.id == example_id, Example.project_id == member.project_id)
    ).one_or_none()
    if example is None or example.status is Status.ERASED:
        raise NotFound()
    before = session.scalars(
        select(Reversal.seq).where(
            Reversal.project_id == member.project_id,
            Reversal.person_id == member.person_id,
            Reversal.idempotency_key == key,
        )
    ).one_or_none()
    if before is not None:
        return before
    entry = held.append(
        EventKind.REOPEN,
        {"example": example_id, "key": key},
        actor=member.pseudonym,
        now=now,
        example_id=example_id,
    )
    session.add(
        Reversal(
            project_id=member.project_id,
            seq=entry.seq,
            kind=EventKind.REOPEN,
            example_id=example_id,
            decision_seq=None,
            person_id=member.person_id,
            idempotency_key=key,
            at=now,
        )
    )
    session.flush()
    waiting = open_about(session, example_id)
    refold(session, held, example_id, now=now)
    settle_cases(session, member, waiting, seq=entry.seq, now=now)
    held.save()
    return entry.seq


def ask_third(session: Session, member: Member, disagreement_id: int, *, now: datetime) -> None:
    """Ask somebody who has not read it for a third, independent read before ruling."""
    _must_lead(member)
    held = lock_project(session, member.project_id)
    found = case(session, member.project_id, disagreement_id)
    read_by = {int(answer.person) for answer in found.answers}
    if not set(active_people(session, member.project_id)) - read_by - {member.person_id}:
        raise Conflict(
            "Everyone who could read it has read it.", next_step="Choose the right label yourself."
        )
    owe(
        session,
        held,
        found.example_id,
        Due.THIRD,
        now=now,
        not_by=sorted(read_by | {member.person_id}),
    )


def names_of(session: Session, people: set[int]) -> dict[int, str]:
    """Names, for leads, after a case is decided."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    return dict(rows.all())


def decided_by(session: Session, example_id: int) -> set[int]:
    return set(session.scalars(select(Decision.person_id).where(Decision.example_id == example_id)))
