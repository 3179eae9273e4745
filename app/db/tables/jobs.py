"""The durable queue of long work, and who is there to do it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, JsonObject, Table, UtcDateTime, Word, identity
from app.db.words import JobState


class Job(Table):
    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state", "state", "run_after", "id"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int | None] = mapped_column(BigId, index=True)
    task: Mapped[str] = mapped_column(String(40))
    arguments: Mapped[JsonObject] = mapped_column(default=dict)
    state: Mapped[JobState] = mapped_column(Word(JobState), default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)  # counts takeovers: an old worker's word is void
    worker: Mapped[str] = mapped_column(String(80), default="")
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    run_after: Mapped[datetime] = mapped_column(UtcDateTime)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    step: Mapped[str] = mapped_column(String(120), default="")
    step_done: Mapped[int] = mapped_column(default=0)
    step_total: Mapped[int] = mapped_column(default=0)
    result: Mapped[JsonObject] = mapped_column(default=dict)
    message: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Worker(Table):
    """A worker says every few seconds that it lives."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
