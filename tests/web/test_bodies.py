"""Rights come before a body, a body has its measure, and nobody waits for ever for its end."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from starlette.types import ASGIApp, Message, Scope

from app.datasets.blobs import BlobStore
from app.settings import Settings
from app.web.bodies import BODY, LISTS, is_upload, most_bytes
from app.web.fair_use import ACTS_A_SECOND, ACTS_AT_ONCE, Pace, UploadTurns
from app.web.limits import Limits
from app.web.site import Site, site_of
from tests.sweeps.routes import UNSAFE, every_route
from tests.web.cast import Actor, Cast

JSON = b"application/json"
FORM = b"application/x-www-form-urlencoded"
FILES = b"multipart/form-data; boundary=x"
ANSWER = {"key": "x" * 36, "lease": "0" * 32, "verdict": "confirm"}


def scope_of(app: Any, who: Actor, path: str, media: bytes, length: int | None = None) -> Scope:
    """A request as a server hands it on when its head has come."""
    headers = [(b"host", b"localhost"), (b"content-type", media), (b"accept", JSON)]
    if who.csrf:
        cookie, token = f"relabel={who.raw}".encode(), who.csrf.encode()
        headers += [(b"cookie", cookie), (b"x-csrf-token", token)]
    if length is None:
        headers.append((b"transfer-encoding", b"chunked"))
    else:
        headers.append((b"content-length", str(length).encode()))
    return {
        "type": "http",
        "app": app,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50_000),
        "server": ("localhost", 80),
    }


def asked(app: ASGIApp, scope: Scope, body: Iterator[Message]) -> tuple[int, dict[str, str], int]:
    """What is answered, and how many pieces of the body were asked for; silence follows them."""
    sent: list[Message] = []
    pieces = 0

    async def receive() -> Message:
        nonlocal pieces
        pieces += 1
        for message in body:
            return message
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        with anyio.fail_after(20):
            await app(scope, receive, send)

    anyio.run(ask)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, pieces


def nothing() -> Iterator[Message]:
    return iter(())


def large_routes(cast: Cast) -> Iterator[tuple[str, bytes]]:
    """Every address that takes more than was read ahead, with a type of body that it takes."""
    for route in every_route(cast.app):
        path = route.path.replace("{slug}", cast.project.slug)
        for name in ("{import_id}", "{array_id}", "{batch_id}", "{example_id}", "{label_id}"):
            path = path.replace(name, "1")
        media = FILES if is_upload(path) else JSON if path.startswith("/api/") else FORM
        scope = scope_of(cast.app, cast.lead, path, media)
        if route.method in UNSAFE and most_bytes(scope) > BODY:
            yield path, media


@pytest.mark.parametrize("role", ["anonymous", "stranger", "reviewer", "expert"])
@pytest.mark.parametrize("length", [None, 2**31 - 1, BODY + 1], ids=["chunked", "huge", "long"])
def test_who_may_not_send_it_is_refused_before_a_byte_is_read(
    cast: Cast, role: str, length: int | None
) -> None:
    seen, who = 0, getattr(cast, role)
    for path, media in large_routes(cast):
        scope = scope_of(cast.app, who, path, media, length)
        if length is not None and length > most_bytes(scope):
            continue
        status, _, pieces = asked(cast.app, scope, nothing())
        assert (status, pieces) == (401 if role == "anonymous" else 404, 0), path
        seen += 1
    assert seen >= 4


def test_the_leads_body_is_read_there(cast: Cast) -> None:
    for path, media in large_routes(cast):
        ended = iter([{"type": "http.request", "body": b"", "more_body": False}])
        status, _, pieces = asked(cast.app, scope_of(cast.app, cast.lead, path, media), ended)
        assert pieces == 1 and status != 401, path


def test_a_file_of_somebody_without_the_right_is_not_kept(cast: Cast, settings: Settings) -> None:
    files = {"file": ("a.csv", io.BytesIO(b"text\n" + b"x" * 3_000_000), "text/csv")}
    for who in (cast.reviewer, cast.stranger):
        assert who.post(f"/p/{cast.project.slug}/import", files=files).status_code == 404
    assert not BlobStore(settings.blob_directory).directory.exists()


@pytest.mark.parametrize("path", ["/api/v1/decisions", "/api/v1/grid", "/api/v1/projects"])
def test_a_json_body_has_at_most_64_kilobytes(cast: Cast, path: str) -> None:
    large = json.dumps({"key": "x" * BODY}).encode()
    told = cast.lead.post(path, content=large, headers={"content-type": "application/json"})
    assert told.status_code == 413, told.text
    assert str(BODY) in told.json()["detail"] and told.json()["next_step"]

    def without_length() -> Iterator[bytes]:
        yield large[:1_000]
        yield large[1_000:]

    chunked = cast.lead.post(
        path, content=without_length(), headers={"content-type": "application/json"}
    )
    assert chunked.status_code == 413


def test_a_batch_by_hand_may_name_thousands(cast: Cast) -> None:
    picked = {"by": "hand", "examples": list(range(10**9, 10**9 + 15_000))}
    path = f"/api/v1/projects/{cast.project.slug}/batches/preview"
    assert BODY < len(json.dumps(picked)) < LISTS
    assert cast.lead.post(path, json=picked).status_code != 413
    assert cast.lead.post(path, content=b"1" * (LISTS + 1)).status_code == 413


def test_an_object_has_at_most_200_keys(cast: Cast) -> None:
    many = {f"k{number}": "yes" for number in range(201)}
    slug = cast.project.slug
    doors = (
        cast.reviewer.post("/api/v1/decisions", json=many),
        cast.lead.post("/api/v1/projects", json=many),
        cast.lead.patch("/api/v1/me/keys", json={"keys": many}),
        cast.lead.post(f"/api/v1/projects/{slug}/imports/1/answers", json={"choices": many}),
        cast.lead.post(
            f"/api/v1/projects/{slug}/imports",
            data={"mapping": json.dumps({"choices": many})},
            files={"file": ("a.csv", b"text\na\n")},
        ),
    )
    for told in doors:
        assert told.status_code == 422, told.text
        assert told.json()["code"] == "too_many_keys" and "201" in told.json()["detail"]


# How long it may take


def impatient(cast: Cast) -> Limits:
    return Limits(cast.app, hosts={"localhost"}, patience=0.05)


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/api/v1/decisions", JSON),
        ("/api/v1/projects", JSON),
        ("/p/{slug}/labels", FORM),
        ("/p/{slug}/import", FILES),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_a_body_of_which_nothing_more_comes_is_cut(
    cast: Cast, settings: Settings, path: str, media: bytes, begun: bool
) -> None:
    address = path.format(slug=cast.project.slug)
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nte'
    first = {"type": "http.request", "body": part, "more_body": True}
    pieces = iter([first] if begun else [])
    scope = scope_of(cast.app, cast.lead, address, media)
    scope["state"] = {"reference": "00000000"}
    status, headers, _ = asked(impatient(cast), scope, pieces)
    assert status == 408
    assert headers["connection"] == "close"
    assert not BlobStore(settings.blob_directory).directory.exists()


# How much at a time


def site(cast: Cast) -> Site:
    return site_of({"app": cast.app})


def test_too_many_files_at_once_are_refused_and_not_kept(cast: Cast, settings: Settings) -> None:
    address = f"/p/{cast.project.slug}/import"
    files = {"file": ("a.csv", b"text,label\na,b\n", "text/csv")}
    lead = cast.lead.person.id
    with site(cast).uploads.taken(lead), site(cast).uploads.taken(lead):
        refused = cast.lead.post(address, files=files)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert "Other files are still being sent." in refused.text
        api = cast.lead.post(f"/api/v1/projects/{cast.project.slug}/imports", files=files)
        assert (api.status_code, api.json()["code"]) == (429, "uploads_under_way")
        assert not BlobStore(settings.blob_directory).directory.exists()
        assert cast.admin.post(address, files=files).status_code == 303
    assert cast.lead.post(address, files=files).status_code == 303


def test_uploads_are_few_in_all_and_their_turns_come_back() -> None:
    turns = UploadTurns(in_all=2, each=1)
    for person in range(5):
        refused = pytest.raises(Exception, match="still being sent")
        taken = turns.taken
        with taken(person), taken(person + 100), refused, taken(person + 200):
            pass
    assert not turns._under_way


@pytest.mark.parametrize(
    "ask",
    [
        lambda who: who.post("/api/v1/decisions", json=ANSWER),
        lambda who: who.post("/api/v1/batches/1/claim", json={}),
        lambda who: who.post("/me/profile", data={"name": "Kim"}, headers={"accept": "text/html"}),
    ],
    ids=["act", "claim", "form"],
)
def test_acts_beyond_every_hand_are_refused_and_only_those(cast: Cast, ask: Any) -> None:
    spent = site(cast).pace
    usual = ask(cast.reviewer).status_code
    with pytest.raises(Exception, match="Too many requests"):
        for _ in range(10 * ACTS_AT_ONCE):
            spent.take(cast.reviewer.person.id, at=1e12)
    refused = ask(cast.reviewer)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Wait a moment" in refused.text
    assert cast.reviewer.get("/").status_code == 200, "who only looks is not counted"
    assert ask(cast.second).status_code != 429
    site(cast).pace._spent.clear()
    assert ask(cast.reviewer).status_code == usual


def test_no_hand_and_no_outbox_meets_the_limit() -> None:
    pace = Pace()
    for _ in range(5_000):  # sent at once, after hours offline
        pace.take(1, at=0.0)
    for number in range(20_000):  # then five a second for an hour
        pace.take(1, at=number / 5)
    for number in range(20_000):  # a bench with one reviewer, 300 a second
        pace.take(2, at=number / 300)


def test_the_pace_recovers_and_remembers_nobody_who_rested() -> None:
    pace = Pace(a_second=10, at_once=5)
    for _ in range(5):
        pace.take(1, at=100.0)
    with pytest.raises(Exception, match="Too many requests") as refused:
        pace.take(1, at=100.0)
    assert refused.value.retry_after == 1  # type: ignore[attr-defined]
    pace.take(1, at=100.2)
    for person in range(2, 10_010):
        pace.take(person, at=200.0)
    pace.take(1, at=300.0)
    for person in range(20_000, 40_000):
        pace.take(person, at=400.0)
    assert set(pace._spent) == set(range(20_000, 40_000))
    assert ACTS_A_SECOND >= 20 and ACTS_AT_ONCE >= 5_000
