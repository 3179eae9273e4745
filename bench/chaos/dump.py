"""Everything a database holds about a run's project, as plain values."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Engine, func, select

from app.db.engine import reading
from app.db.tables.accounts import Membership, Person
from app.db.tables.audit import AuditEpoch, AuditKey, Serve
from app.db.tables.datasets import DataImport, Example, Label, LeftOut, Project, Source
from app.db.tables.jobs import Job
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.releases import Release
from app.db.tables.review import (
    Batch,
    BatchMember,
    BatchPerson,
    Decision,
    Disagreement,
    Event,
    Lease,
    ReadDue,
    Reversal,
)

Row = dict[str, Any]
Dump = dict[str, list[Row]]

LEFT_ALONE = {"content", "columns", "preferences", "password_hash", "email", "email_key", "report"}
OF_PROJECT = (
    DataImport,
    Label,
    Source,
    Example,
    AuditEpoch,
    Batch,
    Serve,
    Lease,
    ReadDue,
    Event,
    Decision,
    Reversal,
    Disagreement,
    Membership,
    Job,
    ScoringRun,
    Release,
)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return value.hex()
    return value


def _rows(session: Any, table: Any, *conditions: Any) -> list[Row]:
    columns = [column for column in table.__table__.columns if column.name not in LEFT_ALONE]
    query = select(*columns).where(*conditions).order_by(*table.__table__.primary_key.columns)
    names = [column.name for column in columns]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in session.execute(query).all()]


def dump(engine: Engine, project_id: int) -> Dump:
    """One consistent look."""
    with reading(engine) as session:
        found = {
            table.__tablename__: _rows(session, table, table.project_id == project_id)
            for table in OF_PROJECT
        }
        found["project"] = _rows(session, Project, Project.id == project_id)
        found["person"] = _rows(session, Person)
        batches = [row["id"] for row in found["batch"]]
        found["batch_member"] = _rows(session, BatchMember, BatchMember.batch_id.in_(batches))
        found["batch_person"] = _rows(session, BatchPerson, BatchPerson.batch_id.in_(batches))
        epochs = [row["id"] for row in found["audit_epoch"]]
        found["audit_key"] = _rows(session, AuditKey, AuditKey.epoch_id.in_(epochs))
        imports = [row["id"] for row in found["data_import"]]
        found["left_out"] = _rows(session, LeftOut, LeftOut.import_id.in_(imports))
        runs = [row["id"] for row in found["scoring_run"]]
        counted = select(Score.run_id, func.count()).where(Score.run_id.in_(runs))
        found["score_count"] = [
            {"run_id": run, "scores": count}
            for run, count in session.execute(counted.group_by(Score.run_id))
        ]
        return found
