"""The import wizard: a file, what was found in it, its good rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.datasets.asking import (
    ask_check,
    ask_commit,
    ask_file,
    import_of,
    imports_of,
    job_of,
    left_out_rows,
)
from app.datasets.cancel import cancel_import
from app.datasets.stage import answer, can_import, remap
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport
from app.db.tables.jobs import Job
from app.db.words import DataType, ImportState, Role
from app.errors import Failure
from app.jobs import queue
from app.web.asker import Here
from app.web.failures import status_of
from app.web.forms import FormInput
from app.web.limits import takes_upload
from app.web.render import render
from app.web.sessions import Reading, Writing
from app.web.uploads import extras, keep, needed
from app.web.who import Asking, Now, at_page, at_project

router = APIRouter()

WAITING = (ImportState.CHECKING, ImportState.IMPORTING)


class RolesForm(FormInput):
    text: str = ""
    image: str = ""
    label: str = ""
    id: str = ""
    source: str = ""
    split: str = ""
    group: str = ""
    columns: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()


class AnswerForm(FormInput):
    code: str
    choice: str


@dataclass(frozen=True, slots=True)
class ImportsPage:
    slug: str
    data_type: DataType
    imports: list[DataImport]
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class ImportPage:
    slug: str
    found: DataImport
    job: Job | None
    report: dict[str, Any]
    roles: list[tuple[str, str, str]]  # role, its words, the chosen column
    columns: list[str]
    ready: bool
    busy: bool
    problem: Failure | None = None


ROLE_WORDS = {
    "text": "Text",
    "image": "Image file name",
    "label": "Given label",
    "id": "ID",
    "source": "Source of the label",
    "split": "Split",
    "group": "Group (kept together when models are tested)",
}


def _list(session: Session, here: Here, problem: Failure | None = None) -> ImportsPage:
    project = here.project
    return ImportsPage(project.slug, project.data_type, imports_of(session, project.id), problem)


@router.get("/p/{slug}/import")
def imports(request: Request, slug: str, asker: Asking, session: Reading) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(request, "imports/imports.html", _list(session, here), at=here)


@router.post(takes_upload("/p/{slug}/import"))
def upload(
    request: Request,
    slug: str,
    asker: Asking,
    now: Now,
    file: Annotated[UploadFile | None, File()] = None,
    media: Annotated[UploadFile | None, File()] = None,
    labels: Annotated[UploadFile | None, File()] = None,
    pred_probs: Annotated[UploadFile | None, File()] = None,
    embeddings: Annotated[UploadFile | None, File()] = None,
    csrf: Annotated[str, Form()] = "",
) -> Response:
    engine, settings = request.app.state.engine, request.app.state.settings
    with reading(engine) as session:
        here = at_project(session, asker, slug, Role.LEAD)
        kept_list = _list(session, here)
    try:
        kept = needed(keep(settings, file))
        mapping = extras(
            settings, media=media, labels=labels, pred_probs=pred_probs, embeddings=embeddings
        )
        with writing(engine) as session:
            found = ask_file(
                session,
                here.project.id,
                file_name=kept.name,
                sha256=kept.sha256,
                size=kept.size,
                mapping=mapping,
                by=asker.who.id,
                now=now,
            )
    except Failure as problem:
        page = ImportsPage(here.project.slug, here.project.data_type, kept_list.imports, problem)
        return render(request, "imports/imports.html", page, at=here, status=status_of(problem))
    return RedirectResponse(f"/p/{here.project.slug}/import/{found.id}", 303)


def _page(session: Session, here: Here, import_id: int) -> ImportPage:
    found = import_of(session, here.project.id, import_id)
    job = job_of(session, found)
    report = found.report or {}
    roles = report.get("roles") or {}
    wanted = ["image"] if here.project.data_type is DataType.IMAGE else ["text"]
    if here.project.data_type is DataType.TABULAR:
        wanted = []
    shown = [*wanted, "label", "id", "source", "split", "group"]
    unfinished = job is not None and job.state in queue.UNFINISHED
    return ImportPage(
        slug=here.project.slug,
        found=found,
        job=job,
        report=report,
        roles=[(role, ROLE_WORDS[role], roles.get(role) or "") for role in shown],
        columns=list(report.get("columns") or []),
        ready=can_import(found) and not unfinished,
        busy=found.state in WAITING or unfinished,
    )


@router.get("/p/{slug}/import/{import_id}")
def one_import(
    request: Request, slug: str, import_id: int, asker: Asking, session: Reading
) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(request, "imports/import.html", _page(session, here, import_id), at=here)


def _back(here: Here, found: DataImport) -> RedirectResponse:
    return RedirectResponse(f"/p/{here.project.slug}/import/{found.id}", 303)


@router.post("/p/{slug}/import/{import_id}/roles")
def set_roles(
    slug: str,
    import_id: int,
    asker: Asking,
    form: Annotated[RolesForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    """Read the file again with other roles; nothing is imported before it is checked."""
    here = at_project(session, asker, slug, Role.LEAD)
    found = import_of(session, here.project.id, import_id)
    roles: dict[str, Any] = {
        name: getattr(form, name) or "-" for name in ("label", "id", "source", "split", "group")
    }
    for name in ("text", "image"):
        if getattr(form, name):
            roles[name] = getattr(form, name)
    roles |= {"columns": list(form.columns), "metadata": list(form.metadata)}
    found = remap(session, found.id, found.mapping | roles)
    ask_check(session, found, by=asker.who.id, now=now)
    return _back(here, found)


@router.post("/p/{slug}/import/{import_id}/answer")
def answer_question(
    slug: str,
    import_id: int,
    asker: Asking,
    form: Annotated[AnswerForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    found = import_of(session, here.project.id, import_id)
    found = answer(session, found.id, {form.code: form.choice})
    ask_check(session, found, by=asker.who.id, now=now)
    return _back(here, found)


@router.post("/p/{slug}/import/{import_id}/commit")
def commit(slug: str, import_id: int, asker: Asking, session: Writing, now: Now) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    found = import_of(session, here.project.id, import_id)
    ask_commit(session, found, by=asker.who.id, now=now)
    return _back(here, found)


@router.post("/p/{slug}/import/{import_id}/cancel")
def cancel(request: Request, slug: str, import_id: int, asker: Asking, now: Now) -> Response:
    engine = request.app.state.engine
    with writing(engine) as session:
        here = at_project(session, asker, slug, Role.LEAD)
        found = import_of(session, here.project.id, import_id)
        job = job_of(session, found)
        running = job is not None and job.state in queue.UNFINISHED
        if job is not None and running:
            queue.cancel(session, job.id, now=now)
    if not running:
        cancel_import(engine, import_id, now=now)
    return _back(here, found)


@router.get("/p/{slug}/import/{import_id}/left-out.csv")
def left_out(
    request: Request, slug: str, import_id: int, asker: Asking, session: Reading
) -> Response:
    """Every row that was not imported, with the reason; as a file."""
    here = at_project(session, asker, slug, Role.LEAD)
    found = import_of(session, here.project.id, import_id)
    return StreamingResponse(
        _left_out_lines(request.app.state.engine, found.id),
        media_type="application/octet-stream",
        headers={"Content-Disposition": 'attachment; filename="left-out.csv"'},
    )


def _left_out_lines(engine: Engine, import_id: int) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row", "code", "column", "message", "excerpt"])
    after = 0
    while True:
        with reading(engine) as session:
            rows = left_out_rows(session, import_id, after=after, limit=2_000)
        for row in rows:
            cells = [row.row, row.code, row.column, row.message, row.excerpt]
            writer.writerow([_harmless(str(cell)) for cell in cells])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
        if not rows:
            return
        after = rows[-1].id


def _harmless(cell: str) -> str:
    """A spreadsheet must not take a cell for a formula."""
    return (
        "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠") else cell
    )
