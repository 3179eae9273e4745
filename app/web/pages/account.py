"""Coming in: sign-in, first set-up, invitations and new passwords by link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.links import check_invited, link_of
from app.accounts.people import Newcomer, anybody, person_by_id
from app.accounts.sessions import WrongPassword, open_login, sign_out
from app.actions.account import (
    Attempt,
    NewPassword,
    accept_invitation,
    set_password_by_link,
    set_up,
    sign_in,
)
from app.db.engine import reading, writing
from app.db.tables.datasets import Project
from app.db.words import LinkKind
from app.errors import Failure, NotFound
from app.web.asker import Asker
from app.web.cookies import drop_session, keep_session
from app.web.failures import status_of
from app.web.forms import FormInput, address_of, from_this_machine
from app.web.notices import done, password_notice
from app.web.onward import onward
from app.web.render import render
from app.web.who import Now, Perhaps, SignedIn

router = APIRouter()


class SigninForm(FormInput):
    email: str = ""
    password: str = ""
    next: str = ""
    link: str = ""


class NewcomerForm(FormInput):
    token: str = ""
    name: str = ""
    email: str = ""
    password: str = ""

    @property
    def newcomer(self) -> Newcomer:
        return Newcomer(self.name, self.email, self.password)


class PasswordForm(FormInput):
    password: str = ""
    end_tokens: bool = False  # as a browser leaves out a box that is not ticked

    @property
    def new(self) -> NewPassword:
        return NewPassword(self.password, self.end_tokens)


@dataclass(frozen=True, slots=True)
class SigninPage:
    email: str = ""
    next: str = ""
    link: str = ""
    person: str = ""
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class NewcomerPage:
    action: str
    token: str = ""
    name: str = ""
    email: str = ""
    for_email: str = ""  # the one address that the account may have
    project: str = ""
    role: str = ""
    signed_in_as: str = ""
    signin_url: str = ""
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class ResetPage:
    email: str
    end_tokens: bool = True
    problem: Failure | None = None


def _welcome(request: Request, raw: str, wanted: str) -> Response:
    response = RedirectResponse(onward(request.app, wanted), 303)
    keep_session(request, response, raw)
    return response


def _demo_person(request: Request, session: Session, raw: str, now: datetime) -> tuple[int, str]:
    """Whom the demo's link signs in; asked for on the machine itself only."""
    if not from_this_machine(request):
        raise NotFound()
    link = link_of(session, LinkKind.SIGNIN, raw, now=now)
    person = person_by_id(session, link.person_id or 0)
    return person.id, person.name


@router.get("/signin")
def signin_page(
    request: Request, asker: Perhaps, now: Now, next: str = "", link: str = ""
) -> Response:
    if link:
        with reading(request.app.state.engine) as session:
            person = _demo_person(request, session, link, now)[1]
        page = SigninPage(next=next, link=link, person=person)
        return render(request, "account/signin.html", page)
    if asker is not None:
        return RedirectResponse(onward(request.app, next), 303)
    return render(request, "account/signin.html", SigninPage(next=next))


@router.post("/signin")
def signin(request: Request, form: Annotated[SigninForm, Form()], now: Now) -> Response:
    if form.link:
        return _welcome(request, _demo_signin(request, form.link, now), form.next)
    attempt = Attempt(form.email, form.password, address_of(request))
    try:
        opened = sign_in(request.app.state.engine, attempt, now=now)
    except WrongPassword as problem:
        page = SigninPage(form.email[:320], form.next, problem=problem)
        return render(request, "account/signin.html", page, status=status_of(problem))
    return _welcome(request, opened, form.next)


def _demo_signin(request: Request, raw: str, now: datetime) -> str:
    with writing(request.app.state.engine) as session:
        person_id, _ = _demo_person(request, session, raw, now)
        return open_login(session, person_id, now=now)[1]


@router.post("/signout")
def signout(request: Request, asker: SignedIn) -> Response:
    with writing(request.app.state.engine) as session:
        sign_out(session, asker.session_id or 0)
    response = done("/signin", "signed_out")
    drop_session(request, response)
    return response


def _check_setup(request: Request, session: Session, raw: str, now: datetime) -> None:
    if not from_this_machine(request) or anybody(session):
        raise NotFound()
    link_of(session, LinkKind.SETUP, raw, now=now)


@router.get("/setup")
def setup_page(request: Request, now: Now, token: str = "") -> Response:
    with reading(request.app.state.engine) as session:
        _check_setup(request, session, token, now)
    return render(request, "account/setup.html", NewcomerPage("/setup", token))


@router.post("/setup")
def setup(request: Request, form: Annotated[NewcomerForm, Form()], now: Now) -> Response:
    engine = request.app.state.engine
    with reading(engine) as session:
        _check_setup(request, session, form.token, now)
    try:
        with writing(engine) as session:
            raw = set_up(session, form.newcomer, form.token, now=now)
    except Failure as problem:
        page = NewcomerPage("/setup", form.token, form.name, form.email, problem=problem)
        return render(request, "account/setup.html", page, status=status_of(problem))
    return _welcome(request, raw, "/projects")


def _invited(request: Request, token: str, asker: Asker | None, now: datetime) -> NewcomerPage:
    with reading(request.app.state.engine) as session:
        link = link_of(session, LinkKind.INVITE, token, now=now)
        if asker is not None:
            check_invited(link, asker.who.email)
        project = session.get(Project, link.project_id) if link.project_id else None
    return NewcomerPage(
        action=f"/invite/{token}",
        email=link.email or "",
        for_email=link.email or "",
        project=project.name if project else "",
        role=link.role.value if link.role else "",
        signed_in_as=asker.who.name if asker else "",
        signin_url="/signin?next=" + quote(f"/invite/{token}", safe="/"),
    )


@router.get("/invite/{token}")
def invite_page(request: Request, token: str, asker: Perhaps, now: Now) -> Response:
    return render(request, "account/invite.html", _invited(request, token, asker, now))


Newcoming = Annotated[NewcomerForm, Form()]


@router.post("/invite/{token}")
def accept_invite(
    request: Request, token: str, form: Newcoming, asker: Perhaps, now: Now
) -> Response:
    page = _invited(request, token, asker, now)
    guest = asker.who if asker else form.newcomer
    try:
        raw = accept_invitation(request.app.state.engine, guest, token, now=now)
    except Failure as problem:
        email = page.for_email or form.email
        page = replace(page, name=form.name, email=email, problem=problem)
        return render(request, "account/invite.html", page, status=status_of(problem))
    return _welcome(request, raw, "/") if raw else RedirectResponse("/", 303)


def _reset_page(request: Request, token: str, now: datetime) -> ResetPage:
    with reading(request.app.state.engine) as session:
        link = link_of(session, LinkKind.RESET, token, now=now)
        return ResetPage(person_by_id(session, link.person_id or 0).email)


@router.get("/reset/{token}")
def reset_page(request: Request, token: str, now: Now) -> Response:
    return render(request, "account/reset.html", _reset_page(request, token, now))


@router.post("/reset/{token}")
def reset(
    request: Request, token: str, form: Annotated[PasswordForm, Form()], now: Now
) -> Response:
    try:
        set_password_by_link(request.app.state.engine, token, form.new, now=now)
    except Failure as problem:
        page = _reset_page(request, token, now)
        page = replace(page, end_tokens=form.end_tokens, problem=problem)
        return render(request, "account/reset.html", page, status=status_of(problem))
    return done("/signin", password_notice(form.end_tokens))
