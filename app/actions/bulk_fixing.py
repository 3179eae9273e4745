"""A group of examples gets another label with one act, which can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.accounts.turn import By
from app.actions.activity import note_by
from app.actions.turn import Caller, at_console, work_by_slug
from app.audit.bulk_fixes import Fix, fix_of
from app.audit.epochs import open_epoch
from app.datasets.current_labels import is_standing_label
from app.db.log import ProjectLock
from app.db.tables.review import Batch
from app.db.words import BatchState, BulkState, Role
from app.errors import Conflict
from app.jobs import queue
from app.ranking.runs import score_anew, scoring_job
from app.review.batches.batch import set_state
from app.review.batches.rules.registry import rule_of
from app.review.books.bulk_labels import (
    NewLabel,
    labeled_by,
    leave_batches,
    set_labels,
    unanswered_with,
    unclosed_batches,
)


@dataclass(frozen=True, slots=True)
class BulkDone:
    """How many examples have another label now, and how many of the group keep theirs."""

    number: int
    changed: int
    left: int


def apply_bulk_fix(caller: Caller, slug: str, number: int) -> BulkDone:
    """Give the group its label, if the checks prove what was asked for."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _apply(turn.lock, number, By.of(turn))


def undo_bulk_fix(caller: Caller, slug: str, number: int) -> BulkDone:
    """Give those that nobody has answered since the label back that they had."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _undo(turn.lock, number, By.of(turn))


def give_up_bulk_fix(caller: Caller, slug: str, number: int) -> None:
    """End the checks without a change; what was answered stays."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        _give_up(turn.lock, number, By.of(turn))


def apply_from_console(session: Session, named: str, number: int) -> BulkDone:
    with at_console(session, named) as (lock, by):
        return _apply(lock, number, by)


def undo_from_console(session: Session, named: str, number: int) -> BulkDone:
    with at_console(session, named) as (lock, by):
        return _undo(lock, number, by)


_NOT_READY = {
    BulkState.CHECKING: ("Its checks are not finished.", "Have its batch read first."),
    BulkState.REFUSED: (
        "Too many of its checks failed: the group is not right often enough.",
        "Review the group one by one.",
    ),
    BulkState.APPLIED: ("It is applied already.", "Nothing more to do."),
    BulkState.UNDONE: ("It was undone.", "Start another one, with fresh checks."),
    BulkState.GIVEN_UP: ("Its checks were ended.", "Start another one."),
}


def _apply(lock: ProjectLock, number: int, by: By) -> BulkDone:
    session = lock.session
    fix = fix_of(session, lock.project_id, number)
    if fix.state is not BulkState.READY:
        what, then = _NOT_READY[fix.state]
        raise Conflict(what, next_step=then, code="bulk_state")
    _check_two_labels(fix)
    before = is_standing_label(fix.from_label)
    ids = unanswered_with(session, lock.project_id, fix.row.example_ids, before)
    _change(lock, fix, ids, fix.to_label, by)
    row = fix.row
    row.state, row.changed = BulkState.APPLIED, ids
    row.applied_by, row.applied_at = by.person_id, by.now
    note_by(lock, by, ActivityKind.BULK_APPLIED, number=number)
    session.flush()
    return BulkDone(number, len(ids), fix.size - len(ids))


def _undo(lock: ProjectLock, number: int, by: By) -> BulkDone:
    session = lock.session
    fix = fix_of(session, lock.project_id, number)
    if fix.state not in (BulkState.APPLIED, BulkState.UNDONE):
        raise Conflict("It was never applied.", next_step="Nothing more to do.", code="bulk_state")
    row, ids = fix.row, labeled_by(session, fix.row, fix.to_label)
    if fix.state is BulkState.UNDONE and not ids:
        raise Conflict("It was undone.", next_step="Nothing more to do.", code="bulk_state")
    _check_two_labels(fix)
    _change(lock, fix, ids, fix.from_label, by)
    row.state, row.undone_by, row.undone_at = BulkState.UNDONE, by.person_id, by.now
    note_by(lock, by, ActivityKind.BULK_UNDONE, number=number)
    session.flush()
    return BulkDone(number, len(ids), len(row.changed) - len(ids))


def _check_two_labels(fix: Fix) -> None:
    if fix.from_label == fix.to_label:
        raise Conflict(
            "Its two labels were merged since: they are one label now.",
            next_step="Nothing more to do.",
            code="bulk_merged",
        )


def _change(lock: ProjectLock, fix: Fix, ids: Sequence[int], label_id: int, by: By) -> None:
    """The labels, and what follows: batches of one label, a new estimate, a new ranking."""
    if not ids:
        raise Conflict(
            "Nobody's answer is missing any more: every example of it is decided, or has another "
            "label.",
            next_step="Nothing is left to change.",
            code="bulk_empty",
        )
    set_labels(lock, ids, NewLabel(fix.row.number, label_id, by.person_id, by.pseudonym, by.now))
    of_one_label = [one.id for one in unclosed_batches(lock) if rule_of(one.rule).asks_label]
    leave_batches(lock, ids, of_one_label, now=by.now)
    open_epoch(lock, reason="bulk fix", now=by.now, rng=by.rng)
    running = scoring_job(lock.session, lock.project_id)
    if running is not None:
        queue.cancel(lock.session, running.id, now=by.now)
    if running is not None or lock.run_id is not None:
        score_anew(lock.session, lock.project_id, created_by=by.person_id, now=by.now)


def _give_up(lock: ProjectLock, number: int, by: By) -> None:
    fix = fix_of(lock.session, lock.project_id, number)
    if fix.row.state is not BulkState.CHECKING:
        raise Conflict(
            "Its checks are over.", next_step="Undo it, if it was wrong.", code="bulk_state"
        )
    fix.row.state = BulkState.GIVEN_UP
    batch = lock.session.get_one(Batch, fix.row.batch_id)
    if batch.state is not BatchState.CLOSED:
        set_state(lock, batch, BatchState.CLOSED, now=by.now)
    note_by(lock, by, ActivityKind.BULK_GIVEN_UP, number=number)
    lock.session.flush()
