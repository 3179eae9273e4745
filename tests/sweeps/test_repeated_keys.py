"""A key that stands twice is refused by its name at every route that reads JSON; never the last."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sweeps.filling import Filler
from tests.sweeps.routes import json_routes
from tests.sweeps.told import told
from tests.sweeps.world import World, known_at

JSON = {"content-type": "application/json"}


FORMS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le")
"""Of Unicode, beside UTF-8, that a reader of JSON finds out by itself."""


def doubled(valid: dict[str, Any]) -> list[bytes]:
    """The same key twice: at the end, spelled in another way, and deep inside."""
    name, value = next(iter(valid.items()), ("key", "a"))
    spelled = "".join(f"\\u{ord(letter):04x}" for letter in name)
    whole, again = json.dumps(valid or {name: value})[:-1], json.dumps(value)
    return [
        f'{whole}, "{name}": {again}}}'.encode(),
        f'{whole}, "{spelled}": {again}}}'.encode(),
        f'{whole}, "more": [{{"{name}": 1, "{name}": 2}}]}}'.encode(),
    ]


def test_no_json_route_chooses_between_two_values(world: World):
    before, odd, tried = world.fingerprint(), [], 0
    for route in json_routes(world.cast.app):
        request = Filler(known_at(world.ours, route.path)).request(route)
        valid = request.json if isinstance(request.json, dict) else {}
        name = next(iter(valid), "key")
        for body in doubled(valid):
            answer = world.cast.lead.request(route.method, request.url, content=body, headers=JSON)
            told_of = answer.json()
            tried += 1
            if (answer.status_code, told_of["code"], told_of.get("key")) != (
                422, "repeated_key", name,
            ):  # fmt: skip
                odd.append((route.name, body, answer.status_code, told_of["code"]))
            elif name not in told_of["detail"]:
                odd.append((route.name, body, told_of["detail"]))
    assert tried > 100 and not odd, told(odd)
    assert world.fingerprint() == before


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_unicode_hides_that_a_key_stands_twice(world: World, form: str):
    """Acts take UTF-8 alone; every other route reads what Python's JSON reads."""
    before, odd, read = world.fingerprint(), [], 0
    for route in json_routes(world.cast.app):
        request = Filler(known_at(world.ours, route.path)).request(route)
        body = doubled(request.json if isinstance(request.json, dict) else {})[0].decode()
        encoded = body.encode(form)
        answer = world.cast.lead.request(route.method, request.url, content=encoded, headers=JSON)
        read += answer.json()["code"] == "repeated_key"
        if answer.status_code != 422:
            odd.append((route.name, answer.status_code, answer.json()["code"]))
    assert read > 30 and not odd, told(odd)
    assert world.fingerprint() == before


@pytest.mark.parametrize(
    ("end", "field", "text"),
    [
        ("imports", "mapping", '{"text": "a", "text": "b"}'),
        ("imports", "mapping", '{"choices": {"E301": "x", "E301": "y"}}'),
        ("arrays", "choices", '{"E502": "softmax", "E502": "stop"}'),
    ],
)
def test_nor_does_json_that_comes_beside_a_file(world: World, end: str, field: str, text: str):
    before = world.fingerprint()
    answer = world.cast.lead.post(
        f"/api/v1/projects/{world.ours['slug']}/{end}",
        files={"file": ("a.csv", b"id,text\n1,a\n")},
        data={field: text},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "repeated_key")
    assert answer.json()["key"] in text and world.fingerprint() == before
