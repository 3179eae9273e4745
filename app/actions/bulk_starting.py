"""A bulk fix begins: its group is fixed, and a random sample of it is read blind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.accounts.turn import By
from app.actions.activity import note_by
from app.actions.turn import Caller, at_console, work_by_slug
from app.audit.bulk_fixes import Fix, fix_of, fixes_of, under_way
from app.datasets.labels import labels_of
from app.db.log import ProjectLock
from app.db.tables.audit import BulkFix
from app.db.tables.datasets import Project
from app.db.words import BulkState, Role
from app.errors import Conflict, Invalid
from app.insights.bulk_groups import Group, Which, group_of
from app.noise.acceptance import (
    DEFAULT_FAILURES,
    DEFAULT_PRECISION,
    FLOORS,
    MOST_FAILURES,
    Plan,
    plan,
)
from app.review.batches.batch import Opening, open_batch
from app.review.batches.plan import BatchPlan

MOST_IN_GROUP = 100_000
"""Each changed example has its own event, written under the project's lock."""


@dataclass(frozen=True, slots=True)
class BulkAsked:
    """In this group every example of one label is to get another, if so many are right."""

    which: Which
    from_label: int
    to_label: int
    floor: float = DEFAULT_PRECISION
    failures: int = DEFAULT_FAILURES


def start_bulk_fix(caller: Caller, slug: str, asked: BulkAsked) -> Fix:
    """A lead has a random sample of a group read blind; the group is fixed from here on."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _start(turn.lock, asked, By.of(turn))


def start_from_console(session: Session, named: str, asked: BulkAsked) -> Fix:
    with at_console(session, named) as (lock, by):
        return _start(lock, asked, by)


def _start(lock: ProjectLock, asked: BulkAsked, by: By) -> Fix:
    session = lock.session
    _check_asked(session, lock.project_id, asked)
    project = session.get_one(Project, lock.project_id)
    group = group_of(session, project, asked.which)
    ids = _members(session, group, asked.from_label)
    planned = plan(asked.floor, failures=asked.failures, size=len(ids))
    _check_size(ids, planned)
    _check_alone(session, lock.project_id, ids)
    sampled = by.rng.sample(ids, planned.checks)
    batch = open_batch(
        lock,
        BatchPlan(by="bulk_check", example_ids=tuple(sampled), size=len(sampled)),
        Opening(by.person_id, by.now),
    )
    row = BulkFix(
        project_id=lock.project_id,
        number=_next_number(session, lock.project_id),
        words=group.words,
        from_label_id=asked.from_label,
        to_label_id=asked.to_label,
        floor=asked.floor,
        checks=planned.checks,
        failures=planned.failures,
        example_ids=ids,
        sampled=sampled,
        changed=[],
        batch_id=batch.id,
        state=BulkState.CHECKING,
        created_by=by.person_id,
        created_at=by.now,
    )
    session.add(row)
    session.flush()
    note_by(lock, by, ActivityKind.BULK_STARTED, number=row.number)
    return fix_of(session, lock.project_id, row.number)


def _check_asked(session: Session, project_id: int, asked: BulkAsked) -> None:
    usable = {label.id for label in labels_of(session, project_id)}
    if not {asked.from_label, asked.to_label} <= usable:
        raise Invalid(
            "A bulk fix leads from one label of this project to another.",
            next_step="Choose labels that are in use.",
        )
    if asked.from_label == asked.to_label:
        raise Invalid("Both labels are the same.", next_step="Choose another label to change to.")
    if asked.floor not in FLOORS:
        raise Invalid(
            "The share that must be right is 0.80, 0.90, 0.95 or 0.98.",
            next_step="Choose one of them.",
        )
    if not 0 <= asked.failures <= MOST_FAILURES:
        raise Invalid(f"At most {MOST_FAILURES} of the checks may fail.", next_step="Choose fewer.")


def _members(session: Session, group: Group, label_id: int) -> list[int]:
    query = group.members(label_id).limit(MOST_IN_GROUP + 1)
    return sorted(session.scalars(query))


def _check_size(ids: Sequence[int], planned: Plan) -> None:
    if not ids:
        raise Conflict(
            "No example of this group has that label and waits for a first reader.",
            next_step="Choose another group or label.",
            code="nothing_fits",
        )
    if len(ids) > MOST_IN_GROUP:
        raise Conflict(
            f"More than {MOST_IN_GROUP:,} examples are too many for one act.",
            next_step="Narrow the group.",
            code="group_large",
        )
    if planned.is_whole(len(ids)):
        raise Conflict(
            f"These are {len(ids):,} examples: to prove it would take nearly as many checks.",
            next_step="Make a batch of them and review all.",
            code="group_small",
        )


def _check_alone(session: Session, project_id: int, ids: Sequence[int]) -> None:
    mine = set(ids)
    for other in under_way(fixes_of(session, project_id)):
        shared = len(mine.intersection(other.row.example_ids))
        if shared:
            raise Conflict(
                f"Bulk fix {other.row.number} is about {shared:,} of these examples already.",
                next_step="Finish it or give it up first.",
                code="bulk_under_way",
            )


def _next_number(session: Session, project_id: int) -> int:
    last = select(func.coalesce(func.max(BulkFix.number), 0)).where(
        BulkFix.project_id == project_id
    )
    return (session.scalar(last) or 0) + 1
