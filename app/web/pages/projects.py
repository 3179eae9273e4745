"""Projects: the list, a new one, its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.membership import may_create, projects_of
from app.actions.deleting import delete_by_name, deleted_projects, restore
from app.actions.founding import NewProject, found_own_project, usual_confirmations
from app.actions.projects import ProjectChange, change_project
from app.actions.turn import Caller
from app.datasets.projects import goes_at
from app.datatypes.registry import TYPES, WORDS
from app.db.tables.datasets import Project
from app.db.words import DataType, Role
from app.errors import Failure, NotFound
from app.web.failures import status_of
from app.web.forms import FormInput, nothing_kept_if_refused
from app.web.notices import done
from app.web.rail import shape
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

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
    copies_together: bool | None = None

    @property
    def change(self) -> ProjectChange:
        return ProjectChange(
            self.name,
            self.confirmations,
            self.target_percent,
            refit_after=self.refit_after,
            copies_together=self.copies_together,
        )


class ArchiveForm(FormInput):
    archived: bool


@dataclass(frozen=True, slots=True)
class ProjectsPage:
    current: list[tuple[Project, Role]]
    archived: list[tuple[Project, Role]]
    may_create: bool
    first: dict[int, str]
    deleted: list[Project] = field(default_factory=list)
    goes_at: Callable[[Project], datetime] = goes_at

    @property
    def words(self) -> Mapping[DataType, str]:
        return WORDS


CHOICES = tuple((one.name.value, one.choice, one.hint) for one in TYPES.values())


@dataclass(frozen=True, slots=True)
class NewProjectPage:
    confirmations: int
    name: str = ""
    data_type: str = DataType.TEXT.value
    choices: tuple[tuple[str, str, str], ...] = CHOICES
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class SettingsPage:
    project: Project
    name: str
    confirmations: int
    target_percent: float
    refit_after: int
    copies_together: bool
    problem: Failure | None = None


def _exists(request: Request, path: str) -> bool:
    return shape(path) in request.app.state.shapes


def first_page(request: Request, slug: str, *paths: str) -> str:
    """The first of these pages that exists; the labels page always does."""
    for path in (*paths, "/p/{slug}/labels"):
        if _exists(request, path):
            return path.replace("{slug}", slug)
    raise AssertionError("every project has a page of its labels")


@router.get("/projects")
def projects(request: Request, caller: Looking) -> Response:
    led = [pair for pair in projects_of(caller.session, caller.who) if pair[1] is Role.LEAD]
    create = may_create(caller.session, caller.who)
    deleted = deleted_projects(caller.session, caller.who)
    if not led and not create:
        raise NotFound()
    page = ProjectsPage(
        [pair for pair in led if pair[0].archived_at is None],
        [pair for pair in led if pair[0].archived_at is not None],
        create,
        {pair[0].id: first_page(request, pair[0].slug, *FIRST) for pair in led},
        deleted,
    )
    return render(request, "projects/projects.html", page)


def _check_may_create(caller: Caller) -> None:
    if not may_create(caller.session, caller.who):
        raise NotFound()


@router.get("/projects/new")
def new_project_page(request: Request, caller: Looking) -> Response:
    _check_may_create(caller)
    page = NewProjectPage(usual_confirmations(caller.session))
    return render(request, "projects/new.html", page)


@router.post("/projects/new")
def new_project(
    request: Request, form: Annotated[NewProjectForm, Form()], caller: Acting
) -> Response:
    _check_may_create(caller)
    new = NewProject(form.name, form.data_type, form.confirmations)
    try:
        with nothing_kept_if_refused(caller.session):
            project = found_own_project(caller, new)
    except Failure as problem:
        page = NewProjectPage(
            form.confirmations or 1, form.name, form.data_type.value, problem=problem
        )
        return render(request, "projects/new.html", page, status=status_of(problem))
    return done(first_page(request, project.slug, "/p/{slug}/import"), "project_created")


def _settings(project: Project) -> SettingsPage:
    return SettingsPage(
        project,
        project.name,
        project.confirmations,
        project.target_bp / 100,
        project.refit_after,
        project.copies_together,
    )


@router.get("/p/{slug}/settings/general")
def settings(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    return render(request, "projects/settings.html", _settings(here.project), at=here)


@router.post("/p/{slug}/settings/general")
def save_settings(
    request: Request, slug: str, form: Annotated[SettingsForm, Form()], caller: Acting
) -> Response:
    asked = (form.name, form.confirmations, form.target_percent, form.refit_after)
    try:
        with nothing_kept_if_refused(caller.session):
            project = change_project(caller, slug, form.change)
    except Failure as problem:
        here = at(caller, slug, Role.LEAD)
        page = SettingsPage(here.project, *asked, form.copies_together is not False, problem)
        return render(request, "projects/settings.html", page, at=here, status=status_of(problem))
    return done(f"/p/{project.slug}/settings/general", "saved")


@router.post("/p/{slug}/settings/archive")
def archive(slug: str, form: Annotated[ArchiveForm, Form()], caller: Acting) -> RedirectResponse:
    project = change_project(caller, slug, ProjectChange(archived=form.archived))
    notice = "project_archived" if form.archived else "project_restored"
    return done(f"/p/{project.slug}/settings/general", notice)


class DeleteForm(FormInput):
    name: str = ""


@router.post("/p/{slug}/settings/delete")
def delete(
    request: Request, slug: str, form: Annotated[DeleteForm, Form()], caller: Acting
) -> Response:
    """Hide it from everybody; its name is typed, so that it is the right one."""
    try:
        delete_by_name(caller, slug, form.name)
    except Failure as problem:
        here = at(caller, slug, Role.LEAD)
        page = replace(_settings(here.project), problem=problem)
        return render(request, "projects/settings.html", page, at=here, status=status_of(problem))
    return done("/projects", "project_deleted")


@router.post("/projects/{project_id}/restore")
def bring_back(project_id: int, caller: Acting) -> Response:
    project = restore(caller, project_id)
    return done(f"/p/{project.slug}/settings/general", "project_restored")
