"""The audits of splits as they are looked at: how far each is, and what its last report says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.audit.splits.asking import SPLIT_AUDIT
from app.audit.splits.audits import Progress, is_open, progress_of, split_audits
from app.audit.splits.report import Cost, SplitReport
from app.db.tables.jobs import Job
from app.db.tables.models import SplitAudit
from app.jobs.under_way import jobs_under_way
from app.shares import percent


@dataclass(frozen=True, slots=True)
class SplitStanding:
    """`report` is none until the worker has told the first; `new` events came since."""

    row: SplitAudit
    is_open: bool
    progress: Progress
    report: SplitReport | None
    new: int
    job: Job | None

    @property
    def words(self) -> str:
        """How many labels of the split are wrong, in one or two sentences."""
        if self.report is None:
            return "It is being counted. This takes a moment, and a running worker."
        return left_words(self.report, self.row.split)

    @property
    def costs(self) -> str:
        """What more reads would bring; nothing where it is over or all is read."""
        if self.report is None or not self.is_open or not self.report.costs:
            return ""
        return cost_words(self.report.costs)

    @property
    def over(self) -> str:
        """Why it goes on no more; nothing where it does."""
        if self.row.closed_at is not None:
            return "closed"
        return "" if self.is_open else "ended: the running estimate began anew"


def standings(session: Session, project_id: int, *, log_seq: int) -> list[SplitStanding]:
    """The newest audit of every split."""
    jobs, audits = _jobs(session, project_id), split_audits(session, project_id)
    progress = progress_of(session, audits)
    return [
        SplitStanding(
            row,
            is_open(session, row),
            progress[row.id],
            SplitReport.read(row.report) if row.report else None,
            log_seq - (row.up_to_seq or 0),
            jobs.get(row.id),
        )
        for row in audits
    ]


def _jobs(session: Session, project_id: int) -> Mapping[int, Job]:
    jobs = jobs_under_way(session, project_id, SPLIT_AUDIT)
    return {SPLIT_AUDIT.read(job.arguments).audit_id: job for job in jobs}


def left_words(report: SplitReport, split: str) -> str:
    """How many labels are wrong and still there, with the interval; what was found so far."""
    of = f"of the {report.size:,} {'label' if report.size == 1 else 'labels'} of split {split}"
    if report.low is None or report.high is None:
        return f"No number {of} fits what was drawn: have somebody look at the log of this project."
    if report.exact:
        are = "1 is" if report.low == 1 else f"{report.low:,} are" if report.low else "None are"
        said = f"{are} wrong and still there, {of}: all of them are read."
    else:
        bounds = f"{percent(report.low / report.size)} to {percent(report.high / report.size)}"
        said = f"{report.low:,} to {report.high:,} {of} are wrong and still there ({bounds})"
        reads = f"{report.draws:,} random {'read' if report.draws == 1 else 'reads'}"
        said += f", by {reads}." if report.draws else ": no random read yet."
    found = report.wrong_so_far
    if found:
        said += f" {found:,} more {'was' if found == 1 else 'were'} found and set right or removed."
    return said


def cost_words(costs: list[Cost]) -> str:
    """Between what further reads would likely leave the bounds."""
    first, *others = costs
    said = f"{first.reads:,} more reads would likely leave {first.low:,} to {first.high:,}"
    said += "".join(f", {one.reads:,} leave {one.low:,} to {one.high:,}" for one in others)
    return f"{said}, if as many are wrong as by now."
