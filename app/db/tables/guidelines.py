"""Rules for labels in words, version by version, and the examples that show what they mean."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import Table, UtcDateTime, Word, identity
from app.db.words import Belongs


class Guideline(Table):
    """One version of the rule for the project, for one of its labels, or for a pair of them.

    It holds from a revision of the project's guideline on: an answer knows the revision that its
    reader saw, and so every version that held then.
    """

    __tablename__ = "guideline"
    __table_args__ = (
        UniqueConstraint("project_id", "subject", "version"),
        UniqueConstraint("project_id", "revision"),
    )

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    subject: Mapped[str] = mapped_column(String(48))  # its labels' ids, as `3-12`; "": the project
    label_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("label.id"))
    version: Mapped[int] = mapped_column()
    revision: Mapped[int] = mapped_column()
    text: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32))  # the log holds a hash of the text with it
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReferenceExample(Table):
    """A decided example that shows what belongs under a label, or what does not."""

    __tablename__ = "reference_example"
    __table_args__ = (UniqueConstraint("label_id", "example_id"),)

    id: Mapped[int] = identity()
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    example_id: Mapped[int] = mapped_column(ForeignKey("example.id"), index=True)
    belongs: Mapped[Belongs] = mapped_column(Word(Belongs))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
