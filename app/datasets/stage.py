"""Imports are staged: read and checked first, so that a lead sees what would happen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.datasets.array_kinds import ARRAY_KINDS
from app.datasets.blobs import BlobStore
from app.datasets.import_lock import lock_import
from app.datasets.labels import labels_of
from app.datasets.mapping import ImportMapping, StoredFile, mapping_of
from app.datasets.meeting import earlier_files, meet
from app.datasets.parse_job import GivenArray, GivenFile, KnownName, ParseJob
from app.datasets.parsing import ParserCrashed, read_file
from app.datasets.report import Finding, Found, Question, Report, report_of
from app.datasets.scratch import ARRAYS, PICTURES, STAGED
from app.datasets.staged import StagedRow, row_of
from app.db.dialects import insert_or_skip, locked
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Project
from app.db.words import ImportState
from app.errors import Gone, NotFound
from app.progress import Progress, quiet

_OPTIONAL = frozenset(
    {"E102", "E111", "E301", "E115", "E502", "E504", "E505"}
)  # offers; what is meant otherwise is clear
AGAIN = (ImportState.CANCELLED, ImportState.FAILED)
_ARRAYS = tuple(name for name, kind in ARRAY_KINDS.items() if kind.beside_examples)


@dataclass(frozen=True, slots=True)
class FileToImport:
    """Stored bytes, and what was said of them."""

    file: StoredFile
    mapping: ImportMapping = field(default_factory=ImportMapping)


def stage_file(
    session: Session, project_id: int, given: FileToImport, *, by: int | None, now: datetime
) -> DataImport:
    """Begin an import of stored bytes; the same bytes and mapping are the same import."""
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound()
    file, mapping = given.file, given.mapping.for_type(project.data_type)
    session.execute(
        insert_or_skip(session, DataImport).values(
            project_id=project_id,
            state=ImportState.CHECKING,
            file_name=file.name[-300:],
            sha256=file.sha256,
            size=file.size,
            mapping=mapping.as_json(),
            mapping_hash=mapping.hash,
            created_by=by,
            created_at=now,
        )
    )
    data_import = session.scalars(
        locked(
            select(DataImport).where(
                DataImport.project_id == project_id,
                DataImport.sha256 == file.sha256,
                DataImport.mapping_hash == mapping.hash,
            )
        )
    ).one()
    if data_import.state in AGAIN:
        data_import.state, data_import.message, data_import.finished_at = (
            ImportState.CHECKING,
            "",
            None,
        )
    session.flush()
    return data_import


def can_import(data_import: DataImport) -> bool:
    """Whether nothing stops it and nothing that must be answered is open."""
    return data_import.state is ImportState.STAGED and not obstacles(report_of(data_import.report))


def obstacles(report: Found) -> list[Finding]:
    """What has to be mended or answered first."""
    return [*report["stops"], *open_questions(report)]


def open_questions(report: Found) -> list[Question]:
    return [
        question
        for question in report["questions"]
        if question["answer"] is None and question["code"] not in _OPTIONAL
    ]


def check_import(
    engine: Engine, blobs: BlobStore, import_id: int, *, progress: Progress = quiet
) -> DataImport:
    """Read the whole file in a limited process and store what was found; may run twice."""
    with reading(engine) as session:
        data_import = session.get(DataImport, import_id)
        if data_import is None:
            raise NotFound()
        if data_import.state is not ImportState.CHECKING:
            return data_import
        prefix = _prefix(session, data_import)
        known = [
            KnownName(one.name, one.code) for one in labels_of(session, data_import.project_id)
        ]
        earlier = earlier_files(session, data_import.project_id)
    with blobs.scratch() as work:
        job = replace(_job(blobs, data_import, work, known, prefix), earlier=earlier)
        try:
            report = read_file(job, progress)
        except ParserCrashed as crash:
            return _store(engine, data_import, None, f"parser_crashed: {crash}")
        blobs.adopt_all(work / PICTURES)
        for array in report.get("arrays", []):
            array["blob"] = blobs.adopt(work / ARRAYS / array.pop("file"))
        if (work / STAGED).is_file():
            report["staged"] = blobs.adopt(work / STAGED)
    if "staged" in report:
        with reading(engine) as session:
            meet(session, data_import, staged_rows(blobs, report), report)
    current = _store(engine, data_import, report, "")
    if current.state is ImportState.DONE and "staged" in report:
        blobs.remove(report["staged"])  # another brought it in meanwhile: nobody needs these
    return current


def _prefix(session: Session, data_import: DataImport) -> str:
    """What generated ids begin with: plain in the only import, else telling which one."""
    other = session.scalar(
        select(DataImport.id)
        .where(
            DataImport.project_id == data_import.project_id,
            DataImport.id != data_import.id,
            DataImport.state.not_in(AGAIN),
        )
        .limit(1)
    )
    return "row" if other is None else f"import-{data_import.id}-row"


def _job(
    blobs: BlobStore, data_import: DataImport, work: Path, known: list[KnownName], prefix: str
) -> ParseJob:
    erased = report_of(data_import.report).get("files_erased")
    if erased and not blobs.exists(data_import.sha256):
        raise Gone(
            f"This file was deleted on {erased}, when an example of it was erased.",
            next_step="Bring the file again, without that example.",
        )
    mapping = mapping_of(data_import.mapping)
    beside = {
        kind: (blobs.sound_path(file.sha256), file.name) for kind, file in mapping.beside.items()
    }
    listed = beside.get("labels")
    return ParseJob(
        work=work,
        mapping=mapping,
        file=GivenFile(blobs.sound_path(data_import.sha256), data_import.file_name),
        media=blobs.sound_path(mapping.media) if mapping.media else None,
        label_list=GivenFile(*listed) if listed else None,
        arrays=[GivenArray(kind, *beside[kind]) for kind in _ARRAYS if kind in beside],
        known_labels=known,
        import_id=data_import.id,
        prefix=prefix,
    )


def _store(
    engine: Engine, data_import: DataImport, report: Report | None, message: str
) -> DataImport:
    """Write down what was found, unless the file is to be read another way meanwhile."""
    with writing(engine) as session:
        current = lock_import(session, data_import.id)
        if (
            current.state is ImportState.CHECKING
            and current.mapping_hash == data_import.mapping_hash
        ):
            current.state = ImportState.FAILED if report is None else ImportState.STAGED
            told = {} if report is None else {**report}
            current.report, current.message = told, message
            read, good = report_of(told).get("rows", 0), report_of(told).get("good", 0)
            current.rows_read, current.rows_good, current.rows_left_out = read, good, read - good
        session.flush()
        return current


def staged_rows(blobs: BlobStore, report: Report) -> Iterator[StagedRow]:
    """The rows as they were read, good and left out, in file order."""
    with blobs.open(report["staged"]) as file:
        next(file)  # the stamp
        yield from map(row_of, file)
