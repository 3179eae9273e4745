"""Whether the labels of a source are right often enough: the plan that was made, and its checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.audit.checked import FEWEST
from app.audit.wrong import is_wrong
from app.db.tables.audit import SourceCheck
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Batch, BatchMember
from app.db.words import FINAL, BatchState, Status
from app.noise.acceptance import Checked, Plan, lower_limit


class Acceptance(StrEnum):
    """How the labels of a source stand against its plan."""

    ASKING = "asking"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not accepted"
    NOT_FINISHED = "not finished"  # its batch was closed, or too many of its checks were erased


JUDGED = (Acceptance.ACCEPTED, Acceptance.NOT_ACCEPTED)


@dataclass(frozen=True, slots=True)
class SourceChecked:
    """A plan of a source, and how many of its checks are decided, were wrong, are erased.

    An erased one is decided. Nobody can say that its label was right, nor blame the source for it.
    """

    row: SourceCheck
    source: str
    batch: int
    closed: bool
    decided: int
    wrong: int
    erased: int

    @property
    def limit(self) -> float:
        """The share that may be wrong."""
        return self.row.limit_bp / 10_000

    @property
    def plan(self) -> Plan:
        return Plan(self.row.checks, self.row.failures)

    @property
    def told(self) -> bool:
        """Of few checks nothing is said of a source, which may be a person."""
        return self.decided >= min(FEWEST, self.row.checks)

    @property
    def state(self) -> Acceptance:
        if self.told and self.wrong > self.row.failures:
            return Acceptance.NOT_ACCEPTED
        if self.decided >= self.row.checks:
            proved = self.wrong + self.erased <= self.row.failures
            return Acceptance.ACCEPTED if proved else Acceptance.NOT_FINISHED
        return Acceptance.NOT_FINISHED if self.closed else Acceptance.ASKING

    @property
    def most_wrong(self) -> float | None:
        """At most this share is wrong, 95 % sure; only of a plan that was carried out.

        Looked at while it goes on, the bound would be missed more often than that.
        """
        if self.decided < self.row.checks:
            return None
        return 1.0 - lower_limit(Checked(self.decided, self.wrong + self.erased, self.row.size))


def source_checks(
    session: Session, project_id: int, *, source_id: int | None = None
) -> list[SourceChecked]:
    """Every plan that was made, the newest first; or those of one source."""
    query = (
        select(SourceCheck, Source.name, Batch.number, Batch.state)
        .join(Source, Source.id == SourceCheck.source_id)
        .join(Batch, Batch.id == SourceCheck.batch_id)
        .where(SourceCheck.project_id == project_id)
        .order_by(SourceCheck.id.desc())
    )
    if source_id is not None:
        query = query.where(SourceCheck.source_id == source_id)
    rows = session.execute(query).all()
    return [
        SourceChecked(row, name, number, state is BatchState.CLOSED, *_counts(session, row))
        for row, name, number, state in rows
    ]


def _counts(session: Session, row: SourceCheck) -> tuple[int, int, int]:
    """Decided, wrong and erased ones of its batch, whatever source they are of now."""
    final, erased = Example.status.in_(sorted(FINAL)), Example.status == Status.ERASED
    wrong = and_(final, is_wrong(Example.given_label_id))
    counts = session.execute(
        select(
            func.count().filter(or_(final, erased)),
            func.count().filter(wrong),
            func.count().filter(erased),
        )
        .select_from(BatchMember)
        .join(Example, Example.id == BatchMember.example_id)
        .where(BatchMember.batch_id == row.batch_id)
    ).one()
    return counts[0], counts[1], counts[2]
