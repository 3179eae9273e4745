"""Sweep D: every answer of every route, to anyone, carries the safety headers and no secret."""

from __future__ import annotations

from sqlalchemy import select

from app.db.engine import reading
from app.db.tables.accounts import LoginSession
from tests.sweeps.filling import Filler
from tests.sweeps.routes import every_route
from tests.sweeps.told import told
from tests.sweeps.world import World

FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
POLICY = ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")


def wrong_headers(answer) -> list[str]:
    headers = answer.headers
    found = [name for name, value in FIXED.items() if headers.get(name) != value]
    policy = headers.get("content-security-policy", "")
    if "unsafe" in policy or not all(part in policy for part in POLICY):
        found.append("content-security-policy")
    kind = headers.get("content-type", "")
    if kind.startswith("text/") and "charset=utf-8" not in kind:
        found.append("charset")
    found += [name for name in headers if name.startswith("access-control-")]
    return found


def test_every_answer_has_them(world: World):
    wrong = []
    for route in every_route(world.cast.app):
        request = Filler(world.ours).request(route)
        for client in (world.cast.anonymous, world.cast.stranger, world.cast.lead):
            answer = request.send(client)
            if found := wrong_headers(answer):
                wrong.append((route.name, answer.status_code, found))
            if route.path == "/signout":
                break
    assert not wrong, told(wrong)


def test_no_answer_holds_a_secret(world: World):
    with reading(world.cast.engine) as session:
        tokens = session.scalars(select(LoginSession.csrf)).all()
    for client in (world.cast.admin, world.cast.lead):
        secrets = ["$argon2", "token_hash", "password_hash", client.raw, world.their_lead.raw]
        secrets += [token for token in tokens if token != client.csrf]
        for route in every_route(world.cast.app):
            if route.method == "GET":
                text = Filler(world.ours).request(route).send(client).text
                assert not [one for one in secrets if one in text], route.name
