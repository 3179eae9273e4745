"""What waits under Disagreements, with what was said; and the notes of the reviewers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datatypes.data_type import StoredContent
from app.db.tables.accounts import Person
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Disagreement, Note, Reversal
from app.db.words import Question
from app.labels import current, label_set
from app.review.books.cases import EVERY, Case, Which, case, open_cases
from app.review.books.fold import Answer, Mark, fold
from app.review.books.standing import ANSWER, answer_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One open case in the list, with the answers that stand."""

    id: int
    kind: Question
    example_id: int
    key: str
    content: StoredContent
    given_label_id: int | None
    created_at: datetime
    answers: tuple[Answer, ...]
    random_check: bool  # of the audit that is running, which waits for it
    quality: float | None  # of its label
    note: str  # the newest that anybody wrote about it


@dataclass(frozen=True, slots=True)
class CaseInFull:
    """A case, what each reader wrote, and who settled it when."""

    case: Case
    notes: dict[int, str]  # by the seq of the answer they came with
    other_notes: tuple[str, ...]
    settled_at: datetime | None
    settled_by: int | None


@dataclass(frozen=True, slots=True)
class NoteRow:
    id: int
    example_id: int
    key: str
    text: str
    by: str
    at: datetime


def question_rows(
    session: Session,
    project_id: int,
    which: Which = EVERY,
    *,
    after: int | None = None,
    limit: int = PAGE,
) -> list[QuestionRow]:
    """Open cases with what was said and written; three statements more, however many there are."""
    cases = open_cases(session, project_id, which, after=after, limit=limit)
    examples = [row.example_id for row in cases]
    said = standing_answers(session, examples)
    written = session.execute(
        select(Note.example_id, Note.text).where(Note.example_id.in_(examples)).order_by(Note.id)
    )
    notes = dict(written.all())
    return [
        QuestionRow(
            row.id,
            row.kind,
            row.example_id,
            row.key,
            row.content,
            row.given_label_id,
            row.created_at,
            tuple(said.get(row.example_id, ())),
            bool(row.random_check),
            row.quality,
            notes.get(row.example_id, ""),
        )
        for row in cases
    ]


def standing_answers(session: Session, examples: Sequence[int]) -> dict[int, list[Answer]]:
    """The answers that stand, of several examples at once."""
    answers: dict[int, list[Answer]] = defaultdict(list)
    marks: dict[int, list[Mark]] = defaultdict(list)
    given: Any = select(Decision.example_id, *ANSWER).where(Decision.example_id.in_(examples))
    for row in session.execute(given):
        answers[row.example_id].append(answer_of(row))
    said: Any = select(
        Reversal.example_id, Reversal.seq, Reversal.kind, Reversal.decision_seq, Reversal.label_id
    ).where(Reversal.example_id.in_(examples))
    for example, seq, kind, about, label in session.execute(said):
        marks[example].append(Mark(seq, kind, about, label_set(label)))
    return {example: fold([], said, marks[example]).standing for example, said in answers.items()}


def next_case(
    session: Session, project_id: int, *, kind: Question | None, after: int
) -> int | None:
    """The open case that follows this one in the list, or else the first."""
    for start in (after, None):
        cases = open_cases(session, project_id, Which(kind), after=start, limit=2)
        for row in cases:
            if row.id != after:
                return int(row.id)
    return None


def case_in_full(session: Session, project_id: int, case_id: int) -> CaseInFull:
    case_row = case(session, project_id, case_id)
    settled = session.execute(
        select(Disagreement.settled_at, Disagreement.settled_by).where(Disagreement.id == case_id)
    ).one()
    with_answers: dict[int, tuple[int, str]] = {
        note_id: (seq, text)
        for note_id, seq, text in session.execute(
            select(Note.id, Decision.seq, Note.text)
            .join(Decision, Decision.note_id == Note.id)
            .where(Note.example_id == case_row.example_id)
        )
    }
    others = session.execute(
        select(Note.id, Note.text).where(Note.example_id == case_row.example_id).order_by(Note.id)
    )
    return CaseInFull(
        case_row,
        dict(with_answers.values()),
        tuple(text for note_id, text in others if note_id not in with_answers),
        settled.settled_at,
        settled.settled_by,
    )


def ruling_note(session: Session, project_id: int, case_id: int) -> str:
    """What the lead wrote beside the last ruling on the example of a case."""
    note = session.scalar(
        select(Note.text)
        .join(Decision, Decision.note_id == Note.id)
        .join(Disagreement, Disagreement.example_id == Decision.example_id)
        .where(
            Disagreement.id == case_id,
            Disagreement.project_id == project_id,
            Decision.adjudicates,
        )
        .order_by(Decision.seq.desc())
        .limit(1)
    )
    return note or ""


def labels_in_doubt(about: Case, now: Mapping[int, int]) -> tuple[int, ...]:
    """The two labels that a case is between, the one that was ruled first; one or none, if so.

    `now`: what stands for retired labels.
    """
    named = [one for answer in about.answers for one in answer.labels]
    order = [about.final_label_id, *named, about.given_label_id]
    return tuple(dict.fromkeys(current(one, now) for one in order if one is not None))[:2]


def notes_of(
    session: Session, project_id: int, *, before: int | None = None, limit: int = PAGE
) -> list[NoteRow]:
    """What reviewers wrote, newest first; names are for leads, who alone see this."""
    query = (
        select(Note.id, Note.example_id, Example.key, Note.text, Person.name, Note.at)
        .join(Example, Example.id == Note.example_id)
        .outerjoin(Person, Person.id == Note.person_id)
        .where(Note.project_id == project_id)
    )
    if before is not None:
        query = query.where(Note.id < before)
    rows = session.execute(query.order_by(Note.id.desc()).limit(limit))
    return [NoteRow(*row[:4], row.name or "", row.at) for row in rows]
