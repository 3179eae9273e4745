"""Batches, for programs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from app.accounts.membership import require
from app.actions.batches import BatchChange, change, make
from app.datasets.display_names import name_on_screen
from app.db.tables.review import Batch
from app.db.words import BatchState, Role
from app.errors import NotFound
from app.insights.batch_pace import pace_of
from app.insights.batch_preview import preview
from app.insights.batches import PAGE, BatchRow, batch_detail, batch_rows
from app.insights.checks import CheckRow, check_of, names_of_each
from app.review.batches.plan import due_time
from app.review.books.progress import people_in_batch
from app.web.api.batch_bodies import (
    BatchChangePayload,
    BatchesShown,
    BatchInFull,
    BatchShown,
    CheckShown,
    PartShown,
    PreviewShown,
)
from app.web.api.batch_plans import UNTIL_SURE, BatchPayload, PlanPayload, asked_plan, plan_of
from app.web.bodies import takes_lists
from app.web.payloads import PathId
from app.web.who import Acting, Looking, at, viewer_of

router = APIRouter()


def _shown(row: BatchRow) -> dict[str, object]:
    batch = row.batch
    return {
        "id": batch.id,
        "number": batch.number,
        "name": batch.name,
        "rule": row.rule,
        "state": batch.state,
        "mode": batch.mode,
        "reads": UNTIL_SURE if batch.rule.get("until_sure") else batch.reads,
        "routing": batch.routing,
        "audit_share": batch.audit_share,
        "second_share": batch.second_share,
        "size": batch.size,
        "done": row.done,
        "everyone": batch.everyone,
        "people": [person for person, _ in row.people],
        "due": batch.due_at,
        "created_at": batch.created_at,
        "closed_at": batch.closed_at,
    }


def _full(session: Session, batch: Batch) -> BatchInFull:
    detail = batch_detail(session, batch)
    parts = [
        PartShown.model_validate(asdict(part) | {"person": part.person_id})
        for part in people_in_batch(session, batch)
    ]
    names = ("waiting", "held", "began_with", "put_aside", "referred")
    more = {name: getattr(detail, name) for name in names}
    pace = pace_of(session, detail.row)
    told = {"seconds_left": pace.seconds_left, "hits": pace.hits and asdict(pace.hits)}
    check = check_of(session, batch, names_of_each(session, batch))
    checks = [_check_shown(row) for row in check.rows] if check is not None else []
    return BatchInFull.model_validate(
        _shown(detail.row)
        | more
        | told
        | {"second_reads_owed": pace.owed, "parts": parts, "checks": checks}
    )


def _check_shown(row: CheckRow) -> CheckShown:
    seen = row.seen
    low, high = seen.limits if seen.enough else (None, None)
    return CheckShown(
        id=seen.of,
        name=name_on_screen(row.name).came,
        drawn=seen.drawn,
        decided=seen.decided,
        wrong=seen.wrong,
        low=low,
        high=high,
    )


Before = Annotated[int | None, Query(ge=1, le=10**9)]


@router.get("/api/v1/projects/{slug}/batches")
def read_batches(slug: str, caller: Looking, before: Before = None) -> BatchesShown:
    """Newest first; `next_before` asks for what is older."""
    here = at(caller, slug, Role.LEAD)
    rows = batch_rows(caller.session, here.project.id, tuple(BatchState), before=before)
    more = rows[-1].batch.number if len(rows) == PAGE else None
    shown = [BatchShown.model_validate(_shown(row)) for row in rows]
    return BatchesShown(batches=shown, next_before=more)


@router.post(takes_lists("/api/v1/projects/{slug}/batches"), status_code=201)
def post_batch(slug: str, payload: BatchPayload, caller: Acting) -> BatchInFull:
    here = at(caller, slug, Role.LEAD)
    plan = asked_plan(payload, caller.who.id)
    plan = replace(plan, due_at=due_time(payload.due, now=caller.now))
    return _full(caller.session, make(caller, here.project.id, plan))


@router.post(takes_lists("/api/v1/projects/{slug}/batches/preview"))
def preview_batch(slug: str, payload: PlanPayload, caller: Looking) -> PreviewShown:
    """How many examples fit, and what each share of random reads buys; nothing is made."""
    here = at(caller, slug, Role.LEAD)
    plan = plan_of(payload, caller.who.id)
    plan_preview = preview(caller.session, here.project, plan, viewer_of(caller))
    return PreviewShown.model_validate(plan_preview, from_attributes=True)


@router.get("/api/v1/batches/{batch_id}")
def read_batch(batch_id: PathId, caller: Looking) -> BatchInFull:
    batch = caller.session.get(Batch, batch_id)
    if batch is None:
        raise NotFound()
    require(caller.in_project(batch.project_id), Role.LEAD)
    return _full(caller.session, batch)


@router.patch("/api/v1/batches/{batch_id}")
def patch_batch(batch_id: PathId, payload: BatchChangePayload, caller: Acting) -> BatchInFull:
    batch = change(caller, batch_id, BatchChange(payload.state, payload.people, payload.routing))
    return _full(caller.session, batch)
