"""What a lead keeps for later: views of the list of examples, and batches that make themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.json_columns import StoredFilter, StoredPlan
from app.db.types import Table, UtcDateTime, identity

LONGEST_VIEW_NAME = 80
_GOES_ON = text("paused_at IS NULL")


class SavedView(Table):
    """A filter of the list of examples, by a name, for every lead of the project."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_VIEW_NAME))
    filter: Mapped[StoredFilter] = mapped_column(JSON)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecurringBatch(Table):
    """A batch that is made again every day, week or month, by the same plan.

    `made_for` is the time that was due when it was looked at last: whatever came of it, nothing is
    made for that time again.
    """

    __tablename__ = "recurring_batch"
    __table_args__ = (
        Index("ix_recurring_batch_project", "project_id"),
        Index(
            "ix_recurring_batch_next",
            "next_at",
            postgresql_where=_GOES_ON,
            sqlite_where=_GOES_ON,
        ),
    )

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(String(200))  # "": named after its rule
    plan: Mapped[StoredPlan] = mapped_column(JSON)
    every: Mapped[str] = mapped_column(String(16))  # a name of the registry of repeats
    day: Mapped[int] = mapped_column(default=0)  # of the week from 0, of the month from 1
    minute: Mapped[int] = mapped_column(default=0)  # of the day, UTC
    due_days: Mapped[int | None] = mapped_column()  # after it is made
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_for: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(500), default="")  # of what came of that time
    last_batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
