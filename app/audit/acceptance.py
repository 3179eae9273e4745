"""Whether the labels of a source are right often enough: the plan that was made, and its checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.checked import Counts, counts_by
from app.db.tables.audit import SourceCheck
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Batch, BatchMember
from app.db.words import BatchState
from app.noise.acceptance import Checked, Plan, lower_limit
from app.noise.limits import FEWEST


class Acceptance(StrEnum):
    """How the labels of a source stand against its plan."""

    ASKING = "asking"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not accepted"
    NOT_FINISHED = "not finished"  # its batch was closed, or too many of its checks were erased


NOTHING = Counts(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class SourceChecked:
    """A plan of a source, and what became of its checks.

    Nobody can say that the label of an erased one was right, nor blame the source for it.
    """

    row: SourceCheck
    source: str
    batch: int
    closed: bool
    seen: Counts

    @property
    def decided(self) -> int:
        return self.seen.decided

    @property
    def wrong(self) -> int:
        return self.seen.wrong

    @property
    def not_right(self) -> int:
        """Wrong, or not shown to be right."""
        return self.seen.wrong + self.seen.erased

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
            proved = self.not_right <= self.row.failures
            return Acceptance.ACCEPTED if proved else Acceptance.NOT_FINISHED
        return Acceptance.NOT_FINISHED if self.closed else Acceptance.ASKING

    @property
    def most_wrong(self) -> float | None:
        """At most this share is wrong, 95 % sure; only of a plan that was carried out.

        Looked at while it goes on, the bound would be missed more often than that.
        """
        if self.decided < self.row.checks:
            return None
        return 1.0 - lower_limit(Checked(self.decided, self.not_right, self.row.size))


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
    batches = [row.batch_id for row, *_ in rows]
    counts = dict(_counts(session, batches)) if batches else {}
    return [
        SourceChecked(
            row, name, number, state is BatchState.CLOSED, counts.get(row.batch_id, NOTHING)
        )
        for row, name, number, state in rows
    ]


def _counts(session: Session, batches: Sequence[int]) -> Iterator[tuple[int, Counts]]:
    """By batch, whatever source its examples are of now."""
    query = counts_by(BatchMember.batch_id, Example.given_label_id)
    for batch_id, *counts in session.execute(query.where(BatchMember.batch_id.in_(batches))):
        yield batch_id, Counts(*counts)
