"""The files of a project: choose one, and those that came before."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.actions import importing
from app.datasets.asking import imports_of
from app.datasets.formats.registry import formats_for, in_words
from app.datasets.mapping import ImportMapping
from app.datatypes.registry import TYPES
from app.db.tables.datasets import DataImport
from app.db.words import Role
from app.errors import Failure
from app.web.asker import Here
from app.web.bodies import takes_upload
from app.web.failures import status_of
from app.web.render import render
from app.web.sessions import Reading
from app.web.uploads import Blobs, Files
from app.web.who import Asking, Sending, at, at_page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ImportsPage:
    slug: str
    files: str  # beside the table, if examples are such
    formats: str
    imports: list[DataImport]
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
    return RedirectResponse(f"/p/{here.project.slug}/import/{found.id}", 303)
