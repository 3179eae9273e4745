"""Writing down what somebody did."""

from __future__ import annotations

from app.accounts.activity import Act, ActivityKind, Detail, record
from app.accounts.turn import By, Turn
from app.actions.turn import Caller
from app.db.log import ProjectLock


def note(by: Turn | Caller, kind: ActivityKind, **detail: Detail) -> None:
    """Write down an act: of a turn in its project, of a caller outside any."""
    if isinstance(by, Turn):
        act = Act(kind, by.member.person_id, by.project_id, detail)
    else:
        act = Act(kind, by.who.id, None, detail)
    record(by.session, act, now=by.now)


def note_by(lock: ProjectLock, by: By, kind: ActivityKind, **detail: Detail) -> None:
    """Write down an act in a project that the console, the worker or a person may do."""
    record(lock.session, Act(kind, by.person_id, lock.project_id, detail), now=by.now)
