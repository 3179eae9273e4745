"""Files of tests, brought in as the command line does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.cli.imports import ImportRequest, ImportResult, run_import, usual_answer
from app.datasets.blobs import BlobStore
from app.datasets.mapping import BESIDE, ImportMapping, StoredFile, mapping_of
from app.datasets.stage import FileToImport, stage_file
from app.db.tables.datasets import DataImport
from app.settings import Settings
from tests.web.cast import NOON


def request_for(project: str, file: Path, **said: Any) -> ImportRequest:
    """A request by words: `text="question"`, `media=path`, `choices={"E301": "unlabeled"}`."""
    beside = {name: said.pop(name) for name in BESIDE if said.get(name)}
    more = {name: said.pop(name) for name in ("media", "confirmations", "lead") if name in said}
    return ImportRequest(project, file, mapping_of(said), beside=beside, **more)


def bring_in(engine: Engine, settings: Settings, project: str, file: Path, **said: Any) -> Any:
    """Import it with the usual answers."""
    result: ImportResult = run_import(
        engine, settings, request_for(project, file, **said), ask=usual_answer
    )
    return result


def stage_bytes(
    session: Session, blobs: BlobStore, project_id: int, content: bytes, name: str = "x.csv"
) -> DataImport:
    """Stage a file of these bytes, of which nothing is said."""
    file = StoredFile(name, blobs.put(content), len(content))
    given = FileToImport(file, ImportMapping())
    return stage_file(session, project_id, given, by=None, now=NOON)
