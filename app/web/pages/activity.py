"""Who did what when, newest first: of one person or kind of act, and taken back where possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.db.tables.accounts import Membership, Person
from app.db.words import Role
from app.errors import NotFound
from app.insights.activity import Done, Sought, activity
from app.insights.activity_kinds import GROUPS
from app.insights.activity_undo import Undo, undo_ways
from app.web.asker import Here
from app.web.example_filters import PerhapsId
from app.web.render import render
from app.web.who import Looking, at_page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the filter says; empty is all."""

    who: int | None
    what: str
    cursor: str

    def address(self, cursor: str) -> str:
        said = {"who": self.who, "what": self.what, "cursor": cursor}
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class ActivityPage:
    slug: str
    lines: list[Done]
    undo: dict[int, Undo]
    people: list[tuple[str, str]]
    groups: list[tuple[str, str]]
    who: str
    what: str
    first: bool
    later: str

    @property
    def newest(self) -> str:
        said = {"who": self.who, "what": self.what}
        query = urlencode({name: value for name, value in said.items() if value})
        return f"/p/{self.slug}/log" + (f"?{query}" if query else "")


def asked(
    who: PerhapsId = None,
    what: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str, Query(max_length=80)] = "",
) -> Asked:
    return Asked(who, what, cursor)


def _people(session: Session, project_id: int) -> list[Person]:
    """Everybody who has or had a part in the project, by name."""
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.project_id == project_id)
        .order_by(Person.name, Person.id)
    )
    return list(session.scalars(query))


def _sought(wanted: Asked, people: list[Person]) -> Sought:
    person = next((one for one in people if one.id == wanted.who), None)
    if (wanted.what and wanted.what not in GROUPS) or (wanted.who and person is None):
        raise NotFound()
    return Sought(person, GROUPS.get(wanted.what))


def _log_page(session: Session, here: Here, wanted: Asked) -> ActivityPage:
    project = here.project
    names = shown_names(labels_of(session, project.id, retired=True))
    people = _people(session, project.id)
    sought = _sought(wanted, people)
    lines, following = activity(session, project.id, names, sought=sought, cursor=wanted.cursor)
    return ActivityPage(
        project.slug,
        lines,
        undo_ways(session, project, lines, person_id=here.member.person_id),
        [("", "Everybody"), *((str(one.id), one.name) for one in people)],
        [("", "Everything"), *((one.name, one.words) for one in GROUPS.values())],
        str(wanted.who or ""),
        wanted.what,
        not wanted.cursor,
        f"/p/{project.slug}/log?{wanted.address(following)}" if following else "",
    )


@router.get("/p/{slug}/log")
def project_log(
    request: Request, slug: str, caller: Looking, wanted: Annotated[Asked, Depends(asked)]
) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    page = _log_page(caller.session, here, wanted)
    return render(request, "activity/log.html", page, at=here)
