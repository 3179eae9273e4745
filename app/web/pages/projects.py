"""Projects: the list, a new one, its settings and its labels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.membership import may_create, projects_of
from app.accounts.people import Who
from app.actions.founding import NewProject, found_own_project, usual_confirmations
from app.datasets.labels import NewLabel, add_label, labels_of
from app.db.engine import reading, writing
from app.db.tables.datasets import Label, Project
from app.db.words import DataType, Role
from app.errors import Failure, NotFound
from app.web.changes import ProjectChange, change_project
from app.web.failures import status_of
from app.web.forms import FormInput
from app.web.notices import done
from app.web.rail import shape
from app.web.render import render
from app.web.sessions import Reading, Writing
from app.web.who import Asker, Asking, Here, Now, Sending, at_page, at_project

router = APIRouter()

FIRST = ("/p/{slug}", "/p/{slug}/examples")  # what a project opens with


class NewProjectForm(FormInput):
    name: str = ""
    data_type: DataType = DataType.TEXT
    confirmations: int | None = None


class SettingsForm(FormInput):
    name: str = ""
    confirmations: int = 1
    target_percent: float = 5.0
    refit_after: int = 100


class ArchiveForm(FormInput):
    archived: bool


class LabelForm(FormInput):
    name: str = ""
    description: str = ""
    synonyms: str = ""


@dataclass(frozen=True, slots=True)
class ProjectsPage:
    current: list[tuple[Project, Role]]
    archived: list[tuple[Project, Role]]
    may_create: bool
    first: dict[int, str]


@dataclass(frozen=True, slots=True)
class NewProjectPage:
    confirmations: int
    name: str = ""
    data_type: str = "text"
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class SettingsPage:
    project: Project
    name: str
    confirmations: int
    target_percent: float
    refit_after: int
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class LabelsPage:
    project: Project
    labels: list[Label]
    retired: list[Label]
    name: str = ""
    description: str = ""
    synonyms: str = ""
    problem: Failure | None = None


def _exists(request: Request, path: str) -> bool:
    return shape(path) in request.app.state.shapes


def first_page(request: Request, slug: str, *paths: str) -> str:
    """The first of these pages that exists; the labels page always does."""
    for path in (*paths, "/p/{slug}/labels"):
        if _exists(request, path):
            return path.replace("{slug}", slug)
    raise AssertionError("the labels page is part of this file")


@router.get("/projects")
def projects(request: Request, asker: Asking, session: Reading) -> Response:
    led = [pair for pair in projects_of(session, asker.who) if pair[1] is Role.LEAD]
    create = may_create(session, asker.who)
    if not led and not create:
        raise NotFound()
    page = ProjectsPage(
        [pair for pair in led if pair[0].archived_at is None],
        [pair for pair in led if pair[0].archived_at is not None],
        create,
        {pair[0].id: first_page(request, pair[0].slug, *FIRST) for pair in led},
    )
    return render(request, "projects/projects.html", page)


def _may_create(session: Session, asker: Asker) -> Who:
    if not may_create(session, asker.who):
        raise NotFound()
    return asker.who


@router.get("/projects/new")
def new_project_page(request: Request, asker: Asking, session: Reading) -> Response:
    _may_create(session, asker)
    page = NewProjectPage(usual_confirmations(session))
    return render(request, "projects/new.html", page)


@router.post("/projects/new")
def new_project(
    request: Request, errand: Sending, form: Annotated[NewProjectForm, Form()]
) -> Response:
    new = NewProject(form.name, form.data_type, form.confirmations)
    try:
        with errand.acting() as caller:
            project = found_own_project(caller, new)
    except NotFound:
        raise
    except Failure as problem:
        page = NewProjectPage(form.confirmations or 1, form.name, form.data_type.value, problem)
        return render(request, "projects/new.html", page, status=status_of(problem))
    return done(first_page(request, project.slug, "/p/{slug}/import"), "project_created")


def _settings(here: Here) -> SettingsPage:
    project = here.project
    return SettingsPage(
        project,
        project.name,
        project.confirmations,
        project.target_bp / 100,
        project.refit_after,
    )


@router.get("/p/{slug}/settings/general")
def settings(request: Request, slug: str, asker: Asking, session: Reading) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(request, "projects/settings.html", _settings(here), at=here)


@router.post("/p/{slug}/settings/general")
def save_settings(
    request: Request, slug: str, asker: Asking, form: Annotated[SettingsForm, Form()], now: Now
) -> Response:
    engine, rng = request.app.state.engine, request.app.state.rng
    asked = (form.name, form.confirmations, form.target_percent, form.refit_after)
    with reading(engine) as session:
        here = at_project(session, asker, slug, Role.LEAD)
    try:
        with writing(engine) as session:
            change = ProjectChange(*asked)
            project = change_project(session, here.member, change, now=now, rng=rng)
    except Failure as problem:
        page = SettingsPage(here.project, *asked, problem)
        return render(request, "projects/settings.html", page, at=here, status=status_of(problem))
    return done(f"/p/{project.slug}/settings/general", "saved")


@router.post("/p/{slug}/settings/archive")
def archive(
    request: Request,
    slug: str,
    asker: Asking,
    form: Annotated[ArchiveForm, Form()],
    session: Writing,
    now: Now,
) -> RedirectResponse:
    here = at_project(session, asker, slug, Role.LEAD)
    change = ProjectChange(archived=form.archived)
    change_project(session, here.member, change, now=now, rng=request.app.state.rng)
    notice = "project_archived" if form.archived else "project_restored"
    return done(f"/p/{here.project.slug}/settings/general", notice)


def _labels(session: Session, here: Here) -> LabelsPage:
    every = labels_of(session, here.project.id, retired=True)
    return LabelsPage(
        here.project,
        [label for label in every if label.retired_at is None],
        [label for label in every if label.retired_at is not None],
    )


@router.get("/p/{slug}/labels")
def labels(request: Request, slug: str, asker: Asking, session: Reading) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(request, "projects/labels.html", _labels(session, here), at=here)


def _add_label(session: Session, asker: Asker, slug: str, form: LabelForm, now: datetime) -> Here:
    here = at_project(session, asker, slug, Role.LEAD)
    synonyms = tuple(word.strip() for word in form.synonyms.split(",") if word.strip())
    label = NewLabel(form.name, description=form.description.strip(), synonyms=synonyms)
    add_label(session, here.project.id, label, actor=here.member.pseudonym, now=now)
    return here


@router.post("/p/{slug}/labels")
def new_label(
    request: Request, slug: str, asker: Asking, form: Annotated[LabelForm, Form()], now: Now
) -> Response:
    engine = request.app.state.engine
    try:
        with writing(engine) as session:
            here = _add_label(session, asker, slug, form, now)
    except NotFound:
        raise
    except Failure as problem:
        with reading(engine) as session:
            here = at_project(session, asker, slug, Role.LEAD)
            kept = _labels(session, here)
        page = LabelsPage(
            here.project,
            kept.labels,
            kept.retired,
            form.name,
            form.description,
            form.synonyms,
            problem,
        )
        return render(request, "projects/labels.html", page, at=here, status=status_of(problem))
    return done(f"/p/{here.project.slug}/labels", "label_added")
