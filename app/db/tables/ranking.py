"""Scoring runs and their scores; a ranking is served from one complete run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, Table, UtcDateTime, Word, identity
from app.db.words import RunState


class ScoringRun(Table):
    __tablename__ = "scoring_run"

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int] = mapped_column()
    state: Mapped[RunState] = mapped_column(Word(RunState))
    method: Mapped[str] = mapped_column(String(40), default="vpv")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seed: Mapped[int] = mapped_column(BigId)
    versions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    artefacts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # name -> SHA-256
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # scored, not estimable, notes
    log_seq: Mapped[int] = mapped_column(BigId, default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_FINITE = "abs({0}) < 1e300"


class Score(Table):
    __tablename__ = "score"
    __table_args__ = (
        Index("ix_score_priority", "run_id", "priority", "example_id"),
        Index("ix_score_quality", "run_id", "quality", "example_id"),
        Index("ix_score_signals", "run_id", "signals", "example_id"),
        *(
            CheckConstraint(_FINITE.format(name), name=f"finite_{name}")
            for name in ("priority", "quality", "difficulty", "p_given")
        ),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("scoring_run.id"), primary_key=True)
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"), primary_key=True)
    priority: Mapped[float | None] = mapped_column()  # null: cannot be scored, listed apart
    quality: Mapped[float | None] = mapped_column()
    difficulty: Mapped[float | None] = mapped_column()  # nats
    p_given: Mapped[float | None] = mapped_column()
    suggested_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"))
    suggestions: Mapped[list[Any]] = mapped_column(
        default=list
    )  # up to 9 of [label id, probability]
    neighbours: Mapped[list[Any]] = mapped_column(default=list)  # six of [example id, similarity]
    facts: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # what "why this is here" is made of
    signals: Mapped[int] = mapped_column(
        BigId, default=0, server_default="0"
    )  # fired: one bit each
