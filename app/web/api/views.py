"""Saved views of the list of examples, for programs."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.actions.turn import Caller
from app.actions.views import delete_view, rename_view, save_view
from app.db.tables.datasets import Project
from app.db.words import Role
from app.errors import NotFound
from app.insights.views import ViewShown, views_shown
from app.web.example_filters import LONGEST_FILTER, parameters, read_filter
from app.web.payloads import PathId, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()

VIEWS = "/api/v1/projects/{slug}/views"


class ViewPayload(Payload):
    """A view to keep: a name, and a filter as it stands in the address of the list."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Hard ones", "filter": "difficulty=0.9"}]}
    )

    name: str = Field(min_length=1, max_length=1_000)
    filter: str = Field(min_length=1, max_length=LONGEST_FILTER)


class ViewNamePayload(Payload):
    name: str = Field(min_length=1, max_length=1_000)


class SavedViewShown(BaseModel):
    """`words` say what it asks for, `gone` what of that is there no more; `matching` is null
    where the project is so large that counting takes long."""

    id: int
    name: str
    filter: str
    words: str
    gone: str
    matching: int | None


class ViewsShown(BaseModel):
    views: list[SavedViewShown]


def _shown(view: ViewShown) -> SavedViewShown:
    return SavedViewShown(
        id=view.id,
        name=view.name,
        filter=urlencode(parameters(view.wanted)),
        words=view.words,
        gone=view.gone,
        matching=view.matching,
    )


def _one(caller: Caller, project: Project, view_id: int) -> SavedViewShown:
    for view in views_shown(caller.session, project, viewer=caller.who.id):
        if view.id == view_id:
            return _shown(view)
    raise NotFound()


@router.get(VIEWS)
def read_views(slug: str, caller: Looking) -> ViewsShown:
    """By name."""
    here = at(caller, slug, Role.LEAD)
    views = views_shown(caller.session, here.project, viewer=caller.who.id)
    return ViewsShown(views=[_shown(view) for view in views])


@router.post(VIEWS, status_code=201)
def post_view(slug: str, payload: ViewPayload, caller: Acting) -> SavedViewShown:
    """Keep a filter of the list by a name."""
    here = at(caller, slug, Role.LEAD)
    wanted = read_filter(payload.filter, caller.who.id)
    view = save_view(caller, here.project.slug, payload.name, wanted)
    return _one(caller, here.project, view.id)


@router.patch(VIEWS + "/{view_id}")
def patch_view(
    slug: str, view_id: PathId, payload: ViewNamePayload, caller: Acting
) -> SavedViewShown:
    """Give it another name."""
    here = at(caller, slug, Role.LEAD)
    rename_view(caller, here.project.slug, view_id, payload.name)
    return _one(caller, here.project, view_id)


@router.delete(VIEWS + "/{view_id}", status_code=204)
def remove_view(slug: str, view_id: PathId, caller: Acting) -> None:
    """Batches that were made of it stay as they are."""
    delete_view(caller, slug, view_id)
