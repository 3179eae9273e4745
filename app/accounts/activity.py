"""Who did what when, outside the log of decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db.tables.accounts import Activity


def record(
    session: Session,
    person_id: int | None,
    project_id: int | None,
    kind: str,
    detail: dict[str, Any] | None = None,
    *,
    now: datetime,
) -> None:
    session.add(
        Activity(at=now, person_id=person_id, project_id=project_id, kind=kind, detail=detail or {})
    )
