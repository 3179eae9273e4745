"""Releases: cleaned datasets, frozen at one seq of the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, Table, UtcDateTime, Word, identity
from app.db.words import RunState


class Release(Table):
    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int] = mapped_column()
    state: Mapped[RunState] = mapped_column(Word(RunState))
    spec: Mapped[dict[str, Any]] = mapped_column(default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    files: Mapped[dict[str, Any]] = mapped_column(default=dict)  # name -> {"sha256", "size"}
    up_to_seq: Mapped[int | None] = mapped_column(BigId)
    head_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    message: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # its files held an example
    # that was erased since: they are deleted
