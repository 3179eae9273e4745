"""What the list of examples can be narrowed to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.db.tables.audit import AuditKey, Serve
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, BatchMember
from app.db.words import DataType, ImportState, Status, Stream
from app.ranking.signal_names import Signal, bit_of

NO_LABEL = 0  # as a filter: examples that came without a label
UNSEEN = (ImportState.IMPORTING, ImportState.CANCELLED, ImportState.FAILED)


class Served(StrEnum):
    """Where an example stands in the audit epoch that is open."""

    AUDIT = "audit"  # drawn at random
    NO = "no"  # not handed out yet


@dataclass(frozen=True, slots=True)
class Filter:
    """What the examples must fulfil; None and "" ask for nothing."""

    status: Status | None = None
    given: int | None = None
    label: int | None = None  # the final one
    suggested: int | None = None
    quality: float | None = None  # below
    difficulty: float | None = None  # above
    text: str = ""
    batch: int | None = None  # its number
    source: int | None = None
    split: str = ""
    served: Served | None = None
    signal: Signal | None = None

    @property
    def named(self) -> list[str]:
        """The filters that ask for something."""
        return [field.name for field in fields(self) if getattr(self, field.name) not in (None, "")]

    @property
    def scored(self) -> bool:
        parts = (self.suggested, self.quality, self.difficulty, self.signal)
        return any(part is not None for part in parts)


def unseen_imports(session: Session, project_id: int) -> list[int]:
    """Imports that have stored rows nobody may see yet, or not any more."""
    some = select(Example.id).where(Example.import_id == DataImport.id).limit(1).exists()
    return list(
        session.scalars(
            select(DataImport.id).where(
                DataImport.project_id == project_id, DataImport.state.in_(UNSEEN), some
            )
        )
    )


def conditions(
    project: Project, wanted: Filter, unseen: list[int], *, without: tuple[str, ...] = ()
) -> list[ColumnElement[bool]]:
    """What an example of the list fulfils, but for the filters in `without`."""
    found: list[ColumnElement[bool]] = [Example.project_id == project.id]
    if unseen:
        found.append(Example.import_id.not_in(unseen))
    asked = [name for name in wanted.named if name not in without]
    return found + [_condition(name, getattr(wanted, name), project) for name in asked]


def _condition(name: str, value: Any, project: Project) -> ColumnElement[bool]:
    if name == "given":
        return Example.given_label_id == (value or None)
    if name == "text":
        return _holds(project, value)
    if name == "batch":
        return _in_batch(project.id, value)
    if name == "served":
        return _served(project, value)
    if name == "signal":
        return Score.signals.bitwise_and(bit_of(value)) != 0
    plain: dict[str, ColumnElement[bool]] = {
        "status": Example.status == value,
        "label": Example.final_label_id == value,
        "source": Example.source_id == value,
        "split": Example.split == value,
        "suggested": Score.suggested_id == value,
        "quality": Score.quality < value,
        "difficulty": Score.difficulty > value,
    }
    return plain[name]


def _holds(project: Project, text: str) -> ColumnElement[bool]:
    """Its text, its named values or its key hold these words."""
    key = Example.key.icontains(text, autoescape=True)
    if project.data_type is DataType.IMAGE:
        return key
    if project.data_type is DataType.TEXT:
        return or_(Example.content["text"].as_string().icontains(text, autoescape=True), key)
    stored = orjson.dumps(text).decode()[1:-1]  # as it stands within the list of values
    return or_(Example.content["fields"].as_string().icontains(stored, autoescape=True), key)


def _in_batch(project_id: int, number: int) -> ColumnElement[bool]:
    """Waiting in the batch, or handed out by it."""
    batch = (
        select(Batch.id)
        .where(Batch.project_id == project_id, Batch.number == number)
        .scalar_subquery()
    )
    waiting = select(BatchMember.example_id).where(
        BatchMember.batch_id == batch, BatchMember.waiting
    )
    served = select(Serve.example_id).where(Serve.batch_id == batch)
    return or_(Example.id.in_(waiting), Example.id.in_(served))


def _served(project: Project, value: Served) -> ColumnElement[bool]:
    served = select(Serve.example_id).where(Serve.epoch_id == project.epoch_id)
    if value is Served.AUDIT:
        return Example.id.in_(served.where(Serve.stream == Stream.AUDIT))
    pool = select(AuditKey.example_id).where(AuditKey.epoch_id == project.epoch_id)
    return and_(Example.id.in_(pool), Example.id.not_in(served))
