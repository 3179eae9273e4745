"""Audits of a test set: opened, read on, worked out and closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.accounts.turn import By
from app.actions.activity import note, note_batch, note_by
from app.actions.turn import Caller, at_console, work_by_slug
from app.audit.kept_reports import keep_report
from app.audit.models.answers import NONE, Predicted, in_order, predicted
from app.audit.models.asking import STEPS, ask_for_report, due_test_audits
from app.audit.models.audits import (
    FEWEST_MODELS,
    MOST_MODELS,
    Audit,
    audit_by_id,
    last_audit,
)
from app.datasets.pushed_models import called, check_split, model_of
from app.db.engine import reading
from app.db.log import ProjectLock
from app.db.parts import parts
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.tables.models import Model, TestAudit, TestAuditKey, TestAuditModel
from app.db.tables.review import Batch
from app.db.words import ArrayState, Role
from app.errors import Conflict, Invalid
from app.progress import Progress, quiet
from app.review.batches.batch import Opening, open_batch
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.test_audit import next_unread

MOST_READS = 5_000
"""Of one batch; the next begins where it ends."""


@dataclass(frozen=True, slots=True)
class AuditAsked:
    """Which models are compared, and on what: a split, or every example."""

    models: tuple[int, ...]
    split: str = ""


def open_test_audit(caller: Caller, slug: str, asked: AuditAsked) -> Audit:
    """A lead asks which model is better; the random order of what they differ on is fixed.

    An audit that is open ends with it.
    """
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _open(turn.lock, asked, By.of(turn))


def open_from_console(session: Session, named: str, asked: AuditAsked) -> Audit:
    with at_console(session, named) as (lock, by):
        return _open(lock, asked, by)


def read_more(caller: Caller, slug: str, count: int) -> Batch:
    """A blind batch of the next so many examples that nobody has read, in their random order."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _read_more(turn.lock, count, By.of(turn))


def read_more_from_console(session: Session, named: str, count: int) -> Batch:
    with at_console(session, named) as (lock, by):
        return _read_more(lock, count, by)


def compare_again(caller: Caller, slug: str) -> Job:
    """Have the report worked out from what is decided now."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        audit = _last(turn.session, turn.project_id)
        by = turn.member.person_id
        return ask_for_report(turn.session, audit.row, by=by, now=turn.now)


def close_test_audit(caller: Caller, slug: str) -> Audit:
    """End it; its report stays, and another can be opened."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        audit = _open_one(turn.session, turn.project_id)
        audit.row.closed_at = turn.now
        turn.session.flush()
        ask_for_report(turn.session, audit.row, by=turn.member.person_id, now=turn.now)
        note(turn, ActivityKind.TEST_AUDIT_CLOSED, number=audit.row.number)
        return audit


def start_due_test_audits(session: Session, *, now: datetime) -> list[int]:
    """Enqueue the report of every audit that is due; which ones."""
    due = due_test_audits(session, now=now)
    for row in due:
        ask_for_report(session, row, by=None, now=now)
    return [row.id for row in due]


def compare_models(engine: Engine, audit_id: int, *, progress: Progress = quiet) -> bool:
    """Work the report out and keep it; False where the audit is gone. May run twice."""
    from app.audit.models.statistics import told

    progress(STEPS[0], 0, len(STEPS))
    with reading(engine) as session:
        audit = audit_by_id(session, audit_id)
        if audit is None:
            return False
        project = session.get_one(Project, audit.row.project_id)
        seq, ids = project.log_seq, tuple(model.id for model in audit.models)
        what = predicted(session, project, audit.row.split, ids).whole
        what = in_order(session, audit.row, what)
    progress(STEPS[1], 1, len(STEPS))
    report = told(what, ids, np.random.default_rng([audit_id, seq]))
    return keep_report(engine, TestAudit, audit_id, report.written(), up_to=seq)


def _open(lock: ProjectLock, asked: AuditAsked, by: By) -> Audit:
    session, project_id = lock.session, lock.project_id
    models = _models(session, project_id, asked)
    check_split(session, project_id, asked.split)
    project = session.get_one(Project, project_id)
    split = asked.split or None
    what = predicted(session, project, split, [model.id for model in models])
    _check_whole(what, asked, models)
    what = what.whole
    stays = ~what.gone
    known, drawn = (
        what.ids[what.differ & stays & part].tolist() for part in (what.decided, ~what.decided)
    )
    by.rng.shuffle(drawn)
    _end_open_one(session, project_id, by)
    row = TestAudit(
        project_id=project_id,
        number=_next_number(session, project_id),
        split=split,
        size=int(stays.sum()),
        differ=len(known) + len(drawn),
        known=len(known),
        opened_at=by.now,
        opened_by=by.person_id,
        report={},
    )
    session.add(row)
    session.flush()
    _keep(session, row, models, [*known, *drawn])
    opened = {"number": row.number, "size": row.size, "differ": row.differ}
    note_by(lock, by, ActivityKind.TEST_AUDIT_OPENED, **opened)
    ask_for_report(session, row, by=by.person_id, now=by.now)
    return Audit(row, tuple(models))


def _keep(session: Session, row: TestAudit, models: Sequence[Model], drawn: Sequence[int]) -> None:
    named = [
        {"audit_id": row.id, "model_id": model.id, "place": place}
        for place, model in enumerate(models)
    ]
    session.execute(insert(TestAuditModel), named)
    keys = [
        {"audit_id": row.id, "example_id": example, "place": place}
        for place, example in enumerate(drawn)
    ]
    for some in parts(keys):
        session.execute(insert(TestAuditKey), some)


def _models(session: Session, project_id: int, asked: AuditAsked) -> list[Model]:
    wanted = list(dict.fromkeys(asked.models))
    if not FEWEST_MODELS <= len(wanted) <= MOST_MODELS:
        raise Invalid(
            f"An audit compares {FEWEST_MODELS} to {MOST_MODELS} models.",
            next_step="Choose two or more." if len(wanted) < FEWEST_MODELS else "Choose fewer.",
            code="audit_models",
        )
    models = [model_of(session, project_id, one, hold=True) for one in wanted]
    for model in models:
        if model.state is not ArrayState.READY:
            raise Conflict(
                f"The predictions of {called(model)} cannot be used.",
                next_step="Look at what its check says, and push them again.",
                code="model_not_ready",
            )
    return models


def _check_whole(what: Predicted, asked: AuditAsked, models: Sequence[Model]) -> None:
    """Whoever says nothing of half a split cannot be compared on it."""
    of = f"split {asked.split}" if asked.split else "the project"
    stays = ~what.gone
    expected = int(stays.sum())
    if not expected:
        raise Conflict(
            f"No example of {of} came with a label.",
            next_step="An audit compares models on labeled examples.",
            code="nothing_labeled",
        )
    for model, said in zip(models, what.by_model, strict=True):
        missing = int((stays & (said == NONE)).sum())
        if missing:
            raise Conflict(
                f"{called(model)} has no prediction for {missing:,} of {expected:,} examples "
                f"of {of}.",
                next_step="Push its predictions for all of them, or choose the split they are of.",
                code="predictions_missing",
            )


def _read_more(lock: ProjectLock, count: int, by: By) -> Batch:
    session = lock.session
    if not 1 <= count <= MOST_READS:
        raise Invalid(
            f"A batch of an audit has 1 to {MOST_READS:,} examples.",
            next_step="Choose another number.",
        )
    audit = _open_one(session, lock.project_id)
    chosen = tuple(next_unread(session, lock.project_id, count))
    if not chosen:
        raise Conflict(
            "All examples on which these models differ are decided or handed out."
            if audit.row.differ
            else "These models do not differ on any example.",
            next_step="Look at the report; what is handed out still has to be answered.",
            code="nothing_fits",
        )
    plan = BatchPlan(by="test_audit", example_ids=chosen, size=len(chosen))
    batch = open_batch(lock, plan, Opening(by.person_id, by.now))
    note_batch(lock, batch, by=by.person_id, now=by.now)
    return batch


def _last(session: Session, project_id: int) -> Audit:
    audit = last_audit(session, project_id)
    if audit is None:
        raise _none()
    return audit


def _open_one(session: Session, project_id: int) -> Audit:
    audit = last_audit(session, project_id, only_open=True)
    if audit is None:
        raise _none()
    return audit


def _none() -> Conflict:
    return Conflict(
        "No test-set audit is open.",
        next_step="Choose the models to compare, and open one.",
        code="no_test_audit",
    )


def _end_open_one(session: Session, project_id: int, by: By) -> None:
    """What it found stays; what is being read of it is read on."""
    audit = last_audit(session, project_id, only_open=True)
    if audit is not None:
        audit.row.closed_at = by.now
        session.flush()


def _next_number(session: Session, project_id: int) -> int:
    last = select(func.max(TestAudit.number)).where(TestAudit.project_id == project_id)
    return (session.scalar(last) or 0) + 1
