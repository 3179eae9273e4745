"""Bulk fixes, for programs: a group gets another label with one act, once a sample proved it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.actions.bulk_fixing import (
    BulkDone,
    apply_bulk_fix,
    give_up_bulk_fix,
    undo_bulk_fix,
)
from app.actions.bulk_starting import BulkAsked, start_bulk_fix
from app.audit.bulk_fixes import Fix, fix_of, fixes_of
from app.db.words import Role
from app.insights.bulk import state_words
from app.noise.acceptance import DEFAULT_FAILURES, DEFAULT_PRECISION
from app.web.bulk_query import Grouped
from app.web.payloads import Id, PathId, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()
BULK = "/api/v1/projects/{slug}/bulk"


class BulkPayload(Payload):
    """`floor`: the share that must be right, 0.80, 0.90, 0.95 or 0.98; `failures`: how many of
    the checks may fail, 0 to 3."""

    from_label: Id
    to_label: Id
    floor: float = Field(default=DEFAULT_PRECISION, gt=0, lt=1)
    failures: int = Field(default=DEFAULT_FAILURES, ge=0, le=10)


class BulkShown(BaseModel):
    """A bulk fix: of its `checks` so many are `right`, `failed` or `open`. `at_least` is the share
    of the `size` examples that is right (95 % sure), counting what is open as failed; `changed` how
    many have the new label by it. Labels by their ids, as they are called now.

    `state` is checking, ready, refused, applied, undone or given_up.
    """

    number: int
    group: str
    from_label: int
    to_label: int
    floor: float
    failures: int
    checks: int
    right: int
    failed: int
    open: int
    size: int
    changed: int
    state: str
    words: str
    at_least: float
    new_errors: float
    batch: int
    created_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None


class BulkChanged(BaseModel):
    """How many examples have another label now, and how many of the group keep theirs."""

    number: int
    changed: int
    left: int


def _shown(fix: Fix) -> BulkShown:
    row = fix.row
    return BulkShown(
        number=row.number,
        group=row.words,
        from_label=fix.from_label,
        to_label=fix.to_label,
        floor=row.floor,
        failures=row.failures,
        checks=row.checks,
        right=fix.right,
        failed=fix.failed,
        open=row.checks - fix.decided,
        size=fix.size,
        changed=len(row.changed),
        state=fix.state.value,
        words=state_words(fix),
        at_least=fix.at_least,
        new_errors=fix.new_errors,
        batch=fix.batch,
        created_at=row.created_at,
        applied_at=row.applied_at,
        undone_at=row.undone_at,
    )


def _changed(told: BulkDone) -> BulkChanged:
    return BulkChanged(number=told.number, changed=told.changed, left=told.left)


@router.get(BULK)
def read_bulk_fixes(slug: str, caller: Looking) -> list[BulkShown]:
    """Every bulk fix of the project, the last first."""
    project = at(caller, slug, Role.LEAD).project
    return [_shown(one) for one in fixes_of(caller.session, project.id)]


@router.post(BULK, status_code=201)
def begin_bulk_fix(slug: str, payload: BulkPayload, which: Grouped, caller: Acting) -> BulkShown:
    """Have a random sample of a group read blind. Nothing is changed yet."""
    asked = BulkAsked(which, payload.from_label, payload.to_label, payload.floor, payload.failures)
    return _shown(start_bulk_fix(caller, slug, asked))


@router.get(BULK + "/{number}")
def read_bulk_fix(slug: str, number: PathId, caller: Looking) -> BulkShown:
    """One bulk fix, as its checks stand now."""
    project = at(caller, slug, Role.LEAD).project
    return _shown(fix_of(caller.session, project.id, number))


@router.post(BULK + "/{number}/apply")
def apply_one(slug: str, number: PathId, caller: Acting) -> BulkChanged:
    """Give every example of the group that nobody has answered its new label. A new estimate of
    what is left begins, and the examples are ranked anew."""
    return _changed(apply_bulk_fix(caller, slug, number))


@router.post(BULK + "/{number}/undo")
def undo_one(slug: str, number: PathId, caller: Acting) -> BulkChanged:
    """Give what nobody has answered since its earlier label back."""
    return _changed(undo_bulk_fix(caller, slug, number))


@router.post(BULK + "/{number}/give-up")
def give_up_one(slug: str, number: PathId, caller: Acting) -> BulkShown:
    """End the checks without a change."""
    give_up_bulk_fix(caller, slug, number)
    project = at(caller, slug, Role.LEAD).project
    return _shown(fix_of(caller.session, project.id, number))
