"""Which workers are there: each says so every few seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.db.dialects import insert_or_skip
from app.db.tables.jobs import Worker
from app.jobs.queue import TAKEOVER_SECONDS

_FORGOTTEN_AFTER = timedelta(days=1)


def say_alive(session: Session, name: str, *, now: datetime) -> None:
    row = {"name": name, "seen_at": now}
    session.execute(insert_or_skip(session, Worker, index=["name"]).values(row))
    session.execute(update(Worker).where(Worker.name == name).values(seen_at=now))
    session.execute(delete(Worker).where(Worker.seen_at < now - _FORGOTTEN_AFTER))


def say_goodbye(session: Session, name: str) -> None:
    session.execute(delete(Worker).where(Worker.name == name))


def workers_alive(session: Session, *, now: datetime) -> int:
    """How many workers spoke lately; 0 means that waiting jobs will go on waiting."""
    since = now - timedelta(seconds=TAKEOVER_SECONDS)
    query = select(func.count()).select_from(Worker).where(Worker.seen_at >= since)
    return session.execute(query).scalar_one()


def none_reports(session: Session, *, now: datetime) -> bool:
    """No worker spoke lately: what waits will go on waiting."""
    return workers_alive(session, now=now) == 0
