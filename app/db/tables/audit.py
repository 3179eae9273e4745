"""Audit epochs, their keys, and the serves that count in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, JsonObject, Table, UtcDateTime, Word, identity
from app.db.words import BulkState, Stream


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
        Index("ix_serve_stream", "epoch_id", "stream", "example_id"),
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


class Estimate(Table):
    """What the random checks of an epoch say of the wrong labels left, as of one place of the log.

    One row an epoch, told anew by the worker as answers come. Numbers of labels, not shares.
    """

    __tablename__ = "estimate"

    epoch_id: Mapped[int] = mapped_column(ForeignKey("audit_epoch.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    up_to_seq: Mapped[int] = mapped_column(BigId)  # head of the log it is told of
    up_to_serve: Mapped[int] = mapped_column(BigId)  # the last serve it is told of
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    took_ms: Mapped[int] = mapped_column()  # to tell it
    target_bp: Mapped[int] = mapped_column()  # `project.target_bp` then
    needed: Mapped[int] = mapped_column()  # random checks that show it, if none is wrong
    labels: Mapped[int] = mapped_column()  # of the whole project, which a target is a share of
    pool: Mapped[int] = mapped_column()
    serves: Mapped[int] = mapped_column()
    draws: Mapped[int] = mapped_column()
    found: Mapped[int] = mapped_column()  # wrong, and mended or removed
    unserved: Mapped[int] = mapped_column()
    open_answers: Mapped[int] = mapped_column()  # served, and not decided
    open_draws: Mapped[int] = mapped_column()  # of these, random checks
    low: Mapped[int] = mapped_column()  # wrong labels left, those still open among them
    middle: Mapped[int | None] = mapped_column()  # none without a random check
    high: Mapped[int] = mapped_column()
    conflict: Mapped[bool] = mapped_column()  # no number fits what was drawn
    unseen: Mapped[bool] = mapped_column()  # checks find what the ranking does not see
    rechecks: Mapped[int] = mapped_column()  # decided examples that were read again
    overturned: Mapped[int] = mapped_column()
    curve: Mapped[list[Any]] = mapped_column(default=list)  # pairs: served, wrong among them


class Study(Table):
    """What kind of noise was found, as of one place of the log; the last one of each project."""

    __tablename__ = "study"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("scoring_run.id"))  # whose quality it went by
    up_to_seq: Mapped[int] = mapped_column(BigId)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    took_ms: Mapped[int] = mapped_column()
    report: Mapped[JsonObject] = mapped_column(default=dict)  # empty: too little was decided


class Recovery(Table):
    """What each remedy was measured to bring; the last result of each project."""

    __tablename__ = "recovery"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("scoring_run.id"))  # whose vectors it went by
    up_to_seq: Mapped[int] = mapped_column(BigId)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    took_ms: Mapped[int] = mapped_column()
    report: Mapped[JsonObject] = mapped_column(default=dict)  # empty: it could not be measured


class ReviewerReport(Table):
    """How far reviewers agree and how right each is, as of one place of the log; the last one."""

    __tablename__ = "reviewer_report"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    up_to_seq: Mapped[int] = mapped_column(BigId)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    took_ms: Mapped[int] = mapped_column()
    report: Mapped[JsonObject] = mapped_column(default=dict)


class ReviewerSkill(Table):
    """How surely a reviewer reads a label at least, as the last comparison found it.

    Of whoever has enough measured answers; on every label of the project.
    """

    __tablename__ = "reviewer_skill"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    lower: Mapped[float] = mapped_column()


class Probe(Table):
    """A suspicious group that is asked again, with fresh examples of it drawn at random.

    Groups of one `round` are asked together and share what chance may bring in all of them. How
    their answers stand is read from the examples, wherever they were decided.
    """

    __tablename__ = "probe"

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    round: Mapped[int] = mapped_column()
    words: Mapped[str] = mapped_column(Text)
    limit_share: Mapped[float] = mapped_column()  # of wrong labels, which a slice must exceed
    size: Mapped[int] = mapped_column()  # examples of it that nobody had answered then
    joined: Mapped[int] = mapped_column()  # so many of `example_ids` are asked for by now
    example_ids: Mapped[list[Any]] = mapped_column(default=list)  # in the order of the draw
    to_review: Mapped[list[Any]] = mapped_column(default=list)  # those that looked worst then
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SourceCheck(Table):
    """A plan to accept the labels of a source: so many random checks, and how many may be wrong.

    How its checks stand is read from the examples of its batch, wherever they were decided.
    """

    __tablename__ = "source_check"

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), unique=True)
    limit_bp: Mapped[int] = mapped_column()  # of labels that may be wrong, in 1/10,000
    checks: Mapped[int] = mapped_column()
    failures: Mapped[int] = mapped_column()  # of them that may be wrong
    size: Mapped[int] = mapped_column()  # labels of the source that nobody had answered then
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BulkFix(Table):
    """A group of examples that is to get another label with one act, once a sample has proved it.

    Group and sample are fixed when it starts. How the checks stand is read from the examples.
    """

    __tablename__ = "bulk_fix"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int] = mapped_column()
    words: Mapped[str] = mapped_column(Text)  # what its examples share
    from_label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    to_label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    floor: Mapped[float] = mapped_column()  # the share that must be right
    checks: Mapped[int] = mapped_column()
    failures: Mapped[int] = mapped_column()  # how many of the checks may fail
    example_ids: Mapped[list[Any]] = mapped_column(default=list)
    sampled: Mapped[list[Any]] = mapped_column(default=list)
    changed: Mapped[list[Any]] = mapped_column(default=list)  # those that it gave the new label
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    state: Mapped[BulkState] = mapped_column(Word(BulkState), default=BulkState.CHECKING)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # none: the console
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
