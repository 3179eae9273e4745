"""Sweep F: hostile JSON at every JSON route is refused, never a failure of ours."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.sweeps.filling import Filler
from tests.sweeps.routes import every_route, json_routes
from tests.sweeps.told import told
from tests.sweeps.world import World, known_at

JSON = {"content-type": "application/json"}
BODIES = 300

WHOLE = [
    b"", b" ", b"{", b"}", b"[", b"null", b"true", b"0", b'""', b"[]", b"{}", b"NaN", b"-Infinity",
    b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"\x80", b"{'a': 1}", b"{a: 1}", b'{"a": 1,}',
    b"// x\n{}", b'{"a": 1}{"b": 2}', b"[" * 100_000, b'{"a":' * 50_000, b"[" * 400 + b"]" * 400,
    b'{"key": ' + b"9" * 5_000 + b"}", b'"\\ud800"', b'{"\\ud800": 1}', b'{"\\u0000": 1}',
    b'{"__proto__": {"a": 1}}', b'{"key": "a", "key": "b"}', b'"' + b"a" * 1_000_000 + b'"',
    b"1e999", b"-0", b'{"": ""}', b"\x00", b"undefined", b"<x/>", b"id,text\n1,a",
]  # fmt: skip
RAW_VALUES = [
    b"NaN", b"Infinity", b"1e999", b"-1e999", b'"\\ud800"', b'"\\udc00\\ud800"', b'"a\\u0000b"',
    b"9" * 4_000, b"-" + b"9" * 400, b"1e30", b"-0.0", b"9223372036854775808", b"true", b"null",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 2**31, 2**63, -(2**63) - 1, 10**30, 0.5, 1e308, "", " ", "\n", "0",
    "true", "null", "a" * 100_000, "‮evil", "́" * 5_000, "\ufeff", "𝒳" * 300, "' OR 1=1 --",
    "%%%%", "../../etc/passwd", "{{7*7}}", "<script>", [], [[]], [None], [1] * 1_000, {}, {"a": 1},
    {"$ne": None}, [{}] * 50, "rlb_x", "-1", "1e5", "\x7f", "\u2028", "=1+1",
]  # fmt: skip


def hostile(valid: dict[str, Any], names: list[str], chance: random.Random) -> list[bytes]:
    """Whole bodies that are odd, and the valid body with one field made odd or added."""
    made = list(WHOLE)
    for name in [*names, "unknown", "is_admin", "reviewer_id"]:
        made += [json.dumps(valid | {name: value}).encode() for value in VALUES]
        for raw in RAW_VALUES:
            rest = json.dumps({key: value for key, value in valid.items() if key != name})
            joint = b", " if len(rest) > 2 else b""
            made.append(rest[:-1].encode() + joint + json.dumps(name).encode() + b": " + raw + b"}")
    first, rest_ = made[: len(WHOLE)], made[len(WHOLE) :]
    chance.shuffle(rest_)
    return first + rest_


def test_no_json_body_makes_the_site_fail(world: World):
    few = BODIES if world.file else BODIES // 5
    failures, tried = [], 0
    for route in json_routes(world.cast.app):
        body = route.body
        request = Filler(known_at(world.ours, route.path)).request(route)
        valid = request.json if isinstance(request.json, dict) else {}
        names = list(Filler({})._resolved(body[1], route).get("properties", {})) if body else []
        chance = random.Random(route.name)
        for content in hostile(valid, names, chance)[:few]:
            answer = world.cast.lead.request(
                route.method, request.url, content=content, headers=JSON
            )
            tried += 1
            if answer.status_code >= 500:
                failures.append((route.name, content[:200], answer.status_code))
    assert not failures, told(failures)
    assert tried > 0


def test_no_path_or_query_makes_the_site_fail(world: World):
    odd = ("0", "-1", "1e9", "9" * 30, "%ff", "%20", "a" * 3_000, "..", "%2e%2e", "null", "‮", "٣")
    failures = []
    for route in every_route(world.cast.app):
        names = [one["name"] for one in route.parameters]
        for value in odd:
            request = Filler(world.ours).request(route)
            parts = dict.fromkeys(names, value)
            url = Filler(world.ours | parts)._url(route)
            query = {one["name"]: value for one in route.parameters if one["in"] == "query"}
            for address, params in ((url, {}), (request.url, query)):
                answer = world.cast.lead.request(route.method, address, params=params)
                if answer.status_code >= 500:
                    failures.append((route.name, value, answer.status_code))
            if route.path == "/signout":
                break
    assert not failures, told(failures)


def test_no_form_makes_the_site_fail(afresh: World):
    world, failures = afresh, []
    values = ("", "\x00", "a" * 50_000, "9" * 400, "-1", "nan", "inf", "‮", "%", "[]", "1e400")
    for route in every_route(world.cast.app):
        body = route.body
        if body is None or body[0] != "application/x-www-form-urlencoded":
            continue
        if "password" in route.path or route.path == "/signin":
            continue  # argon2 is slow on purpose
        names = list(Filler({})._resolved(body[1], route).get("properties", {}))
        for name in (*names, "unknown"):
            for value in values:
                request = Filler(world.ours).request(route)
                request.form = (request.form or {}) | {name: value}
                status = request.send(world.cast.lead).status_code
                if status >= 500:
                    failures.append((route.name, name, value[:20], status))
        world.restore()
    assert not failures, told(failures)
