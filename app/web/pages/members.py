"""Everybody with an account, for admins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.activity import record
from app.accounts.links import Grant, make_link
from app.accounts.people import (
    check_email,
    disable,
    enable,
    everybody,
    make_admin,
    person_by_id,
)
from app.db.tables.accounts import Person
from app.db.words import LinkKind
from app.web.forms import FormInput, full_url
from app.web.notices import done
from app.web.pages.people import NewLink
from app.web.payloads import PathId
from app.web.render import render
from app.web.sessions import Reading, Writing
from app.web.who import Asking, Now, admin_only

router = APIRouter()
HERE = "/admin/members"


class NewMemberForm(FormInput):
    email: str = ""


class StandingForm(FormInput):
    """What an account is from now on."""

    standing: Literal["admin", "plain", "closed", "open"]


class ResetForm(FormInput):
    pass


@dataclass(frozen=True, slots=True)
class MembersPage:
    people: list[Person]
    me: int
    new_link: NewLink | None = None


@router.get(HERE)
def members(request: Request, asker: Asking, session: Reading) -> Response:
    admin_only(asker)
    page = MembersPage(everybody(session), asker.who.id)
    return render(request, "people/members.html", page)


@router.post(f"{HERE}/invites")
def invite_member(
    request: Request,
    asker: Asking,
    form: Annotated[NewMemberForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    admin_only(asker)
    email = check_email(form.email) if form.email.strip() else None
    grant = Grant(email=email, created_by=asker.who.id)
    raw = make_link(session, LinkKind.INVITE, grant, now=now)
    record(session, asker.who.id, None, "invited", now=now)
    link = NewLink(full_url(request, f"/invite/{raw}"), email or "", LinkKind.INVITE)
    page = MembersPage(everybody(session), asker.who.id, link)
    return render(request, "people/members.html", page)


@router.post(HERE + "/{person_id}/reset")
def reset_member(
    request: Request,
    person_id: PathId,
    asker: Asking,
    form: Annotated[ResetForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    admin_only(asker)
    person = person_by_id(session, person_id)
    grant = Grant(person_id=person.id, created_by=asker.who.id)
    raw = make_link(session, LinkKind.RESET, grant, now=now)
    record(session, asker.who.id, None, "reset_link_made", {"person": person.id}, now=now)
    link = NewLink(full_url(request, f"/reset/{raw}"), person.name, LinkKind.RESET)
    page = MembersPage(everybody(session), asker.who.id, link)
    return render(request, "people/members.html", page)


@router.post(HERE + "/{person_id}/standing")
def change_standing(
    person_id: PathId,
    asker: Asking,
    form: Annotated[StandingForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    admin_only(asker)
    notice = _stand(session, person_by_id(session, person_id), form.standing, now)
    detail = {"person": person_id, "standing": form.standing}
    record(session, asker.who.id, None, "standing_changed", detail, now=now)
    return done(HERE, notice)


def _stand(session: Session, person: Person, standing: str, now: Now) -> str:
    if standing == "closed":
        disable(session, person, now=now)
        return "person_disabled"
    if standing == "open":
        enable(person)
        return "person_enabled"
    make_admin(session, person, standing == "admin")
    return "admin_given" if standing == "admin" else "admin_taken"
