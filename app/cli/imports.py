"""`relabel import`: stage a file, say what was found, import the good rows."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.datasets.blobs import BlobStore
from app.datasets.commit import (
    AfterImport,
    Prepare,
    commit_import,
    nothing_first,
    nothing_more,
)
from app.datasets.findings import Stop, entry
from app.datasets.projects import create_project, project_by_slug, slug_of
from app.datasets.stage import answer, check_import, obstacles, open_questions, stage_file
from app.db.engine import database_now, writing
from app.db.tables.datasets import DataImport, Project
from app.db.words import DataType, ImportState
from app.errors import DataProblem, Invalid, NotFound
from app.progress import Progress, quiet
from app.settings import Settings

Ask = Callable[[dict[str, Any]], str | None]
_DEFAULTS = {
    "W107": "names",
    "W303": "keep",
    "W304": "keep",
    "W306": "keep",
    "W307": "confirm",
    "W341": "use",
}
_MOST_ROUNDS = 10
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class ImportResult:
    """What became of a file; `codes` counts every finding by its code."""

    import_id: int
    project_slug: str
    state: ImportState
    rows_read: int = 0
    rows_good: int = 0
    rows_left_out: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    obstacles: list[dict[str, Any]] = field(default_factory=list)
    already_there: bool = False


def usual_answer(question: dict[str, Any]) -> str | None:
    """What `--yes` answers: nothing is merged or changed, everything is imported."""
    usual = _DEFAULTS.get(question["code"])
    options = [value for value, _ in question["options"]]
    return usual if usual in options else None


def run_import(
    engine: Engine,
    settings: Settings,
    *,
    project: str,
    file: Path,
    text: str | None = None,
    image: str | None = None,
    columns: list[str] | None = None,
    label: str | None = None,
    id: str | None = None,
    source: str | None = None,
    split: str | None = None,
    group: str | None = None,
    metadata: list[str] | None = None,
    media: Path | None = None,
    pred_probs: Path | None = None,
    embeddings: Path | None = None,
    labels: Path | None = None,
    confirmations: int | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    yes: bool = False,
    ask: Ask | None = None,
    choices: dict[str, str] | None = None,
    created_by: int | None = None,
    progress: Progress = quiet,
    prepare: Prepare = nothing_first,
    after_import: AfterImport = nothing_more,
) -> ImportResult:
    """Import a file into a project, which is made when there is none of this name."""
    blobs = BlobStore(settings.blob_directory)
    plain = {"text": text, "image": image, "columns": columns, "label": label, "id": id}
    more: dict[str, Any] = {"source": source, "split": split, "group": group}
    more |= {"metadata": metadata, "choices": choices}
    reading = {"encoding": encoding, "separator": separator}
    beside = {"labels": labels, "pred_probs": pred_probs, "embeddings": embeddings}
    mapping: dict[str, Any] = plain | more | reading
    mapping |= {name: kept_file(blobs, path) for name, path in beside.items() if path}
    if media:
        mapping["media"] = keep_media(blobs, media)
    sha256 = keep_media(blobs, file)
    with writing(engine) as session:
        now = database_now(session)
        kind = _data_type(image, columns, media or file)
        chosen = _project(session, project, kind, confirmations)
        found = stage_file(
            session,
            chosen.id,
            file_name=file.name,
            sha256=sha256,
            size=blobs.size(sha256),
            mapping=mapping,
            created_by=created_by,
            now=now,
        )
    if found.state is ImportState.DONE:
        return _result(found, chosen.slug, already_there=True)
    found = check_import(engine, blobs, found.id, progress=progress)
    found = _settle(engine, blobs, found, usual_answer if yes else ask, progress)
    if _may_go_on(found, None if yes else ask):
        hooks: dict[str, Any] = {"prepare": prepare, "after_import": after_import}
        found = commit_import(engine, blobs, found.id, now=now, progress=progress, **hooks)
    return _result(found, chosen.slug)


def _may_go_on(found: DataImport, ask: Ask | None) -> bool:
    if found.state not in (ImportState.STAGED, ImportState.IMPORTING):
        return False
    return not obstacles(found.report) and (ask is None or _agreed(found, ask))


def refuse(result: ImportResult) -> None:
    """Raise what kept a file out (exit code 65)."""
    if result.state is ImportState.FAILED:
        raise DataProblem(
            "The file could not be read: the parser ended before its time.",
            next_step="Look for a damaged part in the file, or split it.",
            code="parser_crashed",
        )
    if result.obstacles:
        first = result.obstacles[0]
        raise DataProblem(first["message"], next_step=first["fix"], code=first["code"])


def kept_file(blobs: BlobStore, path: Path) -> dict[str, str]:
    if not path.is_file():
        raise Invalid(f"There is no file {path}.", next_step="Check the path.", code="no_file")
    with path.open("rb") as stream:
        return {"sha256": blobs.put(stream), "name": path.name}


def keep_media(blobs: BlobStore, path: Path) -> str:
    """Store a ZIP as it is; a folder is packed into one, always with the same bytes."""
    if not path.is_dir():
        return kept_file(blobs, path)["sha256"]
    with blobs.scratch() as folder:
        packed = folder / "media.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for inside in sorted(path.rglob("*")):
                if inside.is_symlink():
                    made = entry(Stop("E217").code, excerpt=inside.name)
                    raise DataProblem(made["message"], next_step=made["fix"], code="E217")
                if stat.S_ISREG(inside.stat().st_mode):
                    name = inside.relative_to(path).as_posix()
                    archive.writestr(zipfile.ZipInfo(name, _FIXED_DATE), inside.read_bytes())
        return blobs.adopt(packed)


def _data_type(image: str | None, columns: list[str] | None, media: Path) -> DataType:
    if image or media.is_dir() or media.suffix.lower() == ".zip":
        return DataType.IMAGE
    return DataType.TABULAR if columns else DataType.TEXT


def _project(session: Any, name: str, kind: DataType, confirmations: int | None) -> Project:
    """The project of this name or slug, made when there is none."""
    for slug in dict.fromkeys((name, slug_of(name))):
        try:
            return project_by_slug(session, slug)
        except NotFound:
            continue
    return create_project(
        session,
        name=name,
        data_type=kind,
        confirmations=confirmations or 1,
        now=database_now(session),
    )


def _settle(
    engine: Engine, blobs: BlobStore, found: DataImport, ask: Ask | None, progress: Progress
) -> DataImport:
    """Answer what can be answered, and read the file again as answered."""
    for _ in range(_MOST_ROUNDS):
        questions = open_questions(found.report)
        answers = {question["code"]: ask(question) for question in questions} if ask else {}
        given = {code: value for code, value in answers.items() if value is not None}
        if not given:
            break
        with writing(engine) as session:
            found = answer(session, found.id, given)
        if found.state is ImportState.DONE:
            break
        found = check_import(engine, blobs, found.id, progress=progress)
    return found


def _agreed(found: DataImport, ask: Ask) -> bool:
    """Ask once more when rows would be left out."""
    if not found.rows_left_out:
        return True
    question = {
        "code": "import",
        "message": f"Import the {found.rows_good:,} good rows and leave out "
        f"{found.rows_left_out:,}?",
        "options": [["yes", "Import the good rows"], ["no", "Import nothing"]],
    }
    return ask(question) == "yes"


def _result(found: DataImport, slug: str, *, already_there: bool = False) -> ImportResult:
    report = found.report
    return ImportResult(
        import_id=found.id,
        project_slug=slug,
        state=found.state,
        rows_read=found.rows_read,
        rows_good=found.rows_good,
        rows_left_out=found.rows_left_out,
        codes=dict(report.get("counts", {})),
        problems=report.get("problems", []),
        warnings=report.get("warnings", []),
        obstacles=obstacles(report) if found.state is not ImportState.DONE else [],
        already_there=already_there,
    )
