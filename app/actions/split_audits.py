"""Audits of one split: opened, read on, told and closed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, exists, func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind, Detail
from app.accounts.turn import By
from app.actions.activity import note_batch, note_by
from app.actions.turn import Caller, at_console, work_by_slug
from app.audit.kept_reports import keep_report
from app.audit.models.answers import in_split
from app.audit.splits.asking import ask_for_report, due_split_audits
from app.audit.splits.audits import is_open, split_audit
from app.datasets.current_labels import current_label, standing_label
from app.datasets.pushed_models import check_split
from app.db.engine import reading
from app.db.log import ProjectLock
from app.db.parts import parts
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.jobs import Job
from app.db.tables.models import SplitAudit, SplitAuditKey
from app.db.tables.review import Batch
from app.db.words import UNDECIDED, Role
from app.errors import Conflict, Invalid
from app.progress import Progress, quiet
from app.review.batches.batch import Opening, open_batch
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.split_audit import next_draws

MOST_DRAWS = 5_000
"""Of one batch; the next begins where it ends."""


def open_split_audit(caller: Caller, slug: str, split: str) -> SplitAudit:
    """A lead asks how many labels of a split are wrong; its pool and random order are fixed.

    An audit of the split that is open ends with it.
    """
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _open(turn.lock, split, By.of(turn))


def open_split_from_console(session: Session, named: str, split: str) -> SplitAudit:
    with at_console(session, named) as (lock, by):
        return _open(lock, split, by)


def draw_more(caller: Caller, slug: str, split: str, count: int) -> Batch:
    """A blind batch of the next so many random examples of the split."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _draw_more(turn.lock, split, count, By.of(turn))


def draw_more_from_console(session: Session, named: str, split: str, count: int) -> Batch:
    with at_console(session, named) as (lock, by):
        return _draw_more(lock, split, count, by)


def tell_split_again(caller: Caller, slug: str, split: str) -> Job:
    """Have the report told from what is decided now."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        audit = _open_one(turn.session, turn.project_id, split)
        return ask_for_report(turn.session, audit, by=turn.member.person_id, now=turn.now)


def close_split_audit(caller: Caller, slug: str, split: str) -> SplitAudit:
    """End it; its report stays, and another can be opened."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        audit = _open_one(turn.session, turn.project_id, split)
        by = By.of(turn)
        audit.closed_at = by.now
        turn.session.flush()
        ask_for_report(turn.session, audit, by=by.person_id, now=by.now)
        note_by(turn.lock, by, ActivityKind.SPLIT_AUDIT_CLOSED, **_named(audit))
        return audit


def start_due_split_audits(session: Session, *, now: datetime) -> list[int]:
    """Enqueue the report of every audit that is due; which ones."""
    due = due_split_audits(session, now=now)
    for row in due:
        ask_for_report(session, row, by=None, now=now)
    return [row.id for row in due]


def tell_split(engine: Engine, audit_id: int, *, progress: Progress = quiet) -> bool:
    """Tell the report and keep it; False where the audit is gone or over. May run twice."""
    from app.audit.splits.asking import STEPS
    from app.audit.splits.telling import told

    progress(STEPS[0], 0, len(STEPS))
    with reading(engine) as session:
        audit = session.get(SplitAudit, audit_id)
        if audit is None:
            return False
        project = session.get_one(Project, audit.project_id)
        if project.epoch_id != audit.epoch_id:
            return False  # what was served since is of another epoch: the last report stays
        seq, report = project.log_seq, told(session, audit)
    return keep_report(engine, SplitAudit, audit_id, report.written(), up_to=seq)


def _open(lock: ProjectLock, split: str, by: By) -> SplitAudit:
    session, project_id = lock.session, lock.project_id
    if not split:
        raise Invalid(
            "Name the split that is audited.",
            next_step="Wrong labels of the whole project are told by the running estimate.",
            code="no_split",
        )
    check_split(session, project_id, split)
    if lock.epoch_id is None:
        raise Conflict(
            "No running estimate is open in this project.",
            next_step="Import labeled examples: it opens with them.",
            code="no_epoch",
        )
    carried, fresh = _pool(session, project_id, split, lock.epoch_id)
    if not carried and not fresh:
        raise _nothing(split)
    by.rng.shuffle(fresh)
    before = split_audit(session, project_id, split, only_open=True)
    if before is not None:
        before.closed_at = by.now
    last = select(func.max(SplitAudit.number)).where(SplitAudit.project_id == project_id)
    row = SplitAudit(
        project_id=project_id,
        number=(session.scalar(last) or 0) + 1,
        split=split,
        epoch_id=lock.epoch_id,
        pool=len(carried) + len(fresh),
        carried=len(carried),
        opened_at=by.now,
        opened_by=by.person_id,
        report={},
    )
    session.add(row)
    session.flush()
    keys = [
        {"audit_id": row.id, "example_id": example, "place": place, "label_at_open": label}
        for place, (example, label) in enumerate([*carried, *fresh])
    ]
    for some in parts(keys):
        session.execute(insert(SplitAuditKey), some)
    note_by(lock, by, ActivityKind.SPLIT_AUDIT_OPENED, **_named(row), size=row.pool)
    ask_for_report(session, row, by=by.person_id, now=by.now)
    return row


Labelled = list[tuple[int, int]]
"""Examples, each with the label that stands for it."""


def _pool(
    session: Session, project_id: int, split: str, epoch_id: int
) -> tuple[Labelled, Labelled]:
    """What is undecided: handed out before in this epoch, and the rest."""
    served = exists().where(Serve.epoch_id == epoch_id, Serve.example_id == Example.id)
    query = select(Example.id, current_label(standing_label()), served).where(
        *in_split(project_id, split), Example.status.in_(sorted(UNDECIDED))
    )
    rows = session.execute(query.order_by(Example.id)).all()
    carried, fresh = (
        [(example, label) for example, label, was in rows if bool(was) is handed_out]
        for handed_out in (True, False)
    )
    return carried, fresh


def _draw_more(lock: ProjectLock, split: str, count: int, by: By) -> Batch:
    session = lock.session
    if not 1 <= count <= MOST_DRAWS:
        raise Invalid(
            f"A batch of an audit has 1 to {MOST_DRAWS:,} examples.",
            next_step="Choose another number.",
        )
    audit = _open_one(session, lock.project_id, split)
    chosen = next_draws(session, audit, count)
    if not chosen:
        raise Conflict(
            f"All labels of split {split} are decided or handed out.",
            next_step="Look at the report; what is handed out still has to be answered.",
            code="nothing_fits",
        )
    plan = BatchPlan(by="split_audit", example_ids=tuple(chosen), size=len(chosen))
    batch = open_batch(lock, plan, Opening(by.person_id, by.now))
    for some in parts(chosen):
        session.execute(
            update(SplitAuditKey)
            .where(
                SplitAuditKey.audit_id == audit.id,
                SplitAuditKey.example_id.in_(some),
                SplitAuditKey.drawn_at.is_(None),
            )
            .values(drawn_at=lock.serve_seq)
            .execution_options(synchronize_session=False)
        )
    note_batch(lock, batch, by=by.person_id, now=by.now)
    return batch


def _open_one(session: Session, project_id: int, split: str) -> SplitAudit:
    audit = split_audit(session, project_id, split)
    if audit is not None and is_open(session, audit):
        return audit
    over = audit is not None and audit.closed_at is None
    raise Conflict(
        f"The running estimate began anew, and with it ended the audit of split {split}."
        if over
        else f"No audit of split {split!r} is open.",
        next_step="Open one.",
        code="no_split_audit",
    )


def _nothing(split: str) -> Conflict:
    return Conflict(
        f"Every label of split {split} is decided.",
        next_step="There is nothing left to draw from: look at its examples.",
        code="split_decided",
    )


def _named(audit: SplitAudit) -> dict[str, Detail]:
    return {"number": audit.number, "split": audit.split}
