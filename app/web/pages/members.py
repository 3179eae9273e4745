"""Everybody with an account, for admins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.membership import require_admin
from app.accounts.people import everybody
from app.actions import people
from app.actions.turn import Caller
from app.db.tables.accounts import Person
from app.web.forms import FormInput
from app.web.notices import done
from app.web.pages.people import ShownLink
from app.web.payloads import PathId
from app.web.render import render
from app.web.who import Acting, Looking

router = APIRouter()
HERE = "/admin/members"

# What an account is from now on: the act, and what the page says of it.
STANDINGS: dict[str, tuple[Callable[[Caller, int], None], str]] = {
    "admin": (people.give_admin, "admin_given"),
    "plain": (people.take_admin, "admin_taken"),
    "closed": (people.disable_account, "person_disabled"),
    "open": (people.enable_account, "person_enabled"),
}


class NewMemberForm(FormInput):
    email: str = ""


class StandingForm(FormInput):
    standing: Literal["admin", "plain", "closed", "open"]


class ResetForm(FormInput):
    pass


@dataclass(frozen=True, slots=True)
class MembersPage:
    people: list[Person]
    me: int
    new_link: ShownLink | None = None


def _shown(request: Request, caller: Caller, link: people.NewLink | None = None) -> Response:
    require_admin(caller.who)
    new_link = None if link is None else ShownLink.of(request, link)
    page = MembersPage(everybody(caller.session), caller.who.id, new_link)
    return render(request, "people/members.html", page)


@router.get(HERE)
def members(request: Request, caller: Looking) -> Response:
    return _shown(request, caller)


@router.post(f"{HERE}/invites")
def invite_member(
    request: Request, form: Annotated[NewMemberForm, Form()], caller: Acting
) -> Response:
    return _shown(request, caller, people.invite_member(caller, form.email))


@router.post(HERE + "/{person_id}/reset")
def reset_member(
    request: Request, person_id: PathId, form: Annotated[ResetForm, Form()], caller: Acting
) -> Response:
    return _shown(request, caller, people.reset_link_of_member(caller, person_id))


@router.post(HERE + "/{person_id}/standing")
def change_standing(
    person_id: PathId, form: Annotated[StandingForm, Form()], caller: Acting
) -> Response:
    act, notice = STANDINGS[form.standing]
    act(caller, person_id)
    return done(HERE, notice)
