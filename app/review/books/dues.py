"""Reads that are owed: written down, ended, and what kind of read each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import insert, update

from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.review import ReadDue
from app.db.words import Due, ReadReason, WhyDone

FIRST_READS = (Due.SKIPPED, Due.RETURNED, Due.REOPENED, Due.BARRED, Due.EXPERT)
"""Dues of an example that nobody has answered yet."""

PUT_ASIDE = (Due.RETURNED, Due.SKIPPED, Due.REOPENED, Due.BARRED)
"""Those that anybody may give: over with the first answer, whoever gives it."""

SECOND_DUES = (Due.CONFIRM, Due.COIN, Due.UNTIL_SURE, Due.THIRD, Due.RECHECK)
"""Dues of an example that has been answered: over when it is opened anew."""

SECOND_READS = (
    ReadReason.COIN,
    ReadReason.CONFIRM,
    ReadReason.UNTIL_SURE,
    ReadReason.THIRD,
    ReadReason.RECHECK,
)

NO_FIRST_READS = (*SECOND_READS, ReadReason.KNOWN)
"""Reads of an example that has been answered: who holds one when it is opened anew reads first."""

READ_OF_DUE = {
    Due.CONFIRM: ReadReason.CONFIRM,
    Due.COIN: ReadReason.COIN,
    Due.UNTIL_SURE: ReadReason.UNTIL_SURE,
    Due.THIRD: ReadReason.THIRD,
    Due.EXPERT: ReadReason.EXPERT,
    Due.RECHECK: ReadReason.RECHECK,
    Due.SKIPPED: ReadReason.FIRST,
    Due.RETURNED: ReadReason.FIRST,
    Due.REOPENED: ReadReason.FIRST,
    Due.BARRED: ReadReason.FIRST,
}


class DueTerms(TypedDict, total=False):
    """Who may give a read that is owed, where, and what brought it about."""

    for_role: str
    for_person: int | None
    first_by: int | None
    skipper_id: int
    skipped_seq: int
    on_grid: bool
    batch_id: int | None
    created_by_seq: int | None


_ADD_DUE = insert(ReadDue.__table__)  # type: ignore[arg-type]
_FOR_ANYBODY = {"for_role": "", "on_grid": False, "done_why": ""}  # unless its terms say more


def owe(
    lock: ProjectLock, example_id: int, reason: Due, *, now: datetime, **terms: Unpack[DueTerms]
) -> None:
    """Write down a read that is owed."""
    row = {
        "project_id": lock.project_id,
        "example_id": example_id,
        "reason": reason,
        "created_at": now,
        **_FOR_ANYBODY,
        **terms,
    }
    run(lock.session, _ADD_DUE, row)


def end_dues(
    lock: ProjectLock, example_id: int, reasons: Sequence[Due], *, why: WhyDone, now: datetime
) -> None:
    """Nobody owes these reads of an example any more."""
    lock.session.execute(
        update(ReadDue)
        .where(
            ReadDue.example_id == example_id,
            ReadDue.reason.in_(reasons),
            ReadDue.done_at.is_(None),
        )
        .values(done_at=now, done_why=why)
        .execution_options(synchronize_session=False)
    )
