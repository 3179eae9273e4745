"""Examples, for programs: the list by keyset, one with its whole history, and reopening it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.erasing import erase_example
from app.actions.rulings import reopen
from app.datasets.cell import shown_columns
from app.datasets.labels import labels_of
from app.datasets.visible import visible_imports
from app.datatypes.shown import content_of
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score
from app.db.words import Reason, Role, Status
from app.errors import NotFound
from app.insights.history import history
from app.insights.listing import Asked, ExampleRow, Order, listing
from app.ranking.signal_names import Signal, names_of
from app.review.books.erased import erased_on
from app.web.example_filters import Cursor, Filtering, Sorting
from app.web.payloads import PathId, Payload
from app.web.sessions import Reading
from app.web.who import Acting, Asking, Looking, at, at_project

router = APIRouter()
EXAMPLES = "/api/v1/projects/{slug}/examples"


class ReopenPayload(Payload):
    """`key` makes a retry answer with the first result."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": "00000000-0000-4000-8000-000000000002"}]}
    )

    key: str = Field(min_length=1, max_length=64)


class ErasePayload(Payload):
    """`confirm` is the id of the example as its file says it: what is erased never comes back."""

    confirm: str = Field(min_length=1, max_length=10_000)


class ErasedShown(BaseModel):
    """Its event in the log; how many releases lost their files; the job that deletes files."""

    example: int
    seq: int
    at: datetime
    releases: int
    job: int | None


class ExampleShown(BaseModel):
    id: int
    key: str
    content: dict[str, Any]
    split: str
    status: Status
    given: int | None
    bulk: int | None
    final: int | None
    removed_reason: Reason | None
    priority: float | None
    quality: float | None
    difficulty: float | None
    suggestions: list[tuple[int, float]]
    signals: list[Signal]


class ExamplesShown(BaseModel):
    matching: int
    total: int
    statuses: dict[Status, int]
    examples: list[ExampleShown]
    next_cursor: str | None


class MomentShown(BaseModel):
    at: datetime
    kind: str
    who: str
    words: str
    how: str
    note: str
    seq: int | None
    undone: bool


class ExampleInFull(ExampleShown):
    row: int
    columns: dict[str, str]
    erased_at: datetime | None
    history: list[MomentShown]


class Reopened(BaseModel):
    seq: int


def _shown(row: ExampleRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "key": row.key,
        "content": content_of(row.id, row.content),
        "split": row.split,
        "status": row.status,
        "given": row.given_label_id,
        "bulk": row.bulk_label_id,
        "final": row.final_label_id,
        "removed_reason": row.removed_reason,
        "priority": row.priority,
        "quality": row.quality,
        "difficulty": row.difficulty,
        "suggestions": row.suggestions or [],
        "signals": names_of(row.signals),
    }


async def page_of_examples(
    sort: Sorting = Order.PRIORITY,
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Asked:
    return Asked(sort, cursor, limit)


Page = Annotated[Asked, Depends(page_of_examples)]


@router.get(EXAMPLES)
def read_examples(slug: str, wanted: Filtering, page: Page, caller: Looking) -> ExamplesShown:
    """One page in the order asked for; `next_cursor` asks for the next."""
    here = at(caller, slug, Role.LEAD)
    listed = listing(caller.session, here.project, wanted, page)
    return ExamplesShown(
        matching=listed.counts.matching,
        total=listed.counts.total,
        statuses=listed.counts.statuses,
        examples=[ExampleShown.model_validate(_shown(row)) for row in listed.rows],
        next_cursor=listed.following or None,
    )


def _row(session: Session, project: Project, example_id: int) -> Any:
    row: Any = session.execute(
        select(
            *Example.__table__.columns,
            Score.priority,
            Score.quality,
            Score.difficulty,
            Score.suggestions,
            Score.signals,
        )
        .outerjoin(Score, (Score.run_id == project.run_id) & (Score.example_id == Example.id))
        .where(
            Example.id == example_id,
            Example.project_id == project.id,
            Example.import_id.in_(visible_imports(project.id)),
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row


@router.get(EXAMPLES + "/{example_id}")
def read_example(asker: Asking, slug: str, example_id: PathId, session: Reading) -> ExampleInFull:
    here = at_project(session, asker, slug, Role.LEAD)
    row = _row(session, here.project, example_id)
    names = {label.id: label.name for label in labels_of(session, here.project.id, retired=True)}
    about = session.get_one(Example, example_id)
    moments = history(session, about, names, viewer=asker.who.id)
    told = [MomentShown.model_validate(one, from_attributes=True) for one in moments]
    more = {"columns": shown_columns(row.columns), "erased_at": erased_on(session, example_id)}
    return ExampleInFull.model_validate(_shown(row) | more | {"row": row.row, "history": told})


@router.post(EXAMPLES + "/{example_id}/reopen")
def post_reopen(slug: str, example_id: PathId, payload: ReopenPayload, caller: Acting) -> Reopened:
    """Put it before the reviewers again; earlier answers no longer count."""
    here = at(caller, slug, Role.LEAD)
    return Reopened(seq=reopen(caller, here.project.id, example_id, key=payload.key))


@router.post(EXAMPLES + "/{example_id}/erase")
def post_erase(slug: str, example_id: PathId, payload: ErasePayload, caller: Acting) -> ErasedShown:
    """Erase it for ever: its text goes from everywhere, with the files of releases that hold it."""
    done = erase_example(caller, slug, example_id, payload.confirm)
    return ErasedShown(
        example=done.example_id, seq=done.seq, at=done.at, releases=done.releases, job=done.job
    )
