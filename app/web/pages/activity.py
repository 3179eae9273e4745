"""Who did what when, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.db.words import Role
from app.insights.activity import Done, activity
from app.web.render import render
from app.web.who import Looking, at_page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ActivityPage:
    slug: str
    lines: list[Done]
    first: bool
    later: str


@router.get("/p/{slug}/log")
def project_log(
    request: Request,
    slug: str,
    caller: Looking,
    cursor: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    every = labels_of(caller.session, here.project.id, retired=True)
    names = shown_names(every)
    lines, following = activity(caller.session, here.project.id, names, cursor=cursor)
    url = f"/p/{here.project.slug}/log"
    page = ActivityPage(
        here.project.slug, lines, not cursor, f"{url}?cursor={following}" if following else ""
    )
    return render(request, "activity/log.html", page, at=here)
