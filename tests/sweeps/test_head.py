"""HEAD is GET without the body, at every address: same status, same headers, nothing changed."""

from __future__ import annotations

import re

from tests.sweeps.filling import Filler
from tests.sweeps.routes import every_route
from tests.sweeps.told import told
from tests.sweeps.world import World

OTHER_PAGES = ("/static/base.css", "/static/none.css", "/nothing", "/api/v1/nothing", "/signin?a=1")


def without_chance(headers) -> dict[str, str]:
    """What a new visitor's cookie holds is drawn anew each time."""
    return {name: re.sub(r"=[\w-]{20,};", "=…;", value) for name, value in headers.items()}


def test_head_answers_what_get_answers_at_every_address(world: World):
    before, odd = world.fingerprint(), []
    addresses = [
        Filler(world.ours).request(route).url
        for route in every_route(world.cast.app)
        if route.method == "GET"
    ]
    for client in (world.cast.lead, world.cast.reviewer, world.cast.anonymous):
        for address in (*addresses, *OTHER_PAGES):
            client.cookies.delete("relabel-form")
            looked = client.get(address)
            client.cookies.delete("relabel-form")
            asked = client.head(address)
            if asked.content or (asked.status_code, without_chance(asked.headers)) != (
                looked.status_code,
                without_chance(looked.headers),
            ):
                odd.append((address, looked.status_code, asked.status_code, asked.headers))
    assert not odd, told(odd)
    assert world.fingerprint() == before


def test_head_is_not_taken_where_get_is_not(world: World):
    for route in every_route(world.cast.app):
        if route.method != "GET":
            url = Filler(world.ours).request(route).url
            looked, asked = world.cast.lead.get(url), world.cast.lead.head(url)
            assert asked.status_code == looked.status_code and not asked.content, route.name
