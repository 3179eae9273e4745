"""The import wizard: a file, what was found in it, its good rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from pydantic import Field
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.actions import importing
from app.actions.own_labels import likely_in
from app.datasets.asking import import_of, imports_of, job_of, left_out_rows
from app.datasets.formats.csv import CSV
from app.datasets.formats.registry import format_named, formats_for, in_words
from app.datasets.mapping import NO_COLUMN, ImportMapping, columns_of, mapping_of
from app.datasets.reading_parts import PARTS, ReadingPart
from app.datasets.report import Report, report_of
from app.datasets.roles import roles_for
from app.datasets.sources import LikelyGiver
from app.datasets.stage import can_import
from app.datatypes.column_role import ColumnRole, Part
from app.datatypes.registry import TYPES
from app.db.engine import reading
from app.db.tables.datasets import DataImport
from app.db.tables.jobs import Job
from app.db.words import DataType, ImportState, Role
from app.errors import Failure
from app.jobs import queue
from app.releases.formats.csv_file import guarded
from app.releases.formats.format import Cell
from app.web.asker import Here
from app.web.bodies import takes_upload
from app.web.failures import status_of
from app.web.forms import FormInput
from app.web.import_reading import ReadingForm
from app.web.import_roles import RolesForm
from app.web.render import render
from app.web.sessions import Reading
from app.web.uploads import Blobs, Files
from app.web.who import Acting, Asking, Looking, Sending, at, at_page

router = APIRouter()

WAITING = (ImportState.CHECKING, ImportState.IMPORTING)


class AnswerForm(FormInput):
    code: str
    choice: str


class CommitForm(FormInput):
    """`own`: what is said of sources of the file, as `person:source`, each a ticked box."""

    own: list[str] = Field(default_factory=list, max_length=1_000)

    def members(self) -> dict[str, int]:
        """Sources of the file and the members they are."""
        said = (one.partition(":") for one in self.own)
        return {
            source: int(person)
            for person, _, source in said
            if person.isascii() and person.isdecimal() and len(person) < 19
        }


@dataclass(frozen=True, slots=True)
class ImportsPage:
    slug: str
    files: str  # beside the table, if examples are such
    formats: str
    imports: list[DataImport]
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class RoleShown:
    """A role as a field of the page, and the columns that play it."""

    role: ColumnRole
    chosen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartShown:
    """A part of the reading as a field of the page: what was said, and what was found."""

    part: ReadingPart
    said: str
    found: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    slug: str
    found: DataImport
    job: Job | None
    report: Report
    roles: list[RoleShown]
    columns: list[str]
    ready: bool
    busy: bool
    likely: list[LikelyGiver]
    parts: list[PartShown]
    problem: Failure | None = None


def _list(session: Session, here: Here, problem: Failure | None = None) -> ImportsPage:
    project = here.project
    files = TYPES[project.data_type].files
    formats = in_words(formats_for(project.data_type))
    earlier = imports_of(session, project.id)
    return ImportsPage(project.slug, files, formats, earlier, problem)


@router.get("/p/{slug}/import")
def imports(request: Request, slug: str, asker: Asking, session: Reading) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(request, "imports/imports.html", _list(session, here), at=here)


@router.post(takes_upload("/p/{slug}/import"))
def upload(request: Request, slug: str, errand: Sending, files: Files, blobs: Blobs) -> Response:
    with errand.looking() as caller:
        here = at(caller, slug, Role.LEAD)
    try:
        given = files.keep(blobs, ImportMapping())
        with errand.acting() as caller:
            found = importing.bring_file(caller, slug, given)
    except Failure as problem:
        with errand.looking() as caller:
            page = _list(caller.session, here, problem)
        return render(request, "imports/imports.html", page, at=here, status=status_of(problem))
    return _back(here.project.slug, found)


def _page(session: Session, here: Here, import_id: int) -> ImportPage:
    found = import_of(session, here.project.id, import_id)
    job, report = job_of(session, found), report_of(found.report)
    unfinished = job is not None and job.state in queue.UNFINISHED
    return ImportPage(
        slug=here.project.slug,
        found=found,
        job=job,
        report=report,
        roles=[
            RoleShown(role, _chosen(report, role)) for role in roles_for(here.project.data_type)
        ],
        columns=report.get("columns", []),
        ready=can_import(found) and not unfinished,
        busy=found.state in WAITING or unfinished,
        likely=likely_in(session, found),
        parts=_parts(found, report),
    )


def _parts(found: DataImport, report: Report) -> list[PartShown]:
    """The parts of the reading that have a meaning for this file."""
    asks = (format_named(found.file_name) or CSV).asks
    reading = report.get("reading")
    was = reading["parts"] if reading else {}
    said = asdict(mapping_of(found.mapping).read_as)
    shown = []
    for name, part in PARTS.items():
        words = {one.value: one.words for one in part.choices}
        if name in asks or name in was:
            value = was.get(name, "")
            shown.append(PartShown(part, said[name], words.get(value, value)))
    return shown


def _chosen(report: Report, role: ColumnRole) -> tuple[str, ...]:
    return columns_of(report.get("roles", {}).get(role.reported or role.name))


@router.get("/p/{slug}/import/{import_id}")
def one_import(
    request: Request, slug: str, import_id: int, asker: Asking, session: Reading
) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(request, "imports/import.html", _page(session, here, import_id), at=here)


def _back(slug: str, found: DataImport) -> RedirectResponse:
    return RedirectResponse(f"/p/{slug}/import/{found.id}", 303)


def _as_chosen(form: RolesForm, data_type: DataType) -> Mapping[str, tuple[str, ...]]:
    """What the page says: a role left empty has no column; only content may be guessed again."""
    offered = {role.name: role for role in roles_for(data_type)}
    chosen: dict[str, tuple[str, ...]] = {}
    for name, columns in form.named().items():
        role = offered.get(name)
        empty_on_purpose = role and not role.many and role.part is not Part.CONTENT
        if columns or (role and role.many):
            chosen[name] = columns
        elif empty_on_purpose:
            chosen[name] = (NO_COLUMN,)
    return chosen


@router.post("/p/{slug}/import/{import_id}/roles")
def set_roles(
    slug: str, import_id: int, caller: Acting, form: Annotated[RolesForm, Form()]
) -> Response:
    """Read the file again with other roles; nothing is imported before it is checked."""
    here = at(caller, slug, Role.LEAD)
    roles = _as_chosen(form, here.project.data_type)
    return _back(slug, importing.set_roles(caller, slug, import_id, roles))


@router.post("/p/{slug}/import/{import_id}/reading")
def set_reading(
    slug: str, import_id: int, caller: Acting, form: Annotated[ReadingForm, Form()]
) -> Response:
    """Read the file another way; nothing is imported before it is checked."""
    return _back(slug, importing.set_reading(caller, slug, import_id, form.said()))


@router.post("/p/{slug}/import/{import_id}/answer")
def answer_question(
    slug: str, import_id: int, caller: Acting, form: Annotated[AnswerForm, Form()]
) -> Response:
    choices = {form.code: form.choice}
    return _back(slug, importing.answer_questions(caller, slug, import_id, choices))


@router.post("/p/{slug}/import/{import_id}/commit")
def commit(
    slug: str, import_id: int, form: Annotated[CommitForm, Form()], caller: Acting
) -> Response:
    """Import the good rows; whose labels they are is what the boxes say."""
    own = form.members()
    return _back(slug, importing.start_import(caller, slug, import_id, own_labels=own))


@router.post("/p/{slug}/import/{import_id}/cancel")
def cancel(slug: str, import_id: int, errand: Sending) -> Response:
    return _back(slug, importing.give_up(errand, slug, import_id))


@router.get("/p/{slug}/import/{import_id}/left-out.csv")
def left_out(request: Request, slug: str, import_id: int, caller: Looking) -> Response:
    """Every row that was not imported, with the reason; as a file."""
    here = at(caller, slug, Role.LEAD)
    found = import_of(caller.session, here.project.id, import_id)
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
            cells: list[Cell] = [row.row, row.code, row.column, row.message, row.excerpt]
            writer.writerow([guarded(cell) for cell in cells])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
        if not rows:
            return
        after = rows[-1].id
