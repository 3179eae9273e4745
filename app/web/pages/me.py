"""One's own account: profile, appearance, password, API tokens, sessions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import Field

from app.accounts.keys import DeskKeys, KeysClash, keys_of
from app.accounts.membership import projects_of
from app.accounts.people import THEMES, Who
from app.accounts.sessions import sessions_of
from app.accounts.tokens import NewToken, tokens_of
from app.actions import account
from app.actions.account import Attempt, NewPassword
from app.actions.turn import Caller
from app.db.tables.accounts import LoginSession, Token
from app.errors import Failure, Invalid
from app.insights.reviewers import where_answered
from app.web.asker import Asker
from app.web.cookies import keep_session
from app.web.failures import status_of
from app.web.forms import FormInput, address_of, nothing_kept_if_refused
from app.web.notices import done, password_notice
from app.web.payloads import Id, PathId
from app.web.render import render
from app.web.who import Acting, Looking, SignedIn

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

    @property
    def typed(self) -> dict[str, str]:
        return dict(zip(self.action, self.key, strict=False))

    def wanted(self) -> dict[str, str]:
        if len(self.action) != len(self.key):
            raise Invalid("Each action needs a key.", next_step="Load the page again.")
        return self.typed


class NewPasswordForm(FormInput):
    current: str = ""
    new: str = ""
    end_tokens: bool = False  # as a browser leaves out a box that is not ticked


class TokenForm(FormInput):
    name: str = ""
    project: Id | Literal[""] = ""  # none: all of the person's
    days: int = 90


class JustCsrf(FormInput):
    pass


@dataclass(frozen=True, slots=True)
class MePage:
    who: Who
    themes: tuple[str, ...]
    keys: DeskKeys
    projects: list[tuple[int, str]]
    results: list[tuple[str, str]]  # name and address, of own answers
    tokens: list[Token]
    sessions: list[LoginSession]
    session_id: int
    now: datetime
    new_token: str = ""
    problem: Failure | None = None
    problem_at: str = ""
    end_tokens: bool = True  # whether API tokens end with the password, as the box says
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


def _page(caller: Caller, asker: Asker) -> MePage:
    session, who = caller.session, caller.who
    projects = [project for project, _ in projects_of(session, who)]
    answered = where_answered(session, who.id, {project.id for project in projects})
    return MePage(
        who=who,
        themes=THEMES,
        keys=keys_of(session, who.id),
        projects=[(project.id, project.name) for project in projects],
        results=[
            (project.name, f"/p/{project.slug}/reviewers/{who.id}")
            for project in projects
            if project.id in answered
        ],
        tokens=tokens_of(session, who.id),
        sessions=sessions_of(session, who.id, now=caller.now),
        session_id=asker.session_id or 0,
        now=caller.now,
    )


def _refused(request: Request, page: MePage, at: str, problem: Failure) -> Response:
    """The page again, with what is wrong said at its form."""
    page = replace(page, problem=problem, problem_at=at)
    return render(request, "account/me.html", page, status=status_of(problem))


@router.get("/me")
def me(request: Request, asker: SignedIn, caller: Looking) -> Response:
    return render(request, "account/me.html", _page(caller, asker))


@router.post("/me/profile")
def save_profile(
    request: Request, asker: SignedIn, form: Annotated[ProfileForm, Form()], caller: Acting
) -> Response:
    try:
        with nothing_kept_if_refused(caller.session):
            account.rename(caller, form.name)
    except Failure as problem:
        return _refused(request, _page(caller, asker), "profile", problem)
    return done("/me", "saved")


@router.post("/me/appearance")
def save_appearance(
    asker: SignedIn, form: Annotated[AppearanceForm, Form()], caller: Acting
) -> Response:
    account.choose_theme(caller, form.theme)
    return done("/me", "saved")


@router.post("/me/keys")
def save_keys(
    request: Request, asker: SignedIn, form: Annotated[KeysForm, Form()], caller: Acting
) -> Response:
    try:
        with nothing_kept_if_refused(caller.session):
            if form.answer == "defaults":
                account.default_keys(caller)
            else:
                account.bind_keys(caller, form.wanted(), single=form.single == "on")
    except Failure as problem:
        page = replace(_page(caller, asker), typed=form.typed)
        return _refused(request, page, "keys", problem)
    return done("/me", "saved")


@router.post("/me/password")
def save_password(
    request: Request, asker: SignedIn, form: Annotated[NewPasswordForm, Form()], caller: Looking
) -> Response:
    """Asks for the old password again; every other session ends, this one gets a new token."""
    attempt = Attempt(asker.who.email, form.current, address_of(request))
    new = NewPassword(form.new, form.end_tokens)
    try:
        raw = account.change_password(request.app.state.engine, attempt, new, now=caller.now)
    except Failure as problem:
        page = replace(_page(caller, asker), end_tokens=form.end_tokens)
        return _refused(request, page, "password", problem)
    response = done("/me", password_notice(form.end_tokens))
    keep_session(request, response, raw)
    return response


@router.post("/me/tokens")
def add_token(
    request: Request, asker: SignedIn, form: Annotated[TokenForm, Form()], caller: Acting
) -> Response:
    wanted = NewToken(form.name, form.days, form.project or None)
    try:
        with nothing_kept_if_refused(caller.session):
            _, raw = account.make_own_token(caller, wanted)
    except Invalid as problem:
        return _refused(request, _page(caller, asker), "tokens", problem)
    return render(request, "account/me.html", replace(_page(caller, asker), new_token=raw))


@router.post("/me/tokens/{token_id}/revoke")
def drop_token(
    asker: SignedIn, token_id: PathId, form: Annotated[JustCsrf, Form()], caller: Acting
) -> Response:
    account.revoke_own_token(caller, token_id)
    return done("/me", "token_revoked")


@router.post("/me/sessions/end")
def end_others(asker: SignedIn, form: Annotated[JustCsrf, Form()], caller: Acting) -> Response:
    account.end_other_sessions(caller, asker.session_id)
    return done("/me", "sessions_ended")
