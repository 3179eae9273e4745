"""Sweep E: looking changes nothing, and no foreign page can make anyone act."""

from __future__ import annotations

from tests.sweeps.filling import Filler
from tests.sweeps.routes import UNSAFE, every_route
from tests.sweeps.told import told
from tests.sweeps.world import World

ANYONE_MAY_SEND = {"/csp-report"}  # written to the logs only


# Opening the desk takes the next example: a hold, which the asker alone gets and which ends.
HOLDS = {"/review/{batch_id}", "/review/reads/{slug}"}
HELD = frozenset({"lease", "serve", "batch_member", "read_due", "project", "audit_epoch"})


def test_every_get_leaves_the_database_as_it_was(world: World):
    before = world.fingerprint()
    for route in every_route(world.cast.app):
        if route.method != "GET":
            continue
        holds = route.path in HOLDS
        seen = world.fingerprint(but=HELD) if holds else before
        for client in (world.cast.lead, world.cast.reviewer, world.cast.anonymous):
            Filler(world.ours).request(route).send(client)
        assert world.fingerprint(but=HELD if holds else frozenset()) == seen, route.name
        if holds:
            before = world.fingerprint()


def test_every_unsafe_route_wants_the_token_and_our_origin(world: World):
    before, done = world.fingerprint(), []
    for route in every_route(world.cast.app):
        if route.method not in UNSAFE or route.path in ANYONE_MAY_SEND:
            continue
        for name, client, headers in (
            ("no token", world.cast.lead.anew(), {}),
            ("wrong token", world.cast.lead.anew(), {"x-csrf-token": "x" * 43}),
            ("another's", world.cast.lead.anew(), {"x-csrf-token": world.cast.reviewer.csrf}),
            ("foreign", world.cast.lead, {"origin": "https://evil.example"}),
            ("null", world.cast.lead, {"origin": "null"}),
            ("cross-site", world.cast.lead, {"sec-fetch-site": "cross-site"}),
        ):
            request = Filler(world.ours).request(route)
            request.headers = headers
            status = request.send(client).status_code
            if status != 403:
                done.append((route.name, name, status))
    assert not done, told(done)
    assert world.fingerprint() == before


def test_unsafe_methods_do_not_hide_behind_safe_ones(world: World):
    for headers in ({"x-http-method-override": "DELETE"}, {"x-http-method": "POST"}):
        assert world.cast.lead.get("/me", headers=headers).status_code == 200
