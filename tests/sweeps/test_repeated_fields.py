"""A field that stands twice in a form is refused by its name at every route; never the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.sweeps.filling import Filler
from tests.sweeps.routes import UNSAFE, Route, every_route
from tests.sweeps.told import told
from tests.sweeps.world import World, known_at

MULTIPART, PLAIN = "multipart/form-data", "application/x-www-form-urlencoded"
AS_JSON = {"accept": "application/json"}
UPLOADS = ("imports", "arrays", "models")


def form_routes(world: World, *media: str) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Those of who is signed in, each with the fields of its form."""
    for route in every_route(world.cast.app):
        body = route.body
        if route.method in UNSAFE and not route.public and body and body[0] in media:
            schema = body[1]
            while "$ref" in schema or "allOf" in schema:
                one = schema.get("$ref") or schema["allOf"][0]["$ref"]
                schema = route.schemas[one.rsplit("/", 1)[1]]
            yield route, schema["properties"]


def many(schema: dict[str, Any]) -> bool:
    return "array" in {one.get("type") for one in (schema, *schema.get("anyOf", []))}


def test_no_form_chooses_between_two_values(world: World):
    before, odd, tried = world.fingerprint(), [], 0
    for route, fields in form_routes(world, PLAIN):
        url = Filler(known_at(world.ours, route.path)).request(route).url
        for name in (one for one, schema in fields.items() if not many(schema)):
            pairs = [(name, "a"), (name, "b")]
            head = AS_JSON | {"content-type": PLAIN}
            reply = world.cast.lead.request(
                route.method, url, content=urlencode(pairs), headers=head
            )
            tried += 1
            if (reply.status_code, reply.json()["code"]) != (422, "repeated_field") or (
                f"{name!r} twice" not in reply.json()["detail"]
            ):
                odd.append((route.name, name, reply.status_code, reply.text[:80]))
    assert tried > 150 and not odd, told(odd)
    assert world.fingerprint() == before


def test_nor_does_one_with_a_file(world: World):
    before, odd, tried = world.fingerprint(), [], 0
    for route, fields in form_routes(world, MULTIPART):
        url = Filler(known_at(world.ours, route.path)).request(route).url
        for name in fields:
            for more, code in (((name, name), "repeated_field"), (("odd",), "unknown_field")):
                parts = [(one, ("a.csv", b"id,text\n")) for one in more]
                reply = world.cast.lead.request(route.method, url, files=parts, headers=AS_JSON)
                tried += 1
                if (reply.status_code, reply.json()["code"]) != (422, code):
                    odd.append((route.name, name, reply.status_code, reply.text[:80]))
    assert tried > 30 and not odd, told(odd)
    assert world.fingerprint() == before


@pytest.mark.parametrize("end", UPLOADS)
def test_two_files_are_not_one(world: World, end: str):
    """The second would have been stored, and the first have gone without a word."""
    before = world.fingerprint()
    rows = b"id,text,label\nk0,a,Cat\n"
    reply = world.cast.lead.post(
        f"/api/v1/projects/{world.ours['slug']}/{end}",
        files=[("file", ("a.csv", rows)), ("file", ("b.csv", rows))],
    )
    assert (reply.status_code, reply.json()["code"]) == (422, "repeated_field")
    assert world.fingerprint() == before
