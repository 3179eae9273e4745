"""Sweep C: what somebody sends comes back as text, never as markup or code."""

from __future__ import annotations

from app.web.bodies import is_upload
from tests.sweeps.filling import Filler
from tests.sweeps.routes import every_route
from tests.sweeps.told import told
from tests.sweeps.world import World, known_at

CANARY = "rlb\"'<x>&{{7*7}}"
RAW = ("<x>", "\"'<", "rlb&49", "&49")


def shows_through(answer) -> bool:
    kind = answer.headers.get("content-type", "")
    if kind.startswith(("application/json", "application/octet-stream", "image/", "text/csv")):
        return False  # never taken for markup: the types are fixed and nosniff is set
    return any(one in answer.text for one in RAW)


def test_no_canary_comes_back_raw_from_any_field(afresh: World):
    world, leaks = afresh, []
    for route in every_route(world.cast.app):
        if is_upload(route.path):
            continue
        known = known_at(world.ours, route.path)
        filler = Filler(known, texts=lambda name: CANARY, optional=True)
        for client in (world.cast.lead, world.cast.admin):
            request = filler.request(route)
            request.headers |= {"referer": "http://localhost/", "user-agent": CANARY}
            request.query |= {"canary": CANARY, "done": CANARY}
            for query in (request.query, {}):
                request.query = query
                answer = request.send(client)
                assert answer.status_code < 500, (route.name, answer.text)
                if shows_through(answer):
                    leaks.append((route.name, answer.text[:300]))
        if route.path == "/signout":
            world.restore()
    assert not leaks, told(leaks)


def test_no_canary_shows_through_on_any_page_afterwards(afresh: World):
    """Everything that keeps text is filled with the canary; then every page is looked at."""
    world = afresh
    keeps = ("/signout", "/archive", "/remove", "/withdraw", "/revoke", "/standing", "/password")
    for route in every_route(world.cast.app):
        if route.method in ("POST", "PATCH") and not route.path.endswith(keeps):
            known = known_at(world.ours, route.path)
            filler = Filler(known, texts=lambda name: CANARY, optional=True)
            if not is_upload(route.path):
                filler.request(route).send(world.cast.lead)
    slug = world.cast.lead.get("/api/v1/projects").json()[0]["slug"]
    leaks = []
    for route in every_route(world.cast.app):
        if route.method == "GET":
            for client in (world.cast.lead, world.cast.admin, world.cast.reviewer):
                answer = Filler(world.ours | {"slug": slug}).request(route).send(client)
                if shows_through(answer):
                    leaks.append((route.name, answer.text[:300]))
    assert not leaks, told(leaks)


def test_addresses_that_do_not_exist_are_not_repeated(world: World):
    for path in (f"/{CANARY}", f"/p/{CANARY}/people", f"/api/v1/projects/{CANARY}"):
        for client in (world.cast.lead, world.cast.anonymous):
            assert not shows_through(client.get(path))
