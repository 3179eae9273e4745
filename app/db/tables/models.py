"""Models whose predictions were pushed, and audits of a test set that compare them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, JsonObject, Table, UtcDateTime, Word, identity
from app.db.words import ArrayState


class Model(Table):
    """A classifier of somebody's own, known by what it predicts; it ranks only when asked to.

    `file` is what was pushed, kept until its check is done; `sha256` stays.
    """

    __tablename__ = "model"
    __table_args__ = (UniqueConstraint("project_id", "name", "version"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(80), default="")
    size: Mapped[int | None] = mapped_column(BigId)  # parameters, if it was told
    split: Mapped[str] = mapped_column(String(80), default="")  # it was pushed for; "": for all
    file_name: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[ArrayState] = mapped_column(Word(ArrayState))
    report: Mapped[JsonObject] = mapped_column(default=dict)
    n_examples: Mapped[int] = mapped_column(default=0)  # that it predicts
    probabilities: Mapped[str] = mapped_column(String(64), default="")  # an array, if it came
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ModelPrediction(Table):
    """What a model says of an example."""

    __tablename__ = "model_prediction"
    __table_args__ = (Index("ix_model_prediction_example", "example_id"),)

    model_id: Mapped[int] = mapped_column(ForeignKey("model.id"), primary_key=True)
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))


class TestAudit(Table):
    """Which of some models is better on right labels: what they differ on is read at random.

    `report` is the last one that was worked out, as of `up_to_seq` of the log.
    """

    __tablename__ = "test_audit"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int] = mapped_column()
    split: Mapped[str | None] = mapped_column(String(80))  # none: every example
    size: Mapped[int] = mapped_column()  # labelled examples when it opened
    differ: Mapped[int] = mapped_column()  # of them, those on which the models do not all agree
    known: Mapped[int] = mapped_column(default=0)  # of these, decided by then: the first places
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    report: Mapped[JsonObject] = mapped_column(default=dict)
    up_to_seq: Mapped[int | None] = mapped_column(BigId)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TestAuditModel(Table):
    """A model that is compared, in the order in which they were named."""

    __tablename__ = "test_audit_model"

    audit_id: Mapped[int] = mapped_column(ForeignKey("test_audit.id"), primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("model.id"), primary_key=True)
    place: Mapped[int] = mapped_column()


class TestAuditKey(Table):
    """An example on which the models differ; its place in the random order is never changed."""

    __tablename__ = "test_audit_key"
    __table_args__ = (UniqueConstraint("audit_id", "place"),)

    audit_id: Mapped[int] = mapped_column(ForeignKey("test_audit.id"), primary_key=True)
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"), primary_key=True)
    place: Mapped[int] = mapped_column()


class SplitAudit(Table):
    """How many labels of a split are wrong, told from random draws of that split alone.

    Its pool is what was undecided when it opened: the first `carried` places had been handed out
    by then. It runs within one epoch, and ends with it. `report` is as of `up_to_seq` of the log.
    """

    __tablename__ = "split_audit"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int] = mapped_column()
    split: Mapped[str] = mapped_column(String(80))
    epoch_id: Mapped[int] = mapped_column(ForeignKey("audit_epoch.id"))
    pool: Mapped[int] = mapped_column()
    carried: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    report: Mapped[JsonObject] = mapped_column(default=dict)
    up_to_seq: Mapped[int | None] = mapped_column(BigId)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SplitAuditKey(Table):
    """An example of the pool of a split's audit, at its place of the random order.

    `drawn_at` is the last serve of the project before it was drawn; none: not drawn yet.
    """

    __tablename__ = "split_audit_key"
    __table_args__ = (
        UniqueConstraint("audit_id", "place"),
        Index("ix_split_audit_key_example", "example_id"),
    )

    audit_id: Mapped[int] = mapped_column(ForeignKey("split_audit.id"), primary_key=True)
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"), primary_key=True)
    place: Mapped[int] = mapped_column()
    label_at_open: Mapped[int] = mapped_column(ForeignKey("label.id"))
    drawn_at: Mapped[int | None] = mapped_column(BigId)
