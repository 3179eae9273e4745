"""Bulk fixes of a project, and how the checks of each stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.datasets.current_labels import current_label, label_now
from app.db.parts import parts
from app.db.tables.audit import BulkFix
from app.db.tables.datasets import DataImport, Example
from app.db.tables.review import Batch, Disagreement, ReadDue
from app.db.words import BatchState, BulkState, Due, ImportState, Question, Status
from app.errors import NotFound
from app.labels import LabelSet
from app.noise.acceptance import Checked, Plan, accepted, expected_new_errors, lower_limit

_WITH_LABEL = frozenset({Status.CONFIRMED, Status.RELABELED})
_GONE = frozenset({Status.REMOVED, Status.ERASED})


class Check(Enum):
    """What became of an example of the sample."""

    OPEN = "open"
    RIGHT = "right"
    FAILED = "failed"  # another label fits, or none


@dataclass(frozen=True, slots=True)
class Fix:
    """A bulk fix with its batch; labels as they are called now, checks by example."""

    row: BulkFix
    batch: int
    closed: bool
    from_label: int
    to_label: int
    checks: Mapping[int, Check]

    @property
    def size(self) -> int:
        return len(self.row.example_ids)

    @property
    def plan(self) -> Plan:
        return Plan(self.row.checks, self.row.failures)

    @property
    def right(self) -> int:
        return self._count(Check.RIGHT)

    @property
    def failed(self) -> int:
        return self._count(Check.FAILED)

    @property
    def decided(self) -> int:
        return self.right + self.failed

    def _count(self, what: Check) -> int:
        return sum(one is what for one in self.checks.values())

    @property
    def checked(self) -> Checked:
        """What is open counts as failed: the sample was fixed before it began."""
        return Checked(self.row.checks, self.row.checks - self.right, self.size)

    @property
    def state(self) -> BulkState:
        if self.row.state is not BulkState.CHECKING:
            return self.row.state
        if self.failed > self.row.failures:
            return BulkState.REFUSED
        if accepted(self.checked, self.row.floor):
            return BulkState.READY
        return BulkState.GIVEN_UP if self.closed else BulkState.CHECKING

    @property
    def at_least(self) -> float:
        """The share of the group that is right, 95 % sure."""
        return lower_limit(self.checked)

    @property
    def new_errors(self) -> float:
        return expected_new_errors(self.checked)


def fixes_of(session: Session, project_id: int, *, number: int | None = None) -> list[Fix]:
    """Every bulk fix of a project, the last first; or the one with this number."""
    query = (
        select(
            BulkFix,
            Batch.number,
            Batch.state,
            current_label(BulkFix.from_label_id),
            current_label(BulkFix.to_label_id),
        )
        .join(Batch, Batch.id == BulkFix.batch_id)
        .where(BulkFix.project_id == project_id)
        .order_by(BulkFix.number.desc())
    )
    if number is not None:
        query = query.where(BulkFix.number == number)
    rows = session.execute(query).all()
    ends = _ends(session, {example for row, *_ in rows for example in row.sampled})
    return [
        Fix(
            row,
            batch,
            state is BatchState.CLOSED,
            came,
            to,
            {one: _check(ends[one], to) if one in ends else Check.OPEN for one in row.sampled},
        )
        for row, batch, state, came, to in rows
    ]


def fix_of(session: Session, project_id: int, number: int) -> Fix:
    found = fixes_of(session, project_id, number=number)
    if not found:
        raise NotFound()
    return found[0]


def under_way(fixes: Sequence[Fix]) -> list[Fix]:
    """Those that may still be applied."""
    return [one for one in fixes if one.state in (BulkState.CHECKING, BulkState.READY)]


class _End(NamedTuple):
    """What an example ended with; `waits`: it is not settled yet, whatever its status."""

    status: Status
    label: int | None
    waits: bool


def _ends(session: Session, examples: Collection[int]) -> dict[int, _End]:
    """An end waits while a second read is owed, or a lead is asked which of two is right; for ever
    where its import was withdrawn: nobody read it, so it speaks against no group."""
    second = exists().where(
        ReadDue.example_id == Example.id,
        ReadDue.reason.in_((Due.UNTIL_SURE, Due.COIN, Due.RECHECK)),
        ReadDue.done_at.is_(None),
    )
    asked = exists().where(
        Disagreement.example_id == Example.id,
        Disagreement.kind == Question.DIFFERS,
        Disagreement.settled_at.is_(None),
    )
    withdrawn = exists().where(
        DataImport.id == Example.import_id, DataImport.state == ImportState.WITHDRAWN
    )
    waits = second | asked | withdrawn
    columns = (Example.status, current_label(Example.final_label_id), waits)
    found: dict[int, _End] = {}
    for some in parts(sorted(examples)):
        rows = session.execute(select(Example.id, *columns).where(Example.id.in_(some)))
        found.update((row[0], _End(row[1], row[2], bool(row[3]))) for row in rows)
    return found


def _check(end: _End, label: int) -> Check:
    """What ended otherwise counts only once it is settled. What was removed or erased is not
    shown to be right."""
    if end.status in _WITH_LABEL and end.label == label:
        return Check.RIGHT
    settled = end.status in _WITH_LABEL | _GONE and not end.waits
    return Check.FAILED if settled else Check.OPEN


def doubts(session: Session, batch_id: int, labels: LabelSet) -> bool:
    """An answer against a bulk fix is read once more: one reader's slip would end it."""
    wanted = session.scalar(select(BulkFix.to_label_id).where(BulkFix.batch_id == batch_id))
    return labels != (label_now(session, wanted),)
