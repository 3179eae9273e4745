"""Audit epochs, their keys, and the serves that count in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, Table, UtcDateTime, Word, identity
from app.db.words import Stream


class AuditEpoch(Table):
    """One run of the statistical audit over a pool fixed when it opened."""

    __tablename__ = "audit_epoch"

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int] = mapped_column()
    reason: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pool_size: Mapped[int] = mapped_column(default=0)
    last_key: Mapped[int | None] = mapped_column(BigId)  # `project.drawn_key` when it closed


class AuditKey(Table):
    """A uniform random key for each example of the pool. Ranking never reads it."""

    __tablename__ = "audit_key"
    __table_args__ = (Index("ix_audit_key_order", "epoch_id", "key"),)

    epoch_id: Mapped[int] = mapped_column(ForeignKey("audit_epoch.id"), primary_key=True)
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"), primary_key=True)
    key: Mapped[int] = mapped_column(BigId)
    label_at_open: Mapped[int] = mapped_column(ForeignKey("label.id"))


class Serve(Table):
    """The first time an example is handed out in an epoch."""

    __tablename__ = "serve"
    __table_args__ = (
        UniqueConstraint("project_id", "serve_seq"),
        UniqueConstraint("epoch_id", "example_id"),
        Index("ix_serve_example", "example_id"),
        Index("ix_serve_batch", "batch_id"),
    )

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    epoch_id: Mapped[int] = mapped_column(ForeignKey("audit_epoch.id"))
    serve_seq: Mapped[int] = mapped_column(BigId)
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"))
    stream: Mapped[Stream] = mapped_column(Word(Stream))
    unserved_before: Mapped[int] = mapped_column()
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
