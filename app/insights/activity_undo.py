"""Which lines of the activity can still be taken back by who looks at them, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.db.tables.audit import BulkFix
from app.db.tables.datasets import Project
from app.db.words import BulkState, EventKind
from app.insights.activity import Done
from app.review.books.rulings import settled_by_rulings


@dataclass(frozen=True, slots=True)
class Undo:
    """What a button posts below the project, and what stands on it."""

    path: str
    words: str = "Undo"
    archived: str = ""  # sent along, where it is said


def undo_ways(
    session: Session, project: Project, lines: Sequence[Done], *, person_id: int
) -> dict[int, Undo]:
    """By the position of a line; three statements, however many lines there are."""
    seqs = [line.seq for line in lines if line.kind == EventKind.ADJUDICATE and line.seq]
    rulings = settled_by_rulings(session, project.id, seqs, person_id=person_id)
    applied = _applied(session, project.id, lines)
    ways: dict[int, Undo] = {}
    for position, line in enumerate(lines):
        if line.seq is not None and line.seq in rulings:
            ways[position] = Undo(f"/disagreements/{rulings[line.seq]}/undo")
        elif line.kind == ActivityKind.BULK_APPLIED and line.path in applied:
            ways[position] = Undo(f"{line.path}/undo")
            applied.discard(line.path)  # the newest line of it
    put_away = _put_away(project, lines)
    if put_away is not None:
        ways[put_away] = Undo("/settings/archive", "Bring back", "false")
    return ways


def _applied(session: Session, project_id: int, lines: Sequence[Done]) -> set[str]:
    """The paths of bulk fixes that stand applied."""
    if not any(line.kind == ActivityKind.BULK_APPLIED for line in lines):
        return set()
    query = select(BulkFix.number).where(
        BulkFix.project_id == project_id, BulkFix.state == BulkState.APPLIED
    )
    return {f"/insights/bulk/{number}" for number in session.scalars(query)}


def _put_away(project: Project, lines: Sequence[Done]) -> int | None:
    """The line that put the project away, if it still is."""
    if project.archived_at is None:
        return None
    places = (position for position, line in enumerate(lines) if line.archived)
    return next(places, None)
