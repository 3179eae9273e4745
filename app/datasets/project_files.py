"""The blobs that a project's rows name, and those of them that nobody else needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.db.parts import parts
from app.db.tables.datasets import Blob, DataImport, Example, Prediction, Project
from app.db.tables.models import Model
from app.db.tables.ranking import ScoringRun
from app.db.words import DataType

_NAME = re.compile(rb"[0-9a-f]{64}")
_ROWS = 1_000


def remove_files(session: Session, blobs: BlobStore, project_id: int) -> int:
    """Delete the blobs of a project that no other project names; how many."""
    alone = _named(session, Project.id == project_id)
    alone -= _named(session, Project.id != project_id)
    for name in sorted(alone):
        blobs.remove(name.decode())
    for names in parts([name.decode() for name in alone]):
        session.execute(delete(Blob).where(Blob.sha256.in_(names)))
    return len(alone)


def _named(session: Session, which: ColumnElement[bool]) -> set[bytes]:
    return {name for text in _texts(session, which) for name in _NAME.findall(text)}


def _texts(session: Session, which: ColumnElement[bool]) -> Iterator[bytes]:
    """Everything that may name a blob; texts and tables of fields hold no blobs."""
    queries = (
        select(DataImport.sha256, DataImport.mapping, DataImport.report)
        .join(Project, Project.id == DataImport.project_id)
        .where(which),
        select(Prediction.blob, Prediction.file, Prediction.report)
        .join(Project, Project.id == Prediction.project_id)
        .where(which),
        select(Model.file, Model.probabilities)
        .join(Project, Project.id == Model.project_id)
        .where(which),
        select(ScoringRun.artefacts)
        .join(Project, Project.id == ScoringRun.project_id)
        .where(which),
        select(Example.content)
        .join(Project, Project.id == Example.project_id)
        .where(which, Project.data_type == DataType.IMAGE),
    )
    for query in queries:
        for row in session.execute(query.execution_options(yield_per=_ROWS)):
            yield orjson.dumps(tuple(row))
