"""Writing down what somebody did."""

from __future__ import annotations

from datetime import datetime

from app.accounts.activity import Act, ActivityKind, Detail, record
from app.accounts.turn import By, Turn
from app.actions.turn import Caller
from app.db.log import ProjectLock
from app.db.tables.review import Batch


def note(by: Turn | Caller, kind: ActivityKind, **detail: Detail) -> None:
    """Write down an act: of a turn in its project, of a caller outside any."""
    if isinstance(by, Turn):
        act = Act(kind, by.member.person_id, by.project_id, detail)
    else:
        act = Act(kind, by.who.id, None, detail)
    record(by.session, act, now=by.now)


def note_batch(lock: ProjectLock, batch: Batch, *, by: int | None, now: datetime) -> None:
    """Write down that a batch was made, whatever it is made for."""
    detail: dict[str, Detail] = {"batch": batch.number, "name": batch.name, "size": batch.size}
    record(lock.session, Act(ActivityKind.BATCH_CREATED, by, lock.project_id, detail), now=now)


def note_by(lock: ProjectLock, by: By, kind: ActivityKind, **detail: Detail) -> None:
    """Write down an act in a project that the console, the worker or a person may do."""
    record(lock.session, Act(kind, by.person_id, lock.project_id, detail), now=by.now)
