"""Who the program speaks for, its tokens, and the description of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.accounts.activity import record
from app.accounts.keys import DeskKeys, bind_keys, keys_of, switch_single_keys
from app.accounts.membership import member_of
from app.accounts.tokens import make_token, revoke_token, tokens_of
from app.db.tables.accounts import Token
from app.web.payloads import Id, PathId, Payload
from app.web.sessions import Reading, Writing
from app.web.who import Asking, Now, SignedIn

router = APIRouter()


class Me(BaseModel):
    id: int
    pseudonym: str
    name: str
    email: str
    admin: bool
    only_project: int | None


class TokenShown(BaseModel):
    """A token without its secret."""

    id: int
    name: str
    project: int | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class TokenMade(TokenShown):
    token: str


class NewToken(Payload):
    name: str
    project: Id | None = None
    days: int = 90


class KeysShown(BaseModel):
    """Each action of the desk and its key; `single` says whether keys without Alt act."""

    single: bool
    keys: dict[str, str]


class KeysChange(Payload):
    """What is to be different; keys that are not named stay."""

    single: bool | None = None
    keys: dict[str, str] | None = Field(default=None, max_length=100)


def _keys(found: DeskKeys) -> KeysShown:
    return KeysShown(
        single=found.single, keys={one.action: one.key for one in found.bound.values()}
    )


def _shown(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "project": token.project_id,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
    }


@router.get("/api/v1/me")
def read_me(asker: Asking) -> Me:
    who = asker.who
    return Me(
        id=who.id,
        pseudonym=who.pseudonym,
        name=who.name,
        email=who.email,
        admin=who.is_admin,
        only_project=who.only_project,
    )


@router.get("/api/v1/me/keys")
def read_keys(asker: SignedIn, session: Reading) -> KeysShown:
    return _keys(keys_of(session, asker.who.id))


@router.patch("/api/v1/me/keys")
def change_keys(asker: SignedIn, payload: KeysChange, session: Writing) -> KeysShown:
    """Bind keys anew, or turn keys without Alt on or off."""
    if payload.keys is not None:
        bind_keys(session, asker.who.id, payload.keys)
    if payload.single is not None:
        switch_single_keys(session, asker.who.id, payload.single)
    return _keys(keys_of(session, asker.who.id))


@router.get("/api/v1/me/tokens")
def read_tokens(asker: SignedIn, session: Reading) -> list[TokenShown]:
    return [TokenShown(**_shown(token)) for token in tokens_of(session, asker.who.id)]


@router.post("/api/v1/me/tokens", status_code=201)
def create_token(asker: SignedIn, payload: NewToken, session: Writing, now: Now) -> TokenMade:
    """Make a token; this answer is the only place where it is ever shown."""
    if payload.project is not None:
        member_of(session, asker.who, payload.project)
    token, raw = make_token(
        session,
        asker.who.id,
        name=payload.name,
        project_id=payload.project,
        days=payload.days,
        now=now,
    )
    record(session, asker.who.id, payload.project, "token_made", now=now)
    return TokenMade(**_shown(token), token=raw)


@router.delete("/api/v1/me/tokens/{token_id}", status_code=204)
def delete_token(asker: SignedIn, token_id: PathId, session: Writing, now: Now) -> None:
    token = revoke_token(session, asker.who.id, token_id, now=now)
    record(session, asker.who.id, token.project_id, "token_revoked", {"id": token_id}, now=now)


@router.get("/api/v1/openapi.json", include_in_schema=True)
def description(request: Request, asker: Asking) -> dict[str, Any]:
    """The API as OpenAPI; pages are left out."""
    whole = request.app.openapi()
    paths = {path: item for path, item in whole["paths"].items() if path.startswith("/api/")}
    return {**whole, "paths": paths}
