"""A request that comes again under its key: it is answered as it was; other content is refused."""

from __future__ import annotations

from sqlalchemy import and_, literal, select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Note
from app.errors import KeyReused
from app.review.answering.answers import Recorded, Submission
from app.review.books.leases import ended_under
from app.review.books.notes import written


def same_content(
    session: Session, answer: Submission, content_hash: str, note_id: int | None
) -> None:
    """Refuse the key of an earlier answer that said something else; an erased note said nothing."""
    note = session.get(Note, note_id) if note_id is not None else None
    other_note = written(answer.note) != (note.text if note is not None else "")
    if content_hash != answer.content_hash or (other_note and (note is None) is (note_id is None)):
        raise key_reused()


def key_reused() -> KeyReused:
    return KeyReused(
        "This key was used for another answer before.",
        next_step="Send each answer with a key of its own.",
    )


def repeated(
    session: Session, member: Member, answer: Submission, *, ruling: bool = False
) -> Recorded | None:
    """The first result of the same key; the same key with other content is refused."""
    one = select(literal(1)).subquery()  # so that a key of no answer is looked at as well
    of_key = and_(
        Decision.project_id == member.project_id,
        Decision.person_id == member.person_id,
        Decision.idempotency_key == answer.key,
    )
    row = session.execute(
        select(
            ended_under(answer.key, member.person_id, member.project_id).label("key_taken"),
            Decision.seq,
            Decision.content_hash,
            Decision.note_id,
            Decision.adjudicates,
            Decision.example_id,
            Decision.batch_id,
            Example.status,
        )
        .select_from(one)
        .outerjoin(Decision, of_key)
        .outerjoin(Example, Example.id == Decision.example_id)
    ).one()
    if row.key_taken:
        raise key_reused()
    if row.seq is None:
        return None
    said = row.content_hash if row.adjudicates is ruling else ""
    same_content(session, answer, said, row.note_id)
    return Recorded(row.seq, "repeated", row.example_id, row.batch_id, row.status)
