"""Imports are staged: read and checked first, so that a lead sees what would happen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.datasets.findings import FIRST_PROBLEMS, entry
from app.datasets.labels import labels_of
from app.datasets.mapping import clean_mapping, mapping_hash
from app.datasets.parsing import ParserCrashed, run_child
from app.datasets.scratch import ARRAYS, PICTURES, STAGED
from app.db.dialects import among, insert_or_skip, locked
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Example, Project
from app.db.words import ImportState
from app.errors import Conflict, NotFound
from app.progress import Progress, quiet

FIRST_LOOK_ROWS = 200
_KEYS_AT_ONCE = 2000
_OPTIONAL = frozenset(
    {"E102", "E301", "E115", "E502", "E504", "E505"}
)  # offers; what is meant otherwise is clear
_AGAIN = (ImportState.CANCELLED, ImportState.FAILED)


def stage_file(
    session: Session,
    project_id: int,
    *,
    file_name: str,
    sha256: str,
    size: int,
    mapping: dict[str, Any],
    created_by: int | None,
    now: datetime,
) -> DataImport:
    """Begin an import of stored bytes; the same bytes and mapping are the same import."""
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound()
    mapping = clean_mapping({"type": project.data_type.value, "guess": True} | mapping)
    session.execute(
        insert_or_skip(session, DataImport).values(
            project_id=project_id,
            state=ImportState.CHECKING,
            file_name=file_name[-300:],
            sha256=sha256,
            size=size,
            mapping=mapping,
            mapping_hash=mapping_hash(mapping),
            created_by=created_by,
            created_at=now,
        )
    )
    found = session.scalars(
        locked(
            select(DataImport).where(
                DataImport.project_id == project_id,
                DataImport.sha256 == sha256,
                DataImport.mapping_hash == mapping_hash(mapping),
            )
        )
    ).one()
    if found.state in _AGAIN:
        found.state, found.message, found.finished_at = ImportState.CHECKING, "", None
    session.flush()
    return found


def remap(session: Session, import_id: int, mapping: dict[str, Any]) -> DataImport:
    """Read the same file with other roles or answers; it is checked again before anything else."""
    found = session.scalars(locked(select(DataImport).where(DataImport.id == import_id))).one()
    if found.state not in (ImportState.CHECKING, ImportState.STAGED, *_AGAIN):
        raise Conflict(
            "This import is under way or done; it can no longer be changed.",
            next_step="Start a new import of the file.",
            code="import_state",
        )
    kept = {key: found.mapping[key] for key in ("type", "guess") if key in found.mapping}
    mapping = clean_mapping(kept | mapping)
    wanted = mapping_hash(mapping)
    if wanted == found.mapping_hash and found.state is ImportState.STAGED:
        return found
    twin = session.scalar(
        select(DataImport).where(
            DataImport.project_id == found.project_id,
            DataImport.sha256 == found.sha256,
            DataImport.mapping_hash == wanted,
            DataImport.id != import_id,
        )
    )
    if twin is not None:
        return twin
    found.mapping, found.mapping_hash = mapping, wanted
    found.state, found.message, found.finished_at = ImportState.CHECKING, "", None
    session.flush()
    return found


def answer(session: Session, import_id: int, choices: dict[str, str]) -> DataImport:
    """Answer questions of the report (code -> choice); the file is then checked again."""
    found = session.get(DataImport, import_id)
    if found is None:
        raise NotFound()
    earlier = dict(found.mapping.get("choices") or {})
    return remap(session, import_id, found.mapping | {"choices": earlier | choices})


def can_import(found: DataImport) -> bool:
    """Whether nothing stops it and nothing that must be answered is open."""
    return found.state is ImportState.STAGED and not obstacles(found.report)


def obstacles(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What has to be mended or answered first."""
    return [*report.get("stops", []), *open_questions(report)]


def open_questions(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        question
        for question in report.get("questions", [])
        if question["answer"] is None and question["code"] not in _OPTIONAL
    ]


def check_import(
    engine: Engine, blobs: BlobStore, import_id: int, *, progress: Progress = quiet
) -> DataImport:
    """Read the whole file in a limited process and store what was found; may run twice."""
    with reading(engine) as session:
        found = session.get(DataImport, import_id)
        if found is None:
            raise NotFound()
        if found.state is not ImportState.CHECKING:
            return found
        prefix = _prefix(session, found)
        labels = [
            {"name": label.name, "code": label.code}
            for label in labels_of(session, found.project_id)
        ]
    with blobs.scratch() as work:
        job = _job(blobs, found, work)
        job |= {"known_labels": labels, "stamp": import_id, "prefix": prefix}
        try:
            report = run_child(job, progress)
        except ParserCrashed as crash:
            return _store(engine, found, {}, ImportState.FAILED, f"parser_crashed: {crash}")
        blobs.adopt_all(work / PICTURES)
        for made in report.get("arrays", []):
            made["blob"] = blobs.adopt(work / ARRAYS / made.pop("file"))
        if (work / STAGED).is_file():
            report["staged"] = blobs.adopt(work / STAGED)
    _count_clashes(engine, blobs, found, report)
    return _store(engine, found, report, ImportState.STAGED, "")


def _prefix(session: Session, found: DataImport) -> str:
    """What generated ids begin with: plain in the only import, else telling which one."""
    other = session.scalar(
        select(DataImport.id)
        .where(
            DataImport.project_id == found.project_id,
            DataImport.id != found.id,
            DataImport.state.not_in(_AGAIN),
        )
        .limit(1)
    )
    return "row" if other is None else f"import-{found.id}-row"


def inspect_file(
    blobs: BlobStore, *, sha256: str, file_name: str, mapping: dict[str, Any]
) -> dict[str, Any]:
    """A first look: columns, guessed roles, first rows, separator, encoding, labels, warnings."""
    look = DataImport(file_name=file_name, sha256=sha256, mapping={"guess": True} | mapping)
    with blobs.scratch() as work:
        return run_child(_job(blobs, look, work) | {"most": FIRST_LOOK_ROWS})


def _job(blobs: BlobStore, found: DataImport, work: Path) -> dict[str, Any]:
    mapping = found.mapping
    job: dict[str, Any] = {
        "file": str(blobs.path(found.sha256)),
        "name": found.file_name,
        "mapping": mapping,
        "work": str(work),
    }
    readable = [job["file"]]
    if mapping.get("media"):
        job["media"] = str(blobs.path(mapping["media"]))
        readable.append(job["media"])
    if mapping.get("labels"):
        listed = mapping["labels"]
        job["label_list"] = {"path": str(blobs.path(listed["sha256"])), "name": listed["name"]}
        readable.append(job["label_list"]["path"])
    job["arrays"] = [
        {"kind": kind, "path": str(blobs.path(mapping[kind]["sha256"])), **mapping[kind]}
        for kind in ("pred_probs", "embeddings")
        if mapping.get(kind)
    ]
    readable += [array["path"] for array in job["arrays"]]
    return job | {"readable": readable}


def _store(
    engine: Engine, found: DataImport, report: dict[str, Any], state: ImportState, message: str
) -> DataImport:
    with writing(engine) as session:
        now = session.scalars(locked(select(DataImport).where(DataImport.id == found.id))).one()
        if now.state is ImportState.CHECKING and now.mapping_hash == found.mapping_hash:
            now.state, now.report, now.message = state, report, message
            now.rows_read = report.get("rows", 0)
            now.rows_good = report.get("good", 0)
            now.rows_left_out = now.rows_read - now.rows_good
        session.flush()
        return now


def staged_lines(blobs: BlobStore, report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows as they were read, good and left out, in file order."""
    with blobs.open(report["staged"]) as file:
        next(file)  # the stamp that makes each staging file its own
        for line in file:
            yield orjson.loads(line)


def already_there(session: Session, project_id: int, keys: list[str]) -> set[str]:
    """Which of these keys the project has, seen or not."""
    return set(
        session.scalars(
            select(Example.key).where(
                Example.project_id == project_id, among(session, Example.key, keys)
            )
        )
    )


def clash(row: int, key: str) -> dict[str, Any]:
    """The finding for an id that an earlier import brought."""
    return entry("E114", row=row, column="id", excerpt=key[:80], first="an earlier import")


def _count_clashes(
    engine: Engine, blobs: BlobStore, found: DataImport, report: dict[str, Any]
) -> None:
    """Count rows whose id the project has; they are left out when the import is committed."""
    if "staged" not in report:
        return
    with reading(engine) as session:
        some = select(Example.id).where(Example.project_id == found.project_id).limit(1)
        if session.scalar(some) is None:
            return
        clashes, chunk = 0, {}
        for line in (*staged_lines(blobs, report), None):
            if line is not None and line.get("k") is not None:
                chunk[line["k"]] = line["r"]
            if chunk and (line is None or len(chunk) == _KEYS_AT_ONCE):
                there = already_there(session, found.project_id, list(chunk))
                for key in sorted(there, key=chunk.__getitem__):
                    if len(report["problems"]) < FIRST_PROBLEMS:
                        report["problems"].append(clash(chunk[key], key))
                clashes += len(there)
                chunk = {}
    if clashes:
        report["counts"]["E114"] = report["counts"].get("E114", 0) + clashes
        report["good"] -= clashes
        if not report["good"]:
            report["stops"].append(entry("E107", count=report["rows"]))
