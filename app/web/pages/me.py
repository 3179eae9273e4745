"""One's own account: profile, appearance, password, API tokens, sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.accounts.activity import record
from app.accounts.keys import (
    DeskKeys,
    KeysClash,
    bind_keys,
    default_keys,
    keys_of,
    switch_single_keys,
)
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
from app.errors import Failure, Invalid, NotFound
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


class KeysForm(FormInput):
    """A key for each action, in two columns of the same length."""

    action: list[str] = Field(default_factory=list)
    key: list[str] = Field(default_factory=list)
    single: str = ""
    answer: str = ""


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
    keys: DeskKeys
    projects: list[tuple[int, str]]
    tokens: list[Token]
    sessions: list[LoginSession]
    session_id: int
    now: datetime
    new_token: str = ""
    problem: Failure | None = None
    problem_at: str = ""
    typed: dict[str, str] | None = None  # the keys as they were sent, when they are refused

    @property
    def key_fields(self) -> list[tuple[str, str, str, bool]]:
        """Each action, its words, what its field holds, and whether that is refused."""
        sent = self.typed or {}
        wrong = self.problem.actions if isinstance(self.problem, KeysClash) else ()
        return [
            (one.action, one.words, sent.get(one.action, one.typed), one.action in wrong)
            for one in self.keys.bound.values()
        ]


def me_page(session: Session, asker: SignedIn, now: datetime, **more: object) -> MePage:
    projects = [(project.id, project.name) for project, _ in projects_of(session, asker.who)]
    return MePage(
        who=asker.who,
        themes=THEMES,
        keys=keys_of(session, asker.who.id),
        projects=projects,
        tokens=tokens_of(session, asker.who.id),
        sessions=sessions_of(session, asker.who.id, now=now),
        session_id=asker.session_id or 0,
        now=now,
        **more,  # type: ignore[arg-type]  # the optional fields above
    )


def _again(
    request: Request, asker: SignedIn, now: datetime, at: str, problem: Failure, **more: object
) -> Response:
    with reading(request.app.state.engine) as session:
        page = me_page(session, asker, now, problem=problem, problem_at=at, **more)
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


@router.post("/me/keys")
def save_keys(
    request: Request, asker: SignedIn, form: Annotated[KeysForm, Form()], now: Now
) -> Response:
    typed = dict(zip(form.action, form.key, strict=False))
    try:
        with writing(request.app.state.engine) as session:
            if form.answer == "defaults":
                default_keys(session, asker.who.id)
            else:
                if len(form.action) != len(form.key):
                    raise Invalid("Each action needs a key.", next_step="Load the page again.")
                bind_keys(session, asker.who.id, typed)
                switch_single_keys(session, asker.who.id, form.single == "on")
    except Failure as problem:
        return _again(request, asker, now, "keys", problem, typed=typed)
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
