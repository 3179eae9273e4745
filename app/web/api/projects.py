"""Projects, for programs."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from app.accounts.membership import projects_of
from app.actions.deleting import delete_by_name, deleted_projects, restore
from app.actions.founding import NewProject, found_own_project
from app.actions.projects import ProjectChange, change_project
from app.datasets.projects import goes_at
from app.db.tables.datasets import Project
from app.db.words import DataType, Role
from app.web.payloads import Chosen, PathId, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()


class ProjectShown(BaseModel):
    """`closing` is null but for leads: it says that most of what is handed out are checks."""

    id: int
    slug: str
    name: str
    data_type: DataType
    confirmations: int
    target_percent: float
    prove: bool
    closing: bool | None
    refit_after: int
    copies_together: bool
    created_at: datetime
    archived: bool
    role: Role


class ProjectPayload(Payload):
    name: str
    data_type: Chosen[DataType]
    confirmations: int | None = None  # 1 while one person can review, else 2


class Change(Payload):
    name: str | None = None
    confirmations: int | None = None
    target_percent: float | None = None
    prove: bool | None = None
    refit_after: int | None = None
    copies_together: bool | None = None
    archived: bool | None = None


def _project(project: Project, role: Role) -> ProjectShown:
    return ProjectShown(
        id=project.id,
        slug=project.slug,
        name=project.name,
        data_type=project.data_type,
        confirmations=project.confirmations,
        target_percent=project.target_bp / 100,
        prove=project.target_chosen_at is not None,
        closing=project.closing if role is Role.LEAD else None,
        refit_after=project.refit_after,
        copies_together=project.copies_together,
        created_at=project.created_at,
        archived=project.archived_at is not None,
        role=role,
    )


@router.get("/api/v1/projects")
def read_projects(caller: Looking) -> list[ProjectShown]:
    return [_project(project, role) for project, role in projects_of(caller.session, caller.who)]


@router.post("/api/v1/projects", status_code=201)
def post_project(payload: ProjectPayload, caller: Acting) -> ProjectShown:
    new = NewProject(payload.name, payload.data_type, payload.confirmations)
    return _project(found_own_project(caller, new), Role.LEAD)


@router.get("/api/v1/projects/{slug}")
def read_project(slug: str, caller: Looking) -> ProjectShown:
    here = at(caller, slug)
    return _project(here.project, here.member.role or Role.REVIEWER)


@router.patch("/api/v1/projects/{slug}")
def patch_project(slug: str, payload: Change, caller: Acting) -> ProjectShown:
    change = ProjectChange(**payload.model_dump())
    return _project(change_project(caller, slug, change), Role.LEAD)


class DeletePayload(Payload):
    """Its name, so that it is the right one."""

    name: str


class DeletedShown(BaseModel):
    id: int
    slug: str
    name: str
    removed_for_good_at: datetime


def _deleted(project: Project) -> DeletedShown:
    return DeletedShown(
        id=project.id,
        slug=project.slug,
        name=project.name,
        removed_for_good_at=goes_at(project),
    )


@router.post("/api/v1/projects/{slug}/delete")
def post_delete(slug: str, payload: DeletePayload, caller: Acting) -> DeletedShown:
    """Hide it from everybody; for 30 days a lead of it or an admin can bring it back."""
    return _deleted(delete_by_name(caller, slug, payload.name))


@router.get("/api/v1/deleted-projects")
def read_deleted(caller: Looking) -> list[DeletedShown]:
    """Projects on their way out that the caller may bring back."""
    return [_deleted(one) for one in deleted_projects(caller.session, caller.who)]


@router.post("/api/v1/deleted-projects/{project_id}/restore")
def post_restore(project_id: PathId, caller: Acting) -> ProjectShown:
    """Bring a deleted project back as it was."""
    return _project(restore(caller, project_id), Role.LEAD)
