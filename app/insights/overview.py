"""What a project is and where it stands, in counts only; every one can be listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import exists, func, not_, select
from sqlalchemy.orm import Session

from app.accounts.membership import is_active
from app.db.tables.accounts import Membership
from app.db.tables.audit import AuditEpoch, Serve
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.jobs import Job
from app.db.tables.ranking import ScoringRun
from app.db.tables.review import Batch
from app.db.words import FINAL, BatchState, ImportState, JobState, Question, Role, Status, Stream
from app.insights.batches import BatchRow, Unread, batch_rows, unread_of
from app.insights.counts import status_counts
from app.insights.health import Health, Known, Viewer
from app.insights.last_audit import LastAudit, last_audit
from app.insights.work import Work, work
from app.jobs.queue import UNFINISHED
from app.review.batches.filters import unseen_imports
from app.review.books.cases import count_for_admin, count_open
from app.review.books.own_reads import is_still_theirs

MANY_DISAGREEMENTS = 50  # more wait for a lead than a next batch should add to


class Step(StrEnum):
    """What to do next; one at a time."""

    IMPORT = "import"
    SCORE = "score"
    WAIT = "wait"  # scoring or an import runs
    BATCH = "batch"
    AUDIT = "audit"  # nobody knows how it stands now
    SETTLE = "settle"
    REVIEW = "review"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Audit:
    """The epoch that is open: random checks handed out, and what nobody has had yet."""

    epoch: int
    pool: int
    drawn: int
    unserved: int


@dataclass(frozen=True, slots=True)
class Overview:
    statuses: dict[Status, int]
    batches: list[BatchRow]
    ever_batched: bool
    questions: dict[Question, int]
    for_admin: int  # of these, such as no lead may judge
    last_import: DataImport | None
    run: ScoringRun | None
    jobs: list[Job]
    audit: Audit | None
    last_audit: LastAudit
    work: Work
    unread: BatchRow | None  # the open batch to go on with
    where_unread: Unread | None  # and where what is left of it is
    has_expert: bool
    more: bool  # more wrong labels seem left than the target allows

    @property
    def total(self) -> int:
        return sum(self.statuses.values())

    @property
    def decided(self) -> int:
        return sum(self.statuses.get(status, 0) for status in FINAL)

    @property
    def disagreements(self) -> int:
        return sum(self.questions.values())

    @property
    def step(self) -> Step:
        running = any(job.state in (JobState.WAITING, JobState.RUNNING) for job in self.jobs)
        if not self.total:
            return Step.WAIT if running else Step.IMPORT
        if self.run is None:
            return Step.WAIT if running else Step.SCORE
        if not self.ever_batched:
            return Step.BATCH
        if self.disagreements > MANY_DISAGREEMENTS:
            return Step.SETTLE
        if self.unread is not None:
            return Step.REVIEW
        if self.audit is None or not self.audit.unserved:
            return Step.RELEASE
        if self.more:
            return Step.BATCH
        fresh = self.last_audit.at is not None and not self.last_audit.old
        return Step.RELEASE if fresh else Step.AUDIT


def overview(
    session: Session, project: Project, viewer: Viewer, *, health: Health | None = None
) -> Overview:
    """A fixed number of statements, however large the project is."""
    unseen = unseen_imports(session, project.id)
    running = (BatchState.OPEN, BatchState.PAUSED)
    batches = batch_rows(session, project.id, running)
    ever = bool(batches) or bool(
        session.scalar(select(Batch.id).where(Batch.project_id == project.id).limit(1))
    )
    unread = _to_go_on_with(batches)
    return Overview(
        statuses=dict(status_counts(session, project.id, unseen)),
        batches=batches,
        ever_batched=ever,
        questions=count_open(session, project.id),
        for_admin=count_for_admin(session, project.id),
        last_import=_last_import(session, project.id),
        run=session.get(ScoringRun, project.run_id) if project.run_id else None,
        jobs=_jobs(session, project.id),
        audit=_audit(session, project, viewer=viewer.person_id),
        last_audit=last_audit(session, project, viewer),
        work=work(session, project.id, batches, now=viewer.now),
        unread=unread,
        where_unread=unread_of(session, unread.batch.id) if unread is not None else None,
        has_expert=_has_expert(session, project.id),
        more=_more(health),
    )


def _to_go_on_with(batches: Sequence[BatchRow]) -> BatchRow | None:
    """The oldest open batch that has something left."""
    left = [row for row in batches if row.batch.state is BatchState.OPEN and not row.complete]
    return left[-1] if left else None


def _has_expert(session: Session, project_id: int) -> bool:
    expert = exists().where(
        Membership.project_id == project_id, Membership.role == Role.EXPERT, is_active()
    )
    return bool(session.scalar(select(expert)))


def _more(health: Health | None) -> bool:
    """By the estimate, as far as it may be told."""
    if health is None or health.known is not Known.TOLD:
        return False
    return health.share > health.target or (health.chosen and not health.shown)


def _last_import(session: Session, project_id: int) -> DataImport | None:
    return session.scalars(
        select(DataImport)
        .where(DataImport.project_id == project_id, DataImport.state == ImportState.DONE)
        .order_by(DataImport.id.desc())
        .limit(1)
    ).first()


def _jobs(session: Session, project_id: int) -> list[Job]:
    return list(
        session.scalars(
            select(Job)
            .where(Job.project_id == project_id, Job.state.in_(UNFINISHED))
            .order_by(Job.id)
            .limit(10)
        )
    )


def _audit(session: Session, project: Project, *, viewer: int) -> Audit | None:
    """What was drawn, but for what the viewer may read yet."""
    epoch = session.get(AuditEpoch, project.epoch_id) if project.epoch_id else None
    if epoch is None:
        return None
    drawn = session.scalar(
        select(func.count())
        .select_from(Serve)
        .join(Example, Example.id == Serve.example_id)
        .where(
            Serve.epoch_id == epoch.id,
            Serve.stream == Stream.AUDIT,
            not_(is_still_theirs(viewer)),
        )
    )
    return Audit(epoch.number, epoch.pool_size, drawn or 0, project.unserved)
