"""Saved views above the list of examples: links to them, and the forms that keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from fastapi.responses import Response
from pydantic import Field

from app.actions.views import delete_view, rename_view, save_view
from app.db.tables.planned import SavedView
from app.insights.views import ViewShown
from app.review.batches.filters import filter_from
from app.web.example_filters import LONGEST_FILTER, address, parameters, read_filter
from app.web.forms import FormInput
from app.web.notices import done
from app.web.payloads import PathId
from app.web.who import Acting

router = APIRouter()

VIEWS = "/p/{slug}/views"
_LONGEST_TYPED = 1_000


class ViewForm(FormInput):
    """A view to keep: `filter` as it stands in the address of the list."""

    name: str = Field(default="", max_length=_LONGEST_TYPED)
    filter: str = Field(default="", max_length=LONGEST_FILTER)


class NameForm(FormInput):
    name: str = Field(default="", max_length=_LONGEST_TYPED)


@dataclass(frozen=True, slots=True)
class ListedView:
    id: int
    name: str
    words: str
    gone: str
    matching: int | None
    url: str
    here: bool  # the list shows it now


def listed_views(slug: str, views: Sequence[ViewShown], shown: dict[str, str]) -> list[ListedView]:
    """Each as a link; `shown`: what the list is narrowed to now."""
    listed = []
    for view in views:
        parts = parameters(view.wanted)
        url = address(f"/p/{slug}/examples", parts)
        one = ListedView(
            view.id, view.name, view.words, view.gone, view.matching, url, parts == shown
        )
        listed.append(one)
    return listed


@router.post(VIEWS)
def new_view(slug: str, form: Annotated[ViewForm, Form()], caller: Acting) -> Response:
    wanted = read_filter(form.filter, caller.who.id)
    return _listed(slug, save_view(caller, slug, form.name, wanted), "view_saved")


@router.post(VIEWS + "/{view_id}")
def set_view_name(
    slug: str, view_id: PathId, form: Annotated[NameForm, Form()], caller: Acting
) -> Response:
    return _listed(slug, rename_view(caller, slug, view_id, form.name), "view_renamed")


@router.post(VIEWS + "/{view_id}/delete")
def end_view(
    slug: str, view_id: PathId, form: Annotated[FormInput, Form()], caller: Acting
) -> Response:
    delete_view(caller, slug, view_id)
    return done(f"/p/{slug}/examples", "view_deleted")


def _listed(slug: str, view: SavedView, notice: str) -> Response:
    """The list as this view shows it."""
    query = urlencode(parameters(filter_from(view.filter)))
    return done(f"/p/{slug}/examples", notice, query)
