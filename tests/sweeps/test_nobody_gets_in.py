"""Sweep A: every route but the public ones refuses who has not signed in."""

from __future__ import annotations

from app.web.public import PUBLIC
from tests.sweeps.filling import Filler, Request
from tests.sweeps.routes import every_route
from tests.sweeps.told import told
from tests.sweeps.world import World


def refused(answer) -> bool:
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/signin")
    return answer.status_code == 401 or to_sign_in


def test_every_private_route_refuses_an_empty_and_a_valid_request(world: World):
    """The valid one counts: an empty body is refused for its form, which proves nothing."""
    open_doors, before = [], world.fingerprint()
    for route in every_route(world.cast.app):
        if route.public:
            continue
        valid = Filler(world.ours).request(route)
        for request in (Request(route.method, valid.url), valid):
            answer = request.send(world.cast.anonymous)
            if not refused(answer):
                open_doors.append((route.name, answer.status_code))
    assert not open_doors, told(open_doors)
    assert world.fingerprint() == before


def test_what_does_not_exist_is_private_too(world: World):
    for path in ("/nothing", "/p/x/y", "/api/v1/nothing", "/docs", "/signin/more", "/staticx"):
        assert refused(world.cast.anonymous.get(path)), path


def test_the_public_list_is_the_one_that_was_decided():
    assert PUBLIC == (
        "/signin",
        "/setup",
        "/invite/{token}",
        "/reset/{token}",
        "/healthz",
        "/readyz",
        "/static/*",
        "/csp-report",
    )


def test_api_refusals_are_all_the_same(world: World):
    bodies = set()
    for route in every_route(world.cast.app):
        if route.path.startswith("/api/"):
            answer = Filler(world.ours).request(route).send(world.cast.anonymous).json()
            answer.pop("reference")
            bodies.add(tuple(sorted(answer.items())))
    assert len(bodies) == 1
