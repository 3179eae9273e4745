"""The last step of an import: the log binds its rows, and they become visible."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from app.datasets.file_form import form_of
from app.datasets.given import GivenRow
from app.datasets.import_lock import lock_import, refuse_cancelled
from app.datasets.labels import NOT_YET, write_schema
from app.datasets.report import CheckedArray, report_of
from app.db.canonical import Loggable
from app.db.engine import reading
from app.db.log import lock_project
from app.db.tables.accounts import Person
from app.db.tables.datasets import DataImport, Example, Label, LeftOut, Prediction, Project
from app.db.words import EventKind, ImportState
from app.labels import label_set

_CHUNK = 2000


def lines_hash(engine: Engine, import_id: int) -> str:
    """SHA-256 over the line hashes in row order: what the log binds."""
    digest, last = hashlib.sha256(), -1
    with reading(engine) as session:
        form = form_of(session, session.get_one(DataImport, import_id))
        while True:
            rows = session.execute(
                select(
                    Example.id,
                    Example.key,
                    Example.row,
                    Example.given_label_id,
                    Example.salt,
                    Example.columns,
                )
                .where(Example.import_id == import_id, Example.row > last)
                .order_by(Example.row)
                .limit(_CHUNK)
            ).all()
            for example_id, key, row, given, salt, values in rows:
                cells, order = form.cells(values), form.order(values)
                line = GivenRow(example_id, key, row, label_set(given), salt or "", cells, order)
                digest.update(line.hash)
            if not rows:
                return digest.hexdigest()
            last = rows[-1].row


def publish(session: Session, import_id: int, lines: str, *, now: datetime) -> DataImport:
    """One transaction: labels, rows and arrays become visible, and the log says so."""
    project_id = session.scalars(
        select(DataImport.project_id).where(DataImport.id == import_id)
    ).one()
    lock = lock_project(session, project_id)
    data_import = lock_import(session, import_id)
    refuse_cancelled(session, import_id)
    actor = session.scalar(select(Person.pseudonym).where(Person.id == data_import.created_by))
    data_import.rows_good = _count(session, Example, import_id)
    data_import.rows_left_out = _count(session, LeftOut, import_id)
    revision = session.get_one(Project, project_id).schema_revision + 1
    shown = session.execute(
        update(Label)
        .where(Label.project_id == project_id, Label.schema_revision == NOT_YET)
        .values(schema_revision=revision)
        .returning(Label.id)
    ).all()
    if shown:
        write_schema(session, lock, actor=actor, now=now)
    data: dict[str, Loggable] = {
        "import": import_id,
        "rows": data_import.rows_good,
        "left_out": data_import.rows_left_out,
        "sha256": data_import.sha256,
        "lines": lines,
        "form": form_of(session, data_import).hash,
    }
    data_import.seq = lock.append(EventKind.IMPORT, data, actor=actor, now=now).seq
    lock.save()
    for array in report_of(data_import.report).get("arrays", []):
        _add_prediction(session, data_import, array, now=now)
    data_import.state, data_import.finished_at = ImportState.DONE, now
    session.flush()
    return data_import


def _count(session: Session, table: type[Example] | type[LeftOut], import_id: int) -> int:
    query = select(func.count()).select_from(table).where(table.import_id == import_id)
    return int(session.scalar(query) or 0)


def _add_prediction(
    session: Session, data_import: DataImport, array: CheckedArray, *, now: datetime
) -> None:
    session.add(
        Prediction(
            project_id=data_import.project_id,
            kind=array["kind"],
            name=array["name"],
            blob=array["blob"],
            rows=array["rows"],
            report={**array["report"]},
            created_by=data_import.created_by,
            created_at=now,
        )
    )
