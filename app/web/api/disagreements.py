"""What only a lead can settle, for programs; readers have no names here until it is settled."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.db.words import Question, Reason, Role, Status, Verdict
from app.insights.questions import PAGE, case_in_full, question_rows
from app.review.answering.answers import Submission
from app.review.answering.disagreements import QUESTION_TEXT, count_open
from app.review.books.fold import Answer
from app.review.serving.cards import content_of
from app.web.payloads import LARGEST_ID, Chosen, Id, PathId, Payload
from app.web.rulings import leave_case, settle_case, third_read
from app.web.sessions import Reading, Writing
from app.web.who import Asking, Now, at_project

router = APIRouter()
CASES = "/api/v1/projects/{slug}/disagreements"


class RulingPayload(Payload):
    """A ruling is final by itself. `key` makes a retry answer with the first result."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"key": "00000000-0000-4000-8000-000000000001", "verdict": "confirm"}]
        }
    )

    key: str = Field(min_length=1, max_length=64)
    verdict: Chosen[Verdict]
    label: Id | None = None
    reason: Chosen[Reason] | None = None
    note: str | None = Field(default=None, max_length=5_000)


class AnswerShown(BaseModel):
    reader: str
    verdict: Verdict
    labels: list[int]
    reason: Reason | None
    note: str | None = None


class CaseShown(BaseModel):
    id: int
    kind: Question
    words: str
    example: int
    key: str
    given: int | None
    created_at: datetime
    answers: list[AnswerShown]


class CasesShown(BaseModel):
    counts: dict[Question, int]
    cases: list[CaseShown]
    next_after: int | None


class CaseInFullShown(CaseShown):
    content: dict[str, Any]
    status: Status
    final: int | None
    other_notes: list[str]
    settled_at: datetime | None


class RulingShown(BaseModel):
    seq: int
    outcome: str
    status: Status


class Done(BaseModel):
    outcome: str = "stored"


def _answers(answers: tuple[Answer, ...], notes: dict[int, str]) -> list[AnswerShown]:
    return [
        AnswerShown(
            reader=f"Reader {place}",
            verdict=answer.verdict,
            labels=list(answer.labels),
            reason=answer.reason,
            note=notes.get(answer.seq),
        )
        for place, answer in enumerate(answers, start=1)
    ]


@router.get(CASES)
def read_disagreements(
    asker: Asking,
    slug: str,
    session: Reading,
    kind: Annotated[Question | None, Query()] = None,
    after: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> CasesShown:
    """Open cases, private data first, then the oldest."""
    here = at_project(session, asker, slug, Role.LEAD)
    rows = question_rows(session, here.project.id, kind=kind, after=after)
    cases = [
        CaseShown(
            id=row.id,
            kind=row.kind,
            words=QUESTION_TEXT[row.kind],
            example=row.example_id,
            key=row.key,
            given=row.given_label_id,
            created_at=row.created_at,
            answers=_answers(row.answers, {}),
        )
        for row in rows
    ]
    more = rows[-1].id if len(rows) == PAGE else None
    return CasesShown(counts=count_open(session, here.project.id), cases=cases, next_after=more)


@router.get(CASES + "/{case_id}")
def read_disagreement(
    asker: Asking, slug: str, case_id: PathId, session: Reading
) -> CaseInFullShown:
    here = at_project(session, asker, slug, Role.LEAD)
    full = case_in_full(session, here.project.id, case_id)
    found = full.case
    return CaseInFullShown(
        id=found.id,
        kind=found.kind,
        words=QUESTION_TEXT[found.kind],
        example=found.example_id,
        key=found.key,
        given=found.given_label_id,
        created_at=found.created_at,
        answers=_answers(found.answers, full.notes),
        content=content_of(found.example_id, found.content),
        status=found.status,
        final=found.final_label_id,
        other_notes=list(full.other_notes),
        settled_at=full.settled_at,
    )


@router.post(CASES + "/{case_id}/settle")
def post_ruling(
    asker: Asking, slug: str, case_id: PathId, payload: RulingPayload, session: Writing, now: Now
) -> RulingShown:
    here = at_project(session, asker, slug, Role.LEAD)
    example_id = case_in_full(session, here.project.id, case_id).case.example_id
    answer = Submission(
        payload.key,
        payload.verdict,
        example_id=example_id,
        label_id=payload.label,
        reason=payload.reason,
        note=payload.note,
    )
    recorded = settle_case(session, here.member, case_id, answer, now=now)
    return RulingShown(seq=recorded.seq, outcome=recorded.outcome, status=recorded.status)


@router.post(CASES + "/{case_id}/leave")
def post_leave(asker: Asking, slug: str, case_id: PathId, session: Writing, now: Now) -> Done:
    """Leave the final label as it is: for kinds not_confirmed and differs."""
    here = at_project(session, asker, slug, Role.LEAD)
    leave_case(session, here.member, case_id, now=now)
    return Done()


@router.post(CASES + "/{case_id}/third")
def post_third(asker: Asking, slug: str, case_id: PathId, session: Writing, now: Now) -> Done:
    """Ask somebody who has not read it for one more independent read."""
    here = at_project(session, asker, slug, Role.LEAD)
    third_read(session, here.member, case_id, now=now)
    return Done()
