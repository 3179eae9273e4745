"""An import is withdrawn, or withdrawn and read again, as long as nothing was made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.turn import By
from app.actions.turn import Caller, at_console, work_by_slug
from app.audit.epochs import open_epoch
from app.datasets.asking import ask_check, import_of
from app.datasets.import_lock import lock_import
from app.datasets.mapping import StoredFile, mapping_of
from app.datasets.report import report_of
from app.datasets.stage import FileToImport, stage_file
from app.datasets.visible import visible_imports
from app.datasets.withdraw import take_out
from app.db.log import ProjectLock
from app.db.tables.audit import Serve
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.releases import Release
from app.db.tables.review import Batch, BatchMember, Event, Lease, ReadDue
from app.db.words import BatchState, ImportState, Role, RunState, WhyDone, WhyEnded
from app.errors import Conflict, NotFound
from app.jobs import queue
from app.ranking.runs import scoring_job, start_scoring
from app.review.batches.batch import set_state
from app.review.books.leases import give_back, live_leases


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An import that is taken out; `again` is the same file, read anew."""

    data_import: DataImport
    again: DataImport | None = None


def withdraw_import(caller: Caller, slug: str, import_id: int, *, again: bool = False) -> Withdrawn:
    """Take an import out that nobody has worked on; `again`: have its file read anew at once."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        import_of(turn.session, turn.project_id, import_id)
        by = By.of(turn)
        return _withdraw(turn.lock, import_id, by, again=again)


def withdraw_from_console(
    session: Session, named: str, import_id: int | None, *, now: datetime
) -> Withdrawn:
    """The same for whoever holds the machine; without a number, the import that was done last."""
    with at_console(session, named, now=now) as (lock, by):
        project = session.get_one(Project, lock.project_id)
        return _withdraw(lock, _last_done(session, project, import_id), by, again=False)


def _last_done(session: Session, project: Project, import_id: int | None) -> int:
    if import_id is not None:
        return import_of(session, project.id, import_id).id
    last = session.scalar(
        select(func.max(DataImport.id)).where(
            DataImport.project_id == project.id, DataImport.state == ImportState.DONE
        )
    )
    if last is None:
        raise NotFound(
            f"Nothing that was imported into {project.name} is there.",
            next_step="Look at the imports of the project.",
        )
    return last


def _withdraw(lock: ProjectLock, import_id: int, by: By, *, again: bool) -> Withdrawn:
    session = lock.session
    data_import = lock_import(session, import_id)
    refused = why_not(session, data_import)
    if refused is not None:
        raise refused
    if again and (erased := report_of(data_import.report).get("files_erased")):
        raise Conflict(
            f"The file of this import was deleted on {erased}, when an example was erased.",
            next_step="Withdraw the import, then bring the file again without that example.",
            code="file_erased",
        )
    given = FileToImport(
        StoredFile(data_import.file_name, data_import.sha256, data_import.size),
        mapping_of(data_import.mapping),
    )
    _end_reads(lock, data_import, now=by.now)
    take_out(lock, data_import, actor=by.pseudonym, now=by.now)
    open_epoch(lock, reason="withdrawal", now=by.now, rng=by.rng)
    _rank_the_rest(lock, by)
    staged = None
    if again:
        staged = stage_file(session, lock.project_id, given, by=by.person_id, now=by.now)
        ask_check(session, staged, by=by.person_id, now=by.now)
    return Withdrawn(data_import, staged)


def why_not(session: Session, data_import: DataImport) -> Conflict | None:
    """Why an import cannot be withdrawn, in words; None if it can."""
    if data_import.state is not ImportState.DONE:
        return Conflict(
            "This import is not in the project.",
            next_step="One that is under way is cancelled instead.",
            code="import_state",
        )
    worked_on = _worked_on(session, data_import.id)
    if worked_on:
        return Conflict(
            f"{worked_on:,} of its examples were answered, put aside or ruled on already.",
            next_step="Remove examples by decisions, or archive the project: answers are kept.",
            code="import_answered",
        )
    release = _release_of_it(session, data_import)
    if release is not None:
        return Conflict(
            f"Release {release.number} has its rows.",
            next_step="What was released stays as it is. Archive the project, and import the file "
            "into a new one.",
            code="import_released",
        )
    return None


def _worked_on(session: Session, import_id: int) -> int:
    """Examples that the log says anything about."""
    query = (
        select(func.count(func.distinct(Event.example_id)))
        .join(Example, Example.id == Event.example_id)
        .where(Example.import_id == import_id)
    )
    return session.execute(query).scalar_one()


def _release_of_it(session: Session, data_import: DataImport) -> Release | None:
    """The first release that has the rows, or may come to have them."""
    complete = (Release.state == RunState.COMPLETE) & (Release.up_to_seq >= (data_import.seq or 0))
    query = (
        select(Release)
        .where(
            Release.project_id == data_import.project_id,
            or_(complete, Release.state == RunState.RUNNING),
        )
        .order_by(Release.number)
        .limit(1)
    )
    return session.scalars(query).first()


def _end_reads(lock: ProjectLock, data_import: DataImport, *, now: datetime) -> None:
    """Nobody holds or owes one of its examples any more, and batches that have some are closed."""
    session = lock.session
    its = select(Example.id).where(Example.import_id == data_import.id)
    member = exists().where(BatchMember.batch_id == Batch.id, BatchMember.example_id.in_(its))
    served = exists().where(Serve.batch_id == Batch.id, Serve.example_id.in_(its))
    batches = select(Batch).where(
        Batch.project_id == lock.project_id, Batch.state != BatchState.CLOSED, or_(member, served)
    )
    for batch in session.scalars(batches).all():
        set_state(lock, batch, BatchState.CLOSED, now=now)
    leases = live_leases(lock, Lease.example_id.in_(its))
    give_back(lock, leases, why=WhyEnded.WITHDRAWN, now=now)
    session.execute(
        update(ReadDue)
        .where(
            ReadDue.project_id == lock.project_id,
            ReadDue.done_at.is_(None),
            ReadDue.example_id.in_(its),
        )
        .values(done_at=now, done_why=WhyDone.WITHDRAWN)
        .execution_options(synchronize_session=False)
    )


def _rank_the_rest(lock: ProjectLock, by: By) -> None:
    """The ranking knew the withdrawn examples, as neighbours and as what labels look like."""
    session = lock.session
    running = scoring_job(session, lock.project_id)
    if running is not None:
        queue.cancel(session, running.id, now=by.now)
    session.get_one(Project, lock.project_id).run_id = lock.run_id = None
    rest = select(Example.id).where(
        Example.project_id == lock.project_id,
        Example.import_id.in_(visible_imports(lock.project_id)),
    )
    if session.execute(rest.limit(1)).first() is not None:
        start_scoring(session, lock.project_id, created_by=by.person_id, now=by.now)
    session.flush()
