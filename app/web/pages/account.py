"""Coming in: sign-in, first set-up, invitations and new passwords by link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.links import link_of, use_link
from app.accounts.membership import join
from app.accounts.people import (
    anybody,
    create_person,
    keep_password,
    new_hash,
    person_by_id,
)
from app.accounts.sessions import WrongPassword, claim, open_login, proved, settle, sign_out
from app.db.engine import reading, writing
from app.db.tables.accounts import AccessLink
from app.db.tables.datasets import Project
from app.db.words import LinkKind
from app.errors import Failure, NotFound
from app.web.asker import Asker
from app.web.cookies import drop_session, keep_session
from app.web.failures import status_of
from app.web.forms import FormInput, address_of, from_this_machine
from app.web.notices import done
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


class PasswordForm(FormInput):
    password: str = ""


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
    project: str = ""
    role: str = ""
    signed_in_as: str = ""
    signin_url: str = ""
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class ResetPage:
    email: str
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
    if person.disabled_at is not None:
        raise NotFound()
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
    engine = request.app.state.engine
    if form.link:
        with writing(engine) as session:
            person_id, _ = _demo_person(request, session, form.link, now)
            raw = open_login(session, person_id, now=now)[1]
        return _welcome(request, raw, form.next)
    try:
        with reading(engine) as session:
            asked = claim(session, form.email, address=address_of(request), now=now)
        right = proved(asked, form.password)
        with writing(engine) as session:
            opened = settle(session, asked, right, now=now)
        if opened is None:
            raise WrongPassword()
    except WrongPassword as problem:
        page = SigninPage(form.email[:320], form.next, problem=problem)
        return render(request, "account/signin.html", page, status=status_of(problem))
    return _welcome(request, opened, form.next)


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
            person = create_person(
                session,
                name=form.name,
                email=form.email,
                password=form.password,
                admin=True,
                now=now,
            )
            use_link(session, LinkKind.SETUP, form.token, now=now)
            raw = open_login(session, person.id, now=now)[1]
    except Failure as problem:
        page = NewcomerPage("/setup", form.token, form.name, form.email, problem=problem)
        return render(request, "account/setup.html", page, status=status_of(problem))
    return _welcome(request, raw, "/projects")


def _invited(
    session: Session, token: str, asker: Asker | None, now: datetime
) -> tuple[AccessLink, NewcomerPage]:
    link = link_of(session, LinkKind.INVITE, token, now=now)
    project = session.get(Project, link.project_id) if link.project_id else None
    page = NewcomerPage(
        action=f"/invite/{token}",
        email=link.email or "",
        project=project.name if project else "",
        role=link.role.value if link.role else "",
        signed_in_as=asker.who.name if asker else "",
        signin_url="/signin?next=" + quote(f"/invite/{token}", safe="/"),
    )
    return link, page


@router.get("/invite/{token}")
def invite_page(request: Request, token: str, asker: Perhaps, now: Now) -> Response:
    with reading(request.app.state.engine) as session:
        _, page = _invited(session, token, asker, now)
    return render(request, "account/invite.html", page)


@router.post("/invite/{token}")
def accept_invite(
    request: Request,
    token: str,
    form: Annotated[NewcomerForm, Form()],
    asker: Perhaps,
    now: Now,
) -> Response:
    engine = request.app.state.engine
    with reading(engine) as session:
        _, page = _invited(session, token, asker, now)
    try:
        with writing(engine) as session:
            raw = _take_part(session, token, form, asker, now)
    except Failure as problem:
        page = NewcomerPage(
            page.action, "", form.name, form.email, page.project, page.role, problem=problem
        )
        return render(request, "account/invite.html", page, status=status_of(problem))
    return _welcome(request, raw, "/") if raw else RedirectResponse("/", 303)


def _take_part(
    session: Session, token: str, form: NewcomerForm, asker: Asker | None, now: datetime
) -> str | None:
    """Make the account if there is none, use the link, join; return a new session's token."""
    if asker is None:
        person = create_person(
            session, name=form.name, email=form.email, password=form.password, now=now
        )
    link = use_link(session, LinkKind.INVITE, token, now=now)
    person_id = asker.who.id if asker else person.id
    if link.project_id is not None and link.role is not None:
        join(session, link.project_id, person_id, link.role, now=now)
    return None if asker else open_login(session, person_id, now=now)[1]


@router.get("/reset/{token}")
def reset_page(request: Request, token: str, now: Now) -> Response:
    with reading(request.app.state.engine) as session:
        link = link_of(session, LinkKind.RESET, token, now=now)
        email = person_by_id(session, link.person_id or 0).email
    return render(request, "account/reset.html", ResetPage(email))


@router.post("/reset/{token}")
def reset(
    request: Request, token: str, form: Annotated[PasswordForm, Form()], now: Now
) -> Response:
    engine = request.app.state.engine
    with reading(engine) as session:
        link = link_of(session, LinkKind.RESET, token, now=now)
        person = person_by_id(session, link.person_id or 0)
    try:
        hashed = new_hash(form.password, (person.name, person.email))
    except Failure as problem:
        page = ResetPage(person.email, problem)
        return render(request, "account/reset.html", page, status=status_of(problem))
    with writing(engine) as session:
        used = use_link(session, LinkKind.RESET, token, now=now)
        keep_password(session, person_by_id(session, used.person_id or 0), hashed)
    return done("/signin", "password_set")
