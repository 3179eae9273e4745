"""One's own account: profile, appearance, password, API tokens, sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.activity import record
from app.accounts.membership import projects_of
from app.accounts.people import (
    THEMES,
    Who,
    choose_theme,
    end_sessions,
    keep_password,
    new_hash,
    person_by_id,
    rename_person,
)
from app.accounts.sessions import (
    WrongPassword,
    claim,
    note_failure,
    open_login,
    proved,
    sessions_of,
)
from app.accounts.tokens import make_token, revoke_token, tokens_of
from app.db.engine import reading, writing
from app.db.tables.accounts import LoginSession, Token
from app.errors import Failure, NotFound
from app.web.cookies import keep_session
from app.web.failures import status_of
from app.web.forms import FormInput, address_of
from app.web.notices import done
from app.web.payloads import PathId
from app.web.render import render
from app.web.sessions import Reading, Writing
from app.web.who import Now, SignedIn

router = APIRouter()


class ProfileForm(FormInput):
    name: str = ""


class AppearanceForm(FormInput):
    theme: str = "system"


class NewPasswordForm(FormInput):
    current: str = ""
    new: str = ""


class TokenForm(FormInput):
    name: str = ""
    project: str = ""
    days: int = 90


class JustCsrf(FormInput):
    pass


@dataclass(frozen=True, slots=True)
class MePage:
    who: Who
    themes: tuple[str, ...]
    projects: list[tuple[int, str]]
    tokens: list[Token]
    sessions: list[LoginSession]
    session_id: int
    now: datetime
    new_token: str = ""
    problem: Failure | None = None
    problem_at: str = ""


def me_page(
    session: Session, asker: SignedIn, now: datetime, **more: Failure | str | None
) -> MePage:
    projects = [(project.id, project.name) for project, _ in projects_of(session, asker.who)]
    return MePage(
        who=asker.who,
        themes=THEMES,
        projects=projects,
        tokens=tokens_of(session, asker.who.id),
        sessions=sessions_of(session, asker.who.id, now=now),
        session_id=asker.session_id or 0,
        now=now,
        **more,  # type: ignore[arg-type]  # the three optional fields above
    )


def _again(request: Request, asker: SignedIn, now: datetime, at: str, problem: Failure) -> Response:
    with reading(request.app.state.engine) as session:
        page = me_page(session, asker, now, problem=problem, problem_at=at)
    return render(request, "account/me.html", page, status=status_of(problem))


@router.get("/me")
def me(request: Request, asker: SignedIn, session: Reading, now: Now) -> Response:
    return render(request, "account/me.html", me_page(session, asker, now))


@router.post("/me/profile")
def save_profile(
    request: Request, asker: SignedIn, form: Annotated[ProfileForm, Form()], now: Now
) -> Response:
    try:
        with writing(request.app.state.engine) as session:
            rename_person(session, asker.who.id, form.name)
    except Failure as problem:
        return _again(request, asker, now, "profile", problem)
    return done("/me", "saved")


@router.post("/me/appearance")
def save_appearance(
    asker: SignedIn, form: Annotated[AppearanceForm, Form()], session: Writing
) -> Response:
    choose_theme(session, asker.who.id, form.theme)
    return done("/me", "saved")


@router.post("/me/password")
def save_password(
    request: Request, asker: SignedIn, form: Annotated[NewPasswordForm, Form()], now: Now
) -> Response:
    """Asks for the old password again; every other session ends, this one gets a new token."""
    engine = request.app.state.engine
    try:
        with reading(engine) as session:
            asked = claim(session, asker.who.email, address=address_of(request), now=now)
        if not proved(asked, form.current):
            with writing(engine) as session:
                note_failure(session, asked, now=now)
            raise WrongPassword()
        hashed = new_hash(form.new, (asker.who.name, asker.who.email))
    except (WrongPassword, Failure) as problem:
        return _again(request, asker, now, "password", problem)
    with writing(engine) as session:
        keep_password(session, person_by_id(session, asker.who.id), hashed)
        raw = open_login(session, asker.who.id, now=now)[1]
        record(session, asker.who.id, None, "password_changed", now=now)
    response = done("/me", "password_set")
    keep_session(request, response, raw)
    return response


def _chosen_project(session: Session, asker: SignedIn, text: str) -> int | None:
    """The project a token is bound to; none means all of the person's."""
    if not text:
        return None
    for project, _ in projects_of(session, asker.who):
        if str(project.id) == text:
            return project.id
    raise NotFound()


@router.post("/me/tokens")
def add_token(
    request: Request, asker: SignedIn, form: Annotated[TokenForm, Form()], now: Now
) -> Response:
    try:
        with writing(request.app.state.engine) as session:
            project_id = _chosen_project(session, asker, form.project)
            _, raw = make_token(
                session,
                asker.who.id,
                name=form.name,
                project_id=project_id,
                days=form.days,
                now=now,
            )
            record(session, asker.who.id, project_id, "token_made", now=now)
            page = me_page(session, asker, now, new_token=raw)
    except Failure as problem:
        return _again(request, asker, now, "tokens", problem)
    return render(request, "account/me.html", page)


@router.post("/me/tokens/{token_id}/revoke")
def drop_token(
    asker: SignedIn,
    token_id: PathId,
    form: Annotated[JustCsrf, Form()],
    session: Writing,
    now: Now,
) -> Response:
    token = revoke_token(session, asker.who.id, token_id, now=now)
    record(session, asker.who.id, token.project_id, "token_revoked", {"id": token_id}, now=now)
    return done("/me", "token_revoked")


@router.post("/me/sessions/end")
def end_others(asker: SignedIn, form: Annotated[JustCsrf, Form()], session: Writing) -> Response:
    end_sessions(session, asker.who.id, but=asker.session_id)
    return done("/me", "sessions_ended")
