"""The good rows of a staged import become examples: in chunks, unseen until all are there."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.datasets.cancel import delete_rows, forget_labels, sweep
from app.datasets.import_lock import lock_import, refuse_cancelled
from app.datasets.labels import NOT_YET, NewLabel, add_labels
from app.datasets.mapping import mapping_of
from app.datasets.meeting import Newcomers
from app.datasets.publish import lines_hash, publish
from app.datasets.report import report_of
from app.datasets.roles import GROUP, SOURCE, SPLIT
from app.datasets.sources import source_ids
from app.datasets.stage import obstacles, staged_rows
from app.datasets.staged import GoodRow, LeftOutRow, StagedRow
from app.db.dialects import insert_or_skip
from app.db.engine import reading, writing, writing_a_part
from app.db.log import ProjectLock, lock_project
from app.db.prepared import run
from app.db.tables.datasets import Blob, DataImport, Example, Label, LeftOut
from app.db.words import ImportState, Status
from app.errors import Conflict, DataProblem, Gone, ProjectArchived
from app.failpoints import reach
from app.progress import Progress, quiet

CHUNK = 500  # a reviewer who writes meanwhile waits for one of these
_ADD = {table: insert(table.__table__) for table in (Example, LeftOut)}  # type: ignore[arg-type]
AfterImport = Callable[[Session, DataImport], None]
Prepare = Callable[[Engine, DataImport], None]
One = TypeVar("One")


def nothing_first(engine: Engine, data_import: DataImport) -> None:
    """For an import that needs no preparation."""


def nothing_more(session: Session, data_import: DataImport) -> None:
    """For an import that nothing follows."""


@dataclass(frozen=True, slots=True)
class Along:
    """What goes along with an import.

    `prepare` runs when every row is stored and none is visible yet; `after_import` runs in the
    transaction that makes them visible.
    """

    progress: Progress = quiet
    prepare: Prepare = nothing_first
    after_import: AfterImport = nothing_more


def commit_import(
    engine: Engine,
    blobs: BlobStore,
    import_id: int,
    *,
    now: datetime,
    along: Along = Along(),
) -> DataImport:
    """Import the good rows; may be killed anywhere and run again, and by two at once."""
    data_import = _begin(engine, import_id)
    if data_import.state is ImportState.DONE:
        return data_import
    try:
        _copy_rows(engine, blobs, data_import, along.progress)
    except Gone:
        with writing(engine) as session:
            refuse_cancelled(session, import_id)  # who brought it in has tidied up
        raise
    along.progress("binding rows", 0, 1)
    lines = lines_hash(engine, import_id)
    along.prepare(engine, data_import)
    along.progress("finishing", 0, 1)
    with writing(engine) as session:
        done = publish(session, import_id, lines, now=now)
        along.after_import(session, done)
    report = report_of(done.report)
    if "staged" in report:
        blobs.remove(report["staged"])
    return done


def _begin(engine: Engine, import_id: int) -> DataImport:
    """Take the project's one place for an import, and make the labels it brings."""
    with writing(engine) as session:
        data_import = lock_import(session, import_id)
        if data_import.state in (ImportState.DONE, ImportState.IMPORTING):
            return data_import
        _refuse_unready(data_import)
        project_id = data_import.project_id
    delete_rows(engine, import_id)  # of an earlier try that was cancelled
    sweep(engine, project_id)
    with writing(engine) as session:
        lock = lock_project(session, project_id)  # before the import, as everywhere
        data_import = lock_import(session, import_id)
        if data_import.state in (ImportState.DONE, ImportState.IMPORTING):
            return data_import  # another began meanwhile
        _refuse_put_away(lock)
        _refuse_unready(data_import)
        other = session.scalar(
            select(DataImport.id).where(
                DataImport.project_id == data_import.project_id,
                DataImport.state == ImportState.IMPORTING,
                DataImport.id != import_id,
            )
        )
        if other is not None:
            raise Conflict(
                "Another import into this project is under way.",
                next_step="Wait until it is done, or cancel it.",
                code="import_running",
            )
        forget_labels(session, project_id)
        _make_labels(session, data_import)
        data_import.state = ImportState.IMPORTING
        session.flush()
        return data_import


def _refuse_put_away(lock: ProjectLock) -> None:
    if lock.archived:
        raise ProjectArchived(
            "This project was archived or deleted meanwhile: nothing is imported into it.",
            next_step="Bring the project back, then import the file again.",
        )


def _refuse_unready(data_import: DataImport) -> None:
    open_ends = obstacles(report_of(data_import.report))
    if open_ends:
        first = open_ends[0]
        raise DataProblem(first["message"], next_step=first["fix"], code=first["code"])
    if data_import.state is not ImportState.STAGED:
        raise Conflict(
            "This import is not ready.",
            next_step="Wait until the file is checked, or start the import again.",
            code="import_state",
        )


def _make_labels(session: Session, data_import: DataImport) -> None:
    """Labels the file brings, unseen until the import is done; listed ones come first."""
    report = report_of(data_import.report)
    wanted = {
        row["name"]: NewLabel(row["name"], row["code"], row["description"], tuple(row["synonyms"]))
        for row in report.get("label_list", [])
    }
    for name, _ in report.get("labels", []):
        wanted.setdefault(name, NewLabel(name))
    there = set(
        session.scalars(select(Label.name).where(Label.project_id == data_import.project_id))
    )
    new = [label for name, label in wanted.items() if name not in there]
    add_labels(session, data_import.project_id, new, revision=NOT_YET)


def _copy_rows(
    engine: Engine, blobs: BlobStore, data_import: DataImport, progress: Progress
) -> None:
    with reading(engine) as session:
        labels = _label_ids(session, data_import)
        newcomers = Newcomers.of(session, data_import)
        last = _last_row(session, data_import.id)
    total, done = data_import.rows_read, 0
    for chunk in _chunks(staged_rows(blobs, report_of(data_import.report))):
        done += len(chunk)
        progress("storing rows", done, total)
        if chunk[-1].row <= last:
            continue
        with writing_a_part(engine) as session:
            last = _copy_chunk(session, data_import, chunk, labels, newcomers)
        reach("import.chunk")


def _copy_chunk(
    session: Session,
    data_import: DataImport,
    chunk: list[StagedRow],
    labels: dict[str, int],
    newcomers: Newcomers,
) -> int:
    """Store what is not stored yet of one chunk; the last row that is."""
    refuse_cancelled(session, data_import.id)
    last = _last_row(session, data_import.id)  # another worker may have come this far
    good = _leave_out(session, newcomers, data_import.id, [row for row in chunk if row.row > last])
    names = {name for row in good if (name := row.kept[SOURCE.name])}
    kind = mapping_of(data_import.mapping).source_type or "unknown"
    ids = source_ids(session, data_import.project_id, names, kind=kind)
    _insert(session, Example, [_example(data_import, row, labels, ids) for row in good])
    _store_blobs(session, good)
    return max(last, chunk[-1].row)


def _label_ids(session: Session, data_import: DataImport) -> dict[str, int]:
    """Written label -> id, over what it stands for; retired labels lead to their successor."""
    ids: dict[str, int] = {}
    for label in session.scalars(select(Label).where(Label.project_id == data_import.project_id)):
        ids[label.name] = label.id
    return {
        raw: ids[name]
        for raw, name in report_of(data_import.report).get("label_map", {}).items()
        if name in ids  # a label that only rows have which are there already is not made
    }


def _last_row(session: Session, import_id: int) -> int:
    """Rows are stored in order, so the last one says where to go on."""
    rows = (
        session.scalar(select(func.max(table.row)).where(table.import_id == import_id))
        for table in (Example, LeftOut)
    )
    return max((row or 0 for row in rows), default=0)


def _chunks(rows: Iterator[One]) -> Iterator[list[One]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _leave_out(
    session: Session, newcomers: Newcomers, import_id: int, rows: list[StagedRow]
) -> list[GoodRow]:
    """Write down the rows that are left out; what remains is good."""
    good = [row for row in rows if isinstance(row, GoodRow)]
    met = newcomers.meet(session, good)
    bad = [row for row in rows if isinstance(row, LeftOutRow)]
    for number, said in met.items():
        words = " ".join(filter(None, (said["message"], said["fix"])))
        bad.append(LeftOutRow(number, said["code"], said["column"], words, said["excerpt"]))
    _insert(session, LeftOut, [{"import_id": import_id, **row._asdict()} for row in sorted(bad)])
    return [row for row in good if row.row not in met]


def _example(
    data_import: DataImport, row: GoodRow, labels: dict[str, int], sources: dict[str, int]
) -> dict[str, object]:
    return {
        "project_id": data_import.project_id,
        "import_id": data_import.id,
        "row": row.row,
        "key": row.key,
        "content": row.content,
        "columns": row.values,
        "salt": secrets.token_hex(16),
        "content_hash": row.content_hash,
        "given_label_id": None if row.label is None else labels[row.label],
        "source_id": sources.get(row.kept[SOURCE.name]),
        "split": row.kept[SPLIT.name],
        "group_key": row.kept[GROUP.name],
        "status": Status.UNREVIEWED,
    }


def _insert(
    session: Session, table: type[Example] | type[LeftOut], rows: list[dict[str, object]]
) -> None:
    if rows:
        run(session, _ADD[table], rows)


def _store_blobs(session: Session, rows: list[GoodRow]) -> None:
    blobs = {blob.sha256: blob._asdict() for row in rows for blob in row.blobs}
    if blobs:
        statement = insert_or_skip(session, Blob, index=["sha256"])
        session.execute(statement, [blobs[name] for name in sorted(blobs)])
