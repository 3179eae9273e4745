"""An act of the hot path is guarded as every other route, and what ends a session ends it here."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Query
from fastapi.routing import iter_route_contexts
from sqlalchemy import select
from starlette.responses import Response

from app.accounts.people import disable, person_by_id
from app.accounts.sessions import SEEN_EVERY, sign_out
from app.accounts.tokens import NewToken, make_token, revoke_token
from app.db.engine import reading, writing
from app.db.tables.accounts import LoginSession
from app.web.acts import Act
from app.web.payloads import Payload
from app.web.who import Acting
from tests.web.cast import Actor, Cast, actor

URL = "/api/v1/decisions"
NOBODYS = {"key": "x" * 36, "lease": "0" * 32, "verdict": "confirm"}  # well formed, not found


def acts(cast: Cast) -> list[str]:
    contexts = iter_route_contexts(cast.app.routes)
    return [str(one.path) for one in contexts if isinstance(one.original_route, Act)]


def post(who: Actor, **more: Any) -> int:
    return who.post(URL, **{"json": NOBODYS, **more}).status_code


def test_the_hot_path_is_an_act(cast: Cast):
    quick = ("decisions", "reveal", "leases/skip", "leases/refer", "leases/give-back")
    assert acts(cast) == [f"/api/v1/{name}" for name in (*quick, "undo", "redo")]


def test_who_may_not_ask_learns_nothing_of_the_body(cast: Cast):
    json = {"content-type": "application/json"}
    for body in (b"{}", b"{", b"", b'{"key": 1}'):
        refused = cast.anonymous.post(URL, content=body, headers=json)
        assert refused.status_code == 401
        assert refused.json()["code"] == "sign_in_needed"
        forged = cast.reviewer.anew().post(URL, content=body, headers=json)
        assert (forged.status_code, forged.json()["code"]) == (403, "csrf")
    assert post(cast.reviewer) == 404


def test_another_site_is_refused_even_with_the_token(cast: Cast):
    assert post(cast.reviewer, headers={"origin": "https://evil.example"}) == 403
    assert post(cast.reviewer, headers={"sec-fetch-site": "cross-site"}) == 403


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"null", "body"),
        (b"{", "body"),
        (b'{"key": "\xff"}', "body"),
        (b"[" * 60_000, "body"),
        (b'{"key": "short"}', "key"),
        (b'{"verdict": "confirm", "odd": 1}', "odd"),
    ],
)
def test_a_body_that_is_wrong_is_told_where(cast: Cast, body: bytes, where: str):
    told = cast.reviewer.post(URL, content=body, headers={"content-type": "application/json"})
    assert told.status_code == 422, told.text
    assert where in told.text


def test_the_address_holds_nothing_beside_the_body(cast: Cast):
    refused = cast.reviewer.post(f"{URL}?odd=1", json=NOBODYS)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_filter")
    assert cast.reviewer.get(URL).status_code == 405


def test_a_session_that_was_ended_answers_no_longer(cast: Cast):
    assert post(cast.reviewer) == 404
    with writing(cast.engine) as session:
        opened = select(LoginSession.id).where(LoginSession.person_id == cast.reviewer.person.id)
        sign_out(session, session.scalars(opened).one())
    assert post(cast.reviewer) == 401


def test_a_closed_account_answers_no_longer(cast: Cast):
    assert post(cast.reviewer) == 404
    with writing(cast.engine) as session:
        disable(session, person_by_id(session, cast.reviewer.person.id), now=cast.now)
    assert post(cast.reviewer) == 401


def test_a_token_acts_until_it_is_revoked(cast: Cast):
    person = cast.reviewer.person.id
    with writing(cast.engine) as session:
        token, raw = make_token(session, person, NewToken("script", days=1), now=cast.now)
    program = actor(cast.app, headers={"Authorization": f"Bearer {raw}"})
    assert post(program) == 404
    with writing(cast.engine) as session:
        revoke_token(session, person, token.id, now=cast.now)
    assert post(program) == 401


def test_a_session_is_noted_as_seen(cast: Cast):
    cast.step(seconds=(SEEN_EVERY + timedelta(seconds=1)).total_seconds())
    assert post(cast.reviewer) == 404
    with reading(cast.engine) as session:
        seen = select(LoginSession.seen_at).where(LoginSession.person_id == cast.reviewer.person.id)
        assert session.scalars(seen).one() == cast.now


class Odd(Payload):
    want: int = 0


def test_a_function_that_is_no_act_is_refused_when_it_is_written():
    router = APIRouter(route_class=Act)

    def with_query(payload: Odd, caller: Acting, page: Annotated[int, Query()]) -> Response:
        raise AssertionError

    def without_payload(caller: Acting) -> Response:
        raise AssertionError

    def told_as_json(payload: Odd, caller: Acting) -> dict[str, int]:
        raise AssertionError

    for odd in (with_query, without_payload, told_as_json):
        with pytest.raises(TypeError):
            router.post("/odd")(odd)
