"""The good rows of a staged import become examples: in chunks, unseen until all are there."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Table, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.datasets.given import given_line, line_hash
from app.datasets.labels import NOT_YET, NewLabel, add_labels, write_schema
from app.datasets.parsing import Progress, quiet
from app.datasets.sources import source_ids
from app.datasets.stage import already_there, clash, obstacles, staged_lines
from app.db.dialects import insert_or_skip, locked
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.accounts import Person
from app.db.tables.datasets import Blob, DataImport, Example, Label, LeftOut, Prediction, Project
from app.db.tables.review import AuditKey
from app.db.words import EventKind, ImportState, Status
from app.errors import Conflict, DataProblem, NotFound

CHUNK = 2000
_DELETED_AT_ONCE = 500
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
    lines = _lines_hash(engine, import_id)
    prepare(engine, found.project_id, import_id)
    progress("finishing", 0, 1)
    with writing(engine) as session:
        _finish(session, import_id, lines, now=now)
        after_import(session, found.project_id, import_id)
    with reading(engine) as session:
        done = session.get_one(DataImport, import_id)
    if "staged" in done.report:
        blobs.remove(done.report["staged"])
    return done


def _held(session: Session, import_id: int) -> DataImport:
    found = session.scalars(
        locked(select(DataImport).where(DataImport.id == import_id))
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _begin(engine: Engine, import_id: int) -> DataImport:
    """Take the project's one place for an import, and make the labels it brings."""
    with writing(engine) as session:
        found = _held(session, import_id)
        if found.state in (ImportState.DONE, ImportState.IMPORTING):
            return found
        _refuse_unready(found)
    _delete_rows(engine, import_id)  # of an earlier try that was cancelled
    with writing(engine) as session:
        lock_project(session, _held(session, import_id).project_id)
        found = _held(session, import_id)
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
    kind = str(found.mapping.get("source_type") or "unknown")
    several = _is_second(engine, found)
    prefix = f"import-{found.id}-row" if several else "row"
    total, done = found.rows_read, 0
    for chunk in _chunks(staged_lines(blobs, found.report)):
        done += len(chunk)
        progress("storing rows", done, total)
        if chunk[-1]["r"] <= last:
            continue
        with writing(engine) as session:
            _still_importing(session, found.id)
            last = _last_row(session, found.id)  # another worker may have come this far
            rest = [line for line in chunk if line["r"] > last]
            good = _leave_out(session, found, _keyed(rest, prefix))
            names = {line["s"] for line in good if line["s"]}
            ids = source_ids(session, found.project_id, names, kind=kind)
            rows = [_example(found, line, labels, ids) for line in good]
            _insert(session, Example.__table__, rows)
            _store_blobs(session, good)


def _still_importing(session: Session, import_id: int) -> None:
    if _held(session, import_id).state is not ImportState.IMPORTING:
        raise Conflict(
            "The import was cancelled.", next_step="Start it again.", code="import_state"
        )


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


def _is_second(engine: Engine, found: DataImport) -> bool:
    with reading(engine) as session:
        other = select(Example.id).where(
            Example.project_id == found.project_id, Example.import_id != found.id
        )
        return session.scalar(other.limit(1)) is not None


def _chunks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while chunk := list(islice(lines, CHUNK)):
        yield chunk


def _keyed(lines: list[Line], prefix: str) -> list[Line]:
    """Give rows without an id of their own one that says where they stood."""
    for line in lines:
        if "x" not in line and line["k"] is None:
            line["k"] = f"{prefix}-{line['r']}"
    return lines


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


def _lines_hash(engine: Engine, import_id: int) -> str:
    """SHA-256 over the line hashes in row order: what the log binds."""
    digest, last = hashlib.sha256(), -1
    with reading(engine) as session:
        while True:
            rows = session.execute(
                select(Example.id, Example.key, Example.row, Example.given_label_id, Example.salt)
                .where(Example.import_id == import_id, Example.row > last)
                .order_by(Example.row)
                .limit(CHUNK)
            ).all()
            for example_id, key, row, given, kept in rows:
                salt = kept or ""
                line = given_line(example_id, key, row, [] if given is None else [given], salt)
                digest.update(line_hash(salt, line))
            if not rows:
                return digest.hexdigest()
            last = rows[-1].row


def _finish(session: Session, import_id: int, lines: str, *, now: datetime) -> None:
    """One transaction: labels, rows and arrays become visible, and the log says so."""
    project_id = session.scalars(
        select(DataImport.project_id).where(DataImport.id == import_id)
    ).one()
    held = lock_project(session, project_id)
    found = _held(session, import_id)
    _still_importing(session, import_id)
    actor = session.scalar(select(Person.pseudonym).where(Person.id == found.created_by))
    found.rows_good = _count(session, Example, import_id)
    found.rows_left_out = _count(session, LeftOut, import_id)
    revision = session.get_one(Project, project_id).schema_revision + 1
    shown = session.execute(
        update(Label)
        .where(Label.project_id == project_id, Label.schema_revision == NOT_YET)
        .values(schema_revision=revision)
        .returning(Label.id)
    ).all()
    if shown:
        write_schema(session, held, actor=actor, now=now)
    data = {
        "import": import_id,
        "rows": found.rows_good,
        "left_out": found.rows_left_out,
        "sha256": found.sha256,
        "lines": lines,
    }
    found.seq = held.append(EventKind.IMPORT, data, actor=actor, now=now).seq
    held.save()
    for made in found.report.get("arrays", []):
        _add_prediction(session, found, made, now=now)
    found.state, found.finished_at = ImportState.DONE, now
    session.flush()


def _count(session: Session, table: type[Example] | type[LeftOut], import_id: int) -> int:
    query = select(func.count()).select_from(table).where(table.import_id == import_id)
    return int(session.scalar(query) or 0)


def _add_prediction(
    session: Session, found: DataImport, made: dict[str, Any], *, now: datetime
) -> None:
    session.add(
        Prediction(
            project_id=found.project_id,
            kind=made["kind"],
            name=made["name"],
            blob=made["blob"],
            rows=made["rows"],
            report=made["report"],
            created_by=found.created_by,
            created_at=now,
        )
    )


def cancel_import(engine: Engine, import_id: int, *, now: datetime) -> None:
    """Give an import up; what it had stored was never visible and goes in chunks."""
    with writing(engine) as session:
        found = _held(session, import_id)
        if found.state is ImportState.DONE:
            raise Conflict(
                "The import is done; its examples are in the project.",
                next_step="Remove examples by decisions, or archive the project.",
                code="import_state",
            )
        found.state, found.finished_at = ImportState.CANCELLED, now
        project_id = found.project_id
    _delete_rows(engine, import_id)
    with writing(engine) as session:
        lock_project(session, project_id)
        busy = session.scalar(
            select(DataImport.id).where(
                DataImport.project_id == project_id, DataImport.state == ImportState.IMPORTING
            )
        )
        if busy is None:
            session.execute(
                delete(Label).where(
                    Label.project_id == project_id, Label.schema_revision == NOT_YET
                )
            )


def _delete_rows(engine: Engine, import_id: int) -> None:
    while True:
        with writing(engine) as session:
            ids = list(
                session.scalars(
                    select(Example.id)
                    .where(Example.import_id == import_id)
                    .order_by(Example.row.desc())
                    .limit(_DELETED_AT_ONCE)
                )
            )
            if not ids:
                session.execute(delete(LeftOut).where(LeftOut.import_id == import_id))
                return
            session.execute(delete(AuditKey).where(AuditKey.example_id.in_(ids)))
            session.execute(delete(Example).where(Example.id.in_(ids)))
