"""How old the last random check is: what was true then may not be true of what came since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Project
from app.db.words import FINAL, Stream
from app.insights.health import Viewer
from app.review.books.own_reads import is_still_theirs

OLD = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class LastAudit:
    """When the last random check that is decided was handed out; none: there is none."""

    at: datetime | None
    now: datetime

    @property
    def old(self) -> bool:
        return self.at is not None and self.now - self.at >= OLD

    @property
    def words(self) -> str:
        if self.at is None:
            return "never audited"
        days = (self.now - self.at).days
        if days < 1:
            return "last audited today"
        if days < 14:
            return f"last audited {days} {'day' if days == 1 else 'days'} ago"
        return f"last audited {days // 7} weeks ago"


def last_audit(session: Session, project: Project, viewer: Viewer) -> LastAudit:
    """Of any epoch; without what the viewer may still read, for it would tell which is one."""
    at = session.scalar(
        select(Serve.at)
        .join(Example, Example.id == Serve.example_id)
        .where(
            Serve.project_id == project.id,
            Serve.stream == Stream.AUDIT,
            Example.status.in_(sorted(FINAL)),
            not_(is_still_theirs(viewer.person_id)),
        )
        .order_by(Serve.serve_seq.desc())
        .limit(1)
    )
    return LastAudit(at, viewer.now)
