"""An import is taken out again: its rows are emptied and hidden, and the log says so.

Rows are not deleted. Serves and keys of the audit name their examples for ever; what a withdrawn
example keeps is its id, its row and its salt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, exists, literal, select, update
from sqlalchemy.orm import Session

from app.datasets.labels import NOT_YET, write_schema
from app.datasets.report import report_of
from app.db.log import ProjectLock
from app.db.log_bodies import Body, SchemaData
from app.db.tables.datasets import DataImport, Example, Label, Prediction
from app.db.tables.models import Model, ModelPrediction
from app.db.tables.review import Decision, Event, Reversal
from app.db.words import EventKind, ImportState, Status

_GONE = NOT_YET - 1
"""Schema revision of labels whose import was withdrawn: keys of old audits name them still."""


def take_out(
    lock: ProjectLock, data_import: DataImport, *, actor: str | None, now: datetime
) -> None:
    """Hide the rows of an import that is done, give its keys and labels free, and log it."""
    session = lock.session
    data = {"import": data_import.id, "rows": data_import.rows_good}
    lock.append(EventKind.WITHDRAW, data, actor=actor, now=now)
    data_import.state, data_import.finished_at = ImportState.WITHDRAWN, now
    told = f"{data_import.mapping_hash} of import {data_import.id}, withdrawn"
    data_import.mapping_hash = hashlib.sha256(told.encode()).hexdigest()  # it may come again
    _empty(session, data_import.id)
    _withdraw_arrays(session, data_import, now=now)
    labels = _labels_alone_of(session, data_import)
    if labels:
        _hide(session, labels, now=now)
        write_schema(session, lock, actor=actor, now=now)
    session.flush()


def _empty(session: Session, import_id: int) -> None:
    """Their keys are free for other rows; the salt, which nobody can guess, stands for them."""
    mine = select(Example.id).where(Example.import_id == import_id)
    session.execute(
        delete(ModelPrediction)
        .where(ModelPrediction.example_id.in_(mine))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Example)
        .where(Example.import_id == import_id)
        .values(
            key=literal("withdrawn ") + Example.salt,
            content={},
            columns={},
            given_label_id=None,
            source_id=None,
            split="",
            group_key="",
            status=Status.ERASED,
        )
        .execution_options(synchronize_session=False)
    )


def _withdraw_arrays(session: Session, data_import: DataImport, *, now: datetime) -> None:
    """Arrays that came with the file are no part of the next ranking."""
    blobs = [array["blob"] for array in report_of(data_import.report).get("arrays", [])]
    session.execute(
        update(Prediction)
        .where(
            Prediction.project_id == data_import.project_id,
            Prediction.blob.in_(blobs),
            Prediction.file == "",
            Prediction.removed_at.is_(None),
        )
        .values(removed_at=now)
        .execution_options(synchronize_session=False)
    )


def _labels_alone_of(session: Session, data_import: DataImport) -> list[int]:
    """Labels that came with this import and that nothing else has used since."""
    revision = _revision_of(session, data_import)
    if revision is None:
        return []
    about: Any = Label.id
    standing = select(Label.replaced_by).where(
        Label.project_id == data_import.project_id, Label.replaced_by.is_not(None)
    )
    predicted = (
        select(ModelPrediction.label_id)
        .join(Model, Model.id == ModelPrediction.model_id)
        .where(Model.project_id == data_import.project_id)
    )
    query = select(Label.id).where(
        Label.project_id == data_import.project_id,
        Label.schema_revision == revision,
        Label.retired_at.is_(None),
        Label.id.not_in(standing),
        Label.id.not_in(predicted),
        ~exists().where(
            Example.project_id == data_import.project_id, Example.given_label_id == about
        ),
        ~exists().where(Decision.project_id == data_import.project_id, Decision.label_id == about),
        ~exists().where(Reversal.project_id == data_import.project_id, Reversal.label_id == about),
    )
    return list(session.scalars(query))


def _revision_of(session: Session, data_import: DataImport) -> int | None:
    """The revision of the schema that the import wrote just before its own event, if it did."""
    body = session.scalar(
        select(Event.body).where(
            Event.project_id == data_import.project_id,
            Event.seq == (data_import.seq or 0) - 1,
            Event.kind == EventKind.SCHEMA,
        )
    )
    if body is None:
        return None
    event: Body[SchemaData] = orjson.loads(body)
    return event["data"]["revision"]


def _hide(session: Session, labels: Collection[int], *, now: datetime) -> None:
    for label in session.scalars(select(Label).where(Label.id.in_(labels))):
        label.name, label.schema_revision, label.retired_at = f"withdrawn {label.id}", _GONE, now
    session.flush()
