"""Who takes part: the people of a project, and for admins everybody with an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.activity import record
from app.accounts.links import Grant, make_link, open_invites, withdraw
from app.accounts.membership import (
    EVERY_ROLE,
    Member,
    change_role,
    check_may_give,
    members_of,
    out_of_reach,
    person_in,
    remove_member,
)
from app.accounts.people import check_email
from app.db.tables.accounts import AccessLink
from app.db.words import LinkKind, Role
from app.errors import Forbidden
from app.web.asker import Here
from app.web.forms import FormInput, full_url
from app.web.notices import done
from app.web.payloads import PathId
from app.web.render import render
from app.web.sessions import Reading, Writing
from app.web.who import Asking, Now, at_page, at_project

router = APIRouter()


class InviteForm(FormInput):
    role: Role = Role.REVIEWER
    email: str = ""


class RoleForm(FormInput):
    role: Role


class PersonForm(FormInput):
    pass


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: int
    name: str
    email: str
    pseudonym: str
    role: Role
    joined_at: datetime
    is_me: bool
    may_reset: bool


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is shown this once."""

    url: str
    for_whom: str
    kind: LinkKind


@dataclass(frozen=True, slots=True)
class PeoplePage:
    slug: str
    people: list[PersonRow]
    invites: list[AccessLink]
    roles: tuple[Role, ...]
    new_link: NewLink | None = None


def people_page(
    session: Session, here: Here, now: datetime, new_link: NewLink | None = None
) -> PeoplePage:
    hidden = out_of_reach(session, here.member)
    rows = [
        PersonRow(
            person.id,
            person.name,
            person.email,
            person.pseudonym,
            role,
            joined_at,
            person.id == here.member.person_id,
            person.id not in hidden,
        )
        for person, role, joined_at in members_of(session, here.project.id)
    ]
    invites = open_invites(session, here.project.id, now=now)
    return PeoplePage(here.project.slug, rows, invites, EVERY_ROLE, new_link)


def project_link(member: Member, role: Role, email: str) -> Grant:
    check_may_give(member, role)
    return Grant(
        project_id=member.project_id,
        role=role,
        email=check_email(email) if email.strip() else None,
        created_by=member.person_id,
    )


@router.get("/p/{slug}/people")
def people(request: Request, slug: str, asker: Asking, session: Reading, now: Now) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(request, "people/people.html", people_page(session, here, now), at=here)


@router.post("/p/{slug}/people/invites")
def invite(
    request: Request,
    slug: str,
    asker: Asking,
    form: Annotated[InviteForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    grant = project_link(here.member, form.role, form.email)
    raw = make_link(session, LinkKind.INVITE, grant, now=now)
    detail = {"role": form.role.value}
    record(session, asker.who.id, here.project.id, "invited", detail, now=now)
    link = NewLink(full_url(request, f"/invite/{raw}"), grant.email or "", LinkKind.INVITE)
    page = people_page(session, here, now, link)
    return render(request, "people/people.html", page, at=here)


@router.post("/p/{slug}/people/invites/{link_id}/withdraw")
def withdraw_invite(
    slug: str,
    link_id: PathId,
    asker: Asking,
    form: Annotated[PersonForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    withdraw(session, here.project.id, link_id, now=now)
    return done(f"/p/{here.project.slug}/people", "invite_withdrawn")


@router.post("/p/{slug}/people/{person_id}/role")
def give_role(
    slug: str,
    person_id: PathId,
    asker: Asking,
    form: Annotated[RoleForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    change_role(session, here.member, person_id, form.role, now=now)
    return done(f"/p/{here.project.slug}/people", "role_changed")


@router.post("/p/{slug}/people/{person_id}/remove")
def remove(
    slug: str,
    person_id: PathId,
    asker: Asking,
    form: Annotated[PersonForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    remove_member(session, here.member, person_id, now=now)
    return done(f"/p/{here.project.slug}/people", "member_removed")


@router.post("/p/{slug}/people/{person_id}/reset")
def reset_link(
    request: Request,
    slug: str,
    person_id: PathId,
    asker: Asking,
    form: Annotated[PersonForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    person = person_in(session, here.project.id, person_id)
    if person.id in out_of_reach(session, here.member):
        raise Forbidden(
            "This person also works where you are not lead.",
            next_step="Ask an admin for the link.",
            code="reset_not_yours",
        )
    grant = Grant(person_id=person.id, created_by=asker.who.id)
    raw = make_link(session, LinkKind.RESET, grant, now=now)
    detail = {"person": person.id}
    record(session, asker.who.id, here.project.id, "reset_link_made", detail, now=now)
    link = NewLink(full_url(request, f"/reset/{raw}"), person.name, LinkKind.RESET)
    page = people_page(session, here, now, link)
    return render(request, "people/people.html", page, at=here)
