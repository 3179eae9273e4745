"""The good rows of a staged import become examples: in chunks, unseen until all are there."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Table, func, insert, select
from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.datasets.cancel import delete_rows, forget_labels, sweep
from app.datasets.held import held_import, still_importing
from app.datasets.labels import NOT_YET, NewLabel, add_labels
from app.datasets.publish import lines_hash, publish
from app.datasets.sources import source_ids
from app.datasets.stage import already_there, clash, obstacles, staged_lines
from app.db.dialects import insert_or_skip, is_sqlite
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.datasets import Blob, DataImport, Example, Label, LeftOut
from app.db.words import ImportState, Status
from app.errors import Conflict, DataProblem
from app.failpoints import reach
from app.progress import Progress, quiet

CHUNK = 2000
_LONGEST_PAUSE = 0.2
AfterImport = Callable[[Session, int, int], None]
Prepare = Callable[[Engine, int, int], None]
Line = dict[str, Any]


def nothing_more(session: Session, project_id: int, import_id: int) -> None:
    """The hook of an import that nothing follows."""


def nothing_first(engine: Engine, project_id: int, import_id: int) -> None:
    """The hook of an import that needs no preparation."""


def commit_import(
    engine: Engine,
    blobs: BlobStore,
    import_id: int,
    *,
    now: datetime,
    progress: Progress = quiet,
    prepare: Prepare = nothing_first,
    after_import: AfterImport = nothing_more,
) -> DataImport:
    """Import the good rows; may be killed anywhere and run again.

    `prepare` runs when every row is stored and none is visible yet; `after_import` runs in the
    transaction that makes them visible.
    """
    found = _begin(engine, import_id)
    if found.state is ImportState.DONE:
        return found
    _copy_rows(engine, blobs, found, progress)
    progress("binding rows", 0, 1)
    lines = lines_hash(engine, import_id)
    prepare(engine, found.project_id, import_id)
    progress("finishing", 0, 1)
    with writing(engine) as session:
        publish(session, import_id, lines, now=now)
        after_import(session, found.project_id, import_id)
    with reading(engine) as session:
        done = session.get_one(DataImport, import_id)
    if "staged" in done.report:
        blobs.remove(done.report["staged"])
    return done


def _begin(engine: Engine, import_id: int) -> DataImport:
    """Take the project's one place for an import, and make the labels it brings."""
    with writing(engine) as session:
        found = held_import(session, import_id)
        if found.state in (ImportState.DONE, ImportState.IMPORTING):
            return found
        _refuse_unready(found)
        project_id = found.project_id
    delete_rows(engine, import_id)  # of an earlier try that was cancelled
    sweep(engine, project_id)
    with writing(engine) as session:
        lock_project(session, held_import(session, import_id).project_id)
        found = held_import(session, import_id)
        _refuse_unready(found)
        other = session.scalar(
            select(DataImport.id).where(
                DataImport.project_id == found.project_id,
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
        _make_labels(session, found)
        found.state = ImportState.IMPORTING
        session.flush()
        return found


def _refuse_unready(found: DataImport) -> None:
    open_ends = obstacles(found.report)
    if open_ends:
        first = open_ends[0]
        raise DataProblem(first["message"], next_step=first["fix"], code=first["code"])
    if found.state is not ImportState.STAGED:
        raise Conflict(
            "This import is not ready.",
            next_step="Wait until the file is checked, or start the import again.",
            code="import_state",
        )


def _make_labels(session: Session, found: DataImport) -> None:
    """Labels the file brings, unseen until the import is done; listed ones come first."""
    report = found.report
    wanted = {
        row["name"]: NewLabel(row["name"], row["code"], row["description"], tuple(row["synonyms"]))
        for row in report.get("label_list", [])
    }
    for name, _ in report.get("labels", []):
        wanted.setdefault(name, NewLabel(name))
    there = set(session.scalars(select(Label.name).where(Label.project_id == found.project_id)))
    new = [label for name, label in wanted.items() if name not in there]
    add_labels(session, found.project_id, new, revision=NOT_YET)


def _copy_rows(engine: Engine, blobs: BlobStore, found: DataImport, progress: Progress) -> None:
    with reading(engine) as session:
        labels = _label_ids(session, found)
        last = _last_row(session, found.id)
    total, done = found.rows_read, 0
    for chunk in _chunks(staged_lines(blobs, found.report)):
        done += len(chunk)
        progress("storing rows", done, total)
        if chunk[-1]["r"] <= last:
            continue
        began = time.monotonic()
        with writing(engine) as session:
            last = _copy_chunk(session, found, chunk, labels)
            polls = is_sqlite(session)
        reach("import.chunk")
        if polls:  # a writer in another process gets its turn only when the file is free
            time.sleep(min(time.monotonic() - began, _LONGEST_PAUSE))


def _copy_chunk(
    session: Session, found: DataImport, chunk: list[Line], labels: dict[str, int]
) -> int:
    """Store what is not stored yet of one chunk; the last row that is."""
    still_importing(session, found.id)
    last = _last_row(session, found.id)  # another worker may have come this far
    good = _leave_out(session, found, [line for line in chunk if line["r"] > last])
    names = {line["s"] for line in good if line["s"]}
    kind = str(found.mapping.get("source_type") or "unknown")
    ids = source_ids(session, found.project_id, names, kind=kind)
    _insert(session, Example.__table__, [_example(found, line, labels, ids) for line in good])
    _store_blobs(session, good)
    return max(last, int(chunk[-1]["r"]))


def _label_ids(session: Session, found: DataImport) -> dict[str, int]:
    """Written label -> id, over what it stands for; retired labels lead to their successor."""
    ids: dict[str, int] = {}
    for label in session.scalars(select(Label).where(Label.project_id == found.project_id)):
        ids[label.name] = label.id
    return {raw: ids[name] for raw, name in found.report.get("label_map", {}).items()}


def _last_row(session: Session, import_id: int) -> int:
    """Rows are stored in order, so the last one says where to go on."""
    rows = (
        session.scalar(select(func.max(table.row)).where(table.import_id == import_id))
        for table in (Example, LeftOut)
    )
    return max((row or 0 for row in rows), default=0)


def _chunks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while chunk := list(islice(lines, CHUNK)):
        yield chunk


def _leave_out(session: Session, found: DataImport, lines: list[Line]) -> list[Line]:
    """Write down the rows that are left out; what remains is good."""
    there = already_there(session, found.project_id, [line["k"] for line in lines if "k" in line])
    good, bad = [], []
    for line in lines:
        if "x" in line:
            bad.append((line["r"], line["x"], line["col"], line["m"], line["e"]))
        elif line["k"] in there:
            made = clash(line["r"], line["k"])
            message = f"{made['message']} {made['fix']}"
            bad.append((line["r"], "E114", "id", message, made["excerpt"]))
        else:
            there.add(line["k"])
            good.append(line)
    names = ("row", "code", "column", "message", "excerpt")
    rows = [{"import_id": found.id} | dict(zip(names, row, strict=True)) for row in bad]
    _insert(session, LeftOut.__table__, rows)
    return good


def _example(
    found: DataImport, line: Line, labels: dict[str, int], sources: dict[str, int]
) -> dict[str, Any]:
    return {
        "project_id": found.project_id,
        "import_id": found.id,
        "row": line["r"],
        "key": line["k"],
        "content": line["c"],
        "columns": line["v"],
        "salt": secrets.token_hex(16),
        "content_hash": line["h"],
        "given_label_id": None if line["l"] is None else labels[line["l"]],
        "source_id": sources.get(line["s"]),
        "split": line["p"],
        "group_key": line.get("g", ""),
        "status": Status.UNREVIEWED,
    }


def _insert(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    assert isinstance(table, Table)
    if rows:
        session.connection().execute(insert(table), rows)


def _store_blobs(session: Session, lines: list[Line]) -> None:
    rows = {
        name: {"sha256": name, "size": size, "media_type": media}
        for line in lines
        for name, size, media in line.get("b", ())
    }
    if rows:
        statement = insert_or_skip(session, Blob, index=["sha256"])
        session.execute(statement, [rows[name] for name in sorted(rows)])
