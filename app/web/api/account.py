"""Who the program speaks for, its tokens, and the description of the API."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.accounts.keys import DeskKeys, keys_of
from app.accounts.tokens import NewToken, tokens_of
from app.actions import account
from app.db.tables.accounts import Token
from app.web.payloads import Id, PathId, Payload
from app.web.who import Acting, Asking, Looking, SignedIn

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

    @classmethod
    def of(cls, token: Token) -> TokenShown:
        return cls(
            id=token.id,
            name=token.name,
            project=token.project_id,
            created_at=token.created_at,
            expires_at=token.expires_at,
            used_at=token.used_at,
        )


class TokenMade(TokenShown):
    token: str


class TokenPayload(Payload):
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


def _keys(keys: DeskKeys) -> KeysShown:
    return KeysShown(single=keys.single, keys={one.action: one.key for one in keys.bound.values()})


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
def read_keys(asker: SignedIn, caller: Looking) -> KeysShown:
    return _keys(keys_of(caller.session, caller.who.id))


@router.patch("/api/v1/me/keys")
def change_keys(asker: SignedIn, payload: KeysChange, caller: Acting) -> KeysShown:
    """Bind keys anew, or turn keys without Alt on or off."""
    return _keys(account.bind_keys(caller, payload.keys, single=payload.single))


@router.get("/api/v1/me/tokens")
def read_tokens(asker: SignedIn, caller: Looking) -> list[TokenShown]:
    return [TokenShown.of(token) for token in tokens_of(caller.session, caller.who.id)]


@router.post("/api/v1/me/tokens", status_code=201)
def create_token(asker: SignedIn, payload: TokenPayload, caller: Acting) -> TokenMade:
    """Make a token; this answer is the only place where it is ever shown."""
    wanted = NewToken(payload.name, payload.days, payload.project)
    token, raw = account.make_own_token(caller, wanted)
    return TokenMade(**TokenShown.of(token).model_dump(), token=raw)


@router.delete("/api/v1/me/tokens/{token_id}", status_code=204)
def delete_token(asker: SignedIn, token_id: PathId, caller: Acting) -> None:
    account.revoke_own_token(caller, token_id)


@router.get("/api/v1/openapi.json", include_in_schema=True)
def description(request: Request, asker: Asking) -> dict[str, object]:
    """The API as OpenAPI; pages are left out."""
    whole = request.app.openapi()
    paths = {path: item for path, item in whole["paths"].items() if path.startswith("/api/")}
    return {**whole, "paths": paths}
