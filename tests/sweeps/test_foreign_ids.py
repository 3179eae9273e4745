"""Sweep B: what belongs to a project one takes no part in does not exist, whatever one asks."""

from __future__ import annotations

import re

from tests.sweeps.filling import Filler
from tests.sweeps.routes import Route, every_route
from tests.sweeps.told import told
from tests.sweeps.world import SECRET, World, in_bodies

BODY_IDS = ("lease", "leases", "example", "examples", "batch", "seq")


def names_in(route: Route) -> set[str]:
    return set(re.findall(r"\{([^}:]+)", route.path))


def body_names(route: Route) -> set[str]:
    body = route.body
    if body is None:
        return set()
    schema = Filler({})._resolved(body[1], route)
    return set(schema.get("properties", {}))


def sweep(world: World, known: dict, *, asks, only=lambda route: True) -> list:
    leaks = []
    for route in every_route(world.cast.app):
        if route.public or not only(route):
            continue
        paths = Filler(known)
        filler = Filler(
            in_bodies(known) | {name: known[name] for name in names_in(route) & set(known)}
        )
        request = filler.request(route)
        request.url = paths._url(route)
        answer = request.send(asks)
        if answer.status_code != 404 or SECRET in answer.text:
            leaks.append((route.name, answer.status_code, answer.text[:110]))
    return leaks


def test_a_lead_of_another_project_finds_nothing_of_ours(world: World):
    before = world.fingerprint()
    leaks = sweep(world, world.theirs, asks=world.cast.lead, only=lambda route: names_in(route))
    assert not leaks, told(leaks)
    assert world.fingerprint() == before


def test_ids_of_another_project_do_not_open_under_our_own_address(world: World):
    before = world.fingerprint()
    mixed = world.theirs | {"slug": world.ours["slug"], "label": world.ours["label"]}
    unclear = {"number", "place", "name", "file", "part"}  # counted per project: 1 is ours as well

    def only(route: Route) -> bool:
        return bool(names_in(route) - {"slug"} - unclear) and "slug" in names_in(route)

    assert not (found := sweep(world, mixed, asks=world.cast.lead, only=only)), told(found)
    assert world.fingerprint() == before


def test_ids_in_bodies_are_no_way_round(world: World):
    """Each id alone, with what else the body must have; then all at once."""
    before, leaks = world.fingerprint(), []
    for route in every_route(world.cast.app):
        ids = body_names(route) & set(BODY_IDS) & set(world.theirs)
        if names_in(route) or not ids or route.public:
            continue
        statuses = set()
        for some in [*({one} for one in ids), ids]:
            known = {name: world.theirs[name] for name in some}
            answer = Filler(known).request(route).send(world.cast.reviewer)
            statuses.add(answer.status_code)
            assert SECRET not in answer.text, route.name
        if 404 not in statuses or statuses - {404, 422}:
            leaks.append((route.name, sorted(statuses)))
    assert not leaks, told(leaks)
    assert world.fingerprint() == before


def test_whose_it_is_does_find_it(world: World):
    """The other half of the proof: the same addresses do open for their own lead."""
    closed = []
    for route in every_route(world.cast.app):
        if route.method == "GET" and not route.public and names_in(route) & {"slug", "batch_id"}:
            if "expert" in route.path:
                continue
            answer = Filler(world.theirs).request(route).send(world.their_lead)
            if answer.status_code in (401, 403) or answer.status_code >= 500:
                closed.append((route.name, answer.status_code))
            if answer.status_code == 404 and names_in(route) == {"slug"}:
                closed.append((route.name, answer.status_code))
    assert not closed, told(closed)
