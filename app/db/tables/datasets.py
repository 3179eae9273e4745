"""Projects and what was imported into them; nothing imported is ever overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, Table, UtcDateTime, Word, identity
from app.db.words import ArrayState, DataType, ImportState, Reason, Status


class Project(Table):
    """One dataset, its labels, its people; the row is also the lock of its serve step and log."""

    __tablename__ = "project"

    id: Mapped[int] = identity()
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(16), default="single")
    data_type: Mapped[DataType] = mapped_column(Word(DataType))
    confirmations: Mapped[int] = mapped_column(default=1)
    target_bp: Mapped[int] = mapped_column(default=500)  # wrong labels allowed to remain, 1/10,000
    target_chosen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # none: nobody chose it
    closing: Mapped[bool] = mapped_column(default=False, server_default=false())  # mostly checks
    refit_after: Mapped[int] = mapped_column(default=100, server_default="100")  # 0: never
    copies_together: Mapped[bool] = mapped_column(  # identical examples get one answer
        default=True, server_default=true()
    )
    guideline: Mapped[str] = mapped_column(Text, default="")
    guideline_revision: Mapped[int] = mapped_column(default=1)
    schema_revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # on its way out
    log_seq: Mapped[int] = mapped_column(BigId, default=0)
    log_hash: Mapped[bytes] = mapped_column(LargeBinary(32), default=bytes(32))
    serve_seq: Mapped[int] = mapped_column(BigId, default=0)
    epoch_id: Mapped[int | None] = mapped_column(BigId)  # the audit epoch that is open
    unserved: Mapped[int] = mapped_column(default=0)  # of that epoch's pool
    drawn_key: Mapped[int] = mapped_column(BigId, default=-1)  # its keys up to here are served
    run_id: Mapped[int | None] = mapped_column(BigId)  # the scoring run that is served

    @property
    def archived(self) -> bool:
        """Put away: it is looked at and released, and nothing is done in it."""
        return self.archived_at is not None


class ProjectSlug(Table):
    """Slugs a project had before; they redirect."""

    __tablename__ = "project_slug"

    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)


class Source(Table):
    """Who or what gave labels before import."""

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("project_id", "origin"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    origin: Mapped[str] = mapped_column(String(64))  # SHA-256 of the other columns
    type: Mapped[str] = mapped_column(String(16), default="unknown")
    name: Mapped[str] = mapped_column(String(200))
    guideline_version: Mapped[str] = mapped_column(String(80), default="")
    batch: Mapped[str] = mapped_column(String(80), default="")
    model_version: Mapped[str] = mapped_column(String(80), default="")
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # may not judge its own


class DataImport(Table):
    __tablename__ = "data_import"
    __table_args__ = (UniqueConstraint("project_id", "sha256", "mapping_hash"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    state: Mapped[ImportState] = mapped_column(Word(ImportState))
    file_name: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigId)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mapping_hash: Mapped[str] = mapped_column(String(64))
    report: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # columns, counts, problems, preview
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_good: Mapped[int] = mapped_column(default=0)
    rows_left_out: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seq: Mapped[int | None] = mapped_column(BigId)  # its event in the log


class LeftOut(Table):
    """A row of a file that was not imported, and why."""

    __tablename__ = "left_out"
    __table_args__ = (Index("ix_left_out_import", "import_id", "row"),)

    id: Mapped[int] = identity()
    import_id: Mapped[int] = mapped_column(ForeignKey("data_import.id"))
    row: Mapped[int] = mapped_column()
    code: Mapped[str] = mapped_column(String(8))
    column: Mapped[str] = mapped_column(String(300), default="")
    message: Mapped[str] = mapped_column(Text)
    excerpt: Mapped[str] = mapped_column(Text, default="")


class Label(Table):
    __tablename__ = "label"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        Index("ix_label_retired", "project_id", "current_id"),
    )

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(200))
    display: Mapped[str] = mapped_column(  # what a lead calls it on screens; "": by its name
        String(200), default="", server_default=""
    )
    code: Mapped[str] = mapped_column(
        String(200), default=""
    )  # what the file says, if not the name
    description: Mapped[str] = mapped_column(Text, default="")
    synonyms: Mapped[list[Any]] = mapped_column(default=list)
    key: Mapped[str] = mapped_column(String(8), default="")
    schema_revision: Mapped[int] = mapped_column(default=1)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("label.id"))
    current_id: Mapped[int | None] = mapped_column(
        ForeignKey("label.id"), index=True
    )  # what stands for it now, where it was retired: the end of the line of replacements

    @property
    def shown(self) -> str:
        """What screens call it. Files, programs and the log have its name."""
        return self.display or self.name


class Example(Table):
    """One item to be labelled. Status and final label are a fast copy of the log's fold."""

    __tablename__ = "example"
    __table_args__ = (
        UniqueConstraint("project_id", "key"),
        Index("ix_example_status", "project_id", "status", "id"),
        Index("ix_example_given", "project_id", "given_label_id", "id"),
        Index("ix_example_final", "project_id", "final_label_id", "id"),
        Index("ix_example_import", "import_id", "row"),
        Index("ix_example_bulk", "bulk_label_id"),
        Index("ix_example_content", "project_id", "content_hash", "status", "given_label_id", "id"),
    )

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("data_import.id"))
    row: Mapped[int] = mapped_column()
    key: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = (
        mapped_column()
    )  # {"text"} | {"image", "width", "height"} | {"fields"}
    columns: Mapped[dict[str, Any]] = mapped_column()  # every imported value as the text it was
    salt: Mapped[str | None] = mapped_column(String(32))  # hex; erased with the example
    content_hash: Mapped[str] = mapped_column(String(64))
    given_label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"))
    bulk_label_id: Mapped[int | None] = mapped_column(
        ForeignKey("label.id")
    )  # what a bulk fix put in its place
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"))
    split: Mapped[str] = mapped_column(String(80), default="")
    group_key: Mapped[str] = mapped_column(
        String(200), default="", server_default=""
    )  # those that share it are held out together
    status: Mapped[Status] = mapped_column(Word(Status), default=Status.UNREVIEWED)
    final_label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"))
    removed_reason: Mapped[Reason | None] = mapped_column(Word(Reason))
    decided_seq: Mapped[int | None] = mapped_column(BigId)  # the event that made it final


class Prediction(Table):
    """A user's own array: `pred_probs`, `embeddings` or `losses`.

    `blob` holds what was checked, with ids and label names; `file` what was pushed.
    """

    __tablename__ = "prediction"

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(300))  # of the model
    state: Mapped[ArrayState] = mapped_column(
        Word(ArrayState), default=ArrayState.READY, server_default=ArrayState.READY
    )
    blob: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(String(64), default="", server_default="")
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    rows: Mapped[int] = mapped_column()
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # from the next ranking on


class Blob(Table):
    """Bytes kept by SHA-256, with the type found by our own look at them."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigId)
    media_type: Mapped[str] = mapped_column(String(80))
