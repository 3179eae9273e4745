"""What only a lead can settle, for programs; readers have no names here until it is settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.actions.rulings import ask_third, leave, settle, take_back
from app.datatypes.shown import content_of
from app.db.words import Question, Reason, Role, Status, Verdict
from app.insights.questions import PAGE, CaseInFull, QuestionRow, case_in_full, question_rows
from app.review.answering.answers import Submission
from app.review.books.cases import Case, Which, count_open
from app.review.books.fold import Answer
from app.review.books.questions import QUESTION_TEXT
from app.web.payloads import LARGEST_ID, Chosen, Id, PathId, Payload
from app.web.who import Acting, Looking, at

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
    content: dict[str, object]
    status: Status
    final: int | None
    other_notes: list[str]
    settled_at: datetime | None


class RulingShown(BaseModel):
    seq: int
    outcome: str
    status: Status


class UndoRulingPayload(Payload):
    """`key` makes a retry answer with the first result."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": "00000000-0000-4000-8000-000000000002"}]}
    )

    key: str = Field(min_length=1, max_length=64)


class UndoneShown(BaseModel):
    seq: int
    undone: int


class Done(BaseModel):
    outcome: str = "stored"


def _answers(answers: tuple[Answer, ...], notes: Mapping[int, str]) -> list[AnswerShown]:
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


Kind = Annotated[Question | None, Query()]
After = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


def _case_shown(case: Case | QuestionRow, notes: Mapping[int, str]) -> CaseShown:
    return CaseShown(
        id=case.id,
        kind=case.kind,
        words=QUESTION_TEXT[case.kind],
        example=case.example_id,
        key=case.key,
        given=case.given_label_id,
        created_at=case.created_at,
        answers=_answers(case.answers, notes),
    )


@router.get(CASES)
def read_disagreements(
    slug: str, caller: Looking, kind: Kind = None, after: After = None
) -> CasesShown:
    """Open cases, the most useful first.

    Private data, then random checks that the estimate waits for, then the lowest label quality.
    """
    project_id = at(caller, slug, Role.LEAD).project.id
    rows = question_rows(caller.session, project_id, Which(kind), after=after)
    return CasesShown(
        counts=count_open(caller.session, project_id),
        cases=[_case_shown(row, {}) for row in rows],
        next_after=rows[-1].id if len(rows) == PAGE else None,
    )


@router.get(CASES + "/{case_id}")
def read_disagreement(slug: str, case_id: PathId, caller: Looking) -> CaseInFullShown:
    project_id = at(caller, slug, Role.LEAD).project.id
    return _full(case_in_full(caller.session, project_id, case_id))


def _full(full: CaseInFull) -> CaseInFullShown:
    case = full.case
    return CaseInFullShown(
        **dict(_case_shown(case, full.notes)),
        content=dict(content_of(case.example_id, case.content)),
        status=case.status,
        final=case.final_label_id,
        other_notes=list(full.other_notes),
        settled_at=full.settled_at,
    )


@router.post(CASES + "/{case_id}/settle")
def post_ruling(slug: str, case_id: PathId, payload: RulingPayload, caller: Acting) -> RulingShown:
    said = Submission(
        payload.key,
        payload.verdict,
        label_id=payload.label,
        reason=payload.reason,
        note=payload.note,
    )
    recorded = settle(caller, slug, case_id, said)
    return RulingShown(seq=recorded.seq, outcome=recorded.outcome, status=recorded.status)


@router.post(CASES + "/{case_id}/undo")
def post_undo_ruling(
    slug: str, case_id: PathId, payload: UndoRulingPayload, caller: Acting
) -> UndoneShown:
    """Take your own ruling on this case back: the case is open again."""
    undone = take_back(caller, slug, case_id, key=payload.key)
    return UndoneShown(seq=undone.seq, undone=undone.decision_seq)


@router.post(CASES + "/{case_id}/leave")
def post_leave(slug: str, case_id: PathId, caller: Acting) -> Done:
    """Leave the final label as it is: for kinds not_confirmed and differs."""
    leave(caller, slug, case_id)
    return Done()


@router.post(CASES + "/{case_id}/third")
def post_third(slug: str, case_id: PathId, caller: Acting) -> Done:
    """Ask somebody who has not read it for one more independent read."""
    ask_third(caller, slug, case_id)
    return Done()
