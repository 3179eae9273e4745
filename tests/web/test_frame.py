"""What holds for every request: headers, hosts, paths, sizes, logs."""

from __future__ import annotations

import io
import json

import pytest
import structlog
from fastapi import APIRouter

from app.main import create_app
from app.settings import Settings
from app.web.logs import configure_logs
from tests.web.cast import NOON, Actor, Cast, actor


def test_every_answer_carries_the_safety_headers(cast: Cast):
    for answer in (
        cast.anonymous.get("/signin"),
        cast.lead.get("/projects"),
        cast.lead.get("/nothing"),
        cast.anonymous.get("/api/v1/projects"),
        cast.anonymous.get("/static/base.css"),
        cast.anonymous.post("/csp-report", content=b"{}"),
    ):
        policy = answer.headers["content-security-policy"]
        for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'"):
            assert part in policy
        assert "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


def test_nothing_but_static_files_may_be_kept(cast: Cast):
    assert cast.lead.get("/projects").headers["cache-control"] == "no-store"
    assert cast.anonymous.get("/signin").headers["cache-control"] == "no-store"
    assert cast.anonymous.get("/static/base.css").headers["cache-control"] == "no-cache"
    page = cast.anonymous.get("/signin").text
    address = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    kept = cast.anonymous.get(address).headers["cache-control"]
    assert kept == "public, max-age=31536000, immutable"
    missing = cast.anonymous.get("/static/none.css?v=1")
    assert missing.status_code == 404 and missing.headers["cache-control"] == "no-cache"


def test_under_https_cookies_are_bound_to_the_host_and_http_is_over(engine, tmp_path):
    settings = Settings(data=tmp_path, log_level="ERROR", public_url="https://labels.example.org")
    app = create_app(settings, engine=engine, clock=lambda session: NOON)
    client = Actor(app, base_url="https://labels.example.org", follow_redirects=False)
    answer = client.get("/signin")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-relabel-form=") and "Secure" in cookie
    assert "max-age=31536000" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1@evil"])
def test_a_foreign_host_name_is_refused(cast: Cast, host: str):
    answer = cast.lead.get("/me", headers={"host": host})
    assert answer.status_code == 400
    assert not host or host not in answer.text


ODD_HOSTS = [
    "", "localhost:", "localhost:abc", "localhost:99999", "localhost:0", "localhost:-1",
    "localhost:80:80", "localhost:８０", "localhost: 80", "me@localhost", "me:word@localhost:80",
    "[::1", "::1", "::1]", "[::1]x", "[::1]:abc", "[::1]:99999", "[v1.a]", "[localhost]",
    "local host", "localhost/x", "localhost?x", "localhost#x", "localhost\\x",
    "localhost,localhost", "localhost\x00",
]  # fmt: skip


@pytest.mark.parametrize("host", ODD_HOSTS)
@pytest.mark.parametrize(
    ("path", "database_url"),  # refused before a database is asked: each host at each path once
    [
        ("/me", "sqlite"),
        ("/signin", "postgresql"),
        ("/api/v1/me", "sqlite"),
        ("/static/base.css", "postgresql"),
        ("/healthz", "sqlite"),
    ],
    indirect=["database_url"],
)
def test_a_host_header_that_is_no_host_is_refused_in_words(cast: Cast, host: str, path: str):
    answer = cast.lead.get(path, headers={"host": host.encode()})
    assert answer.status_code == 400
    assert "Host header" in answer.text and "Traceback" not in answer.text
    if path.startswith("/api/"):
        assert answer.json()["code"] == "odd_host" and answer.json()["next_step"]


def test_two_host_headers_are_none(cast: Cast):
    answer = cast.lead.get("/me", headers=[("host", "localhost"), ("host", "localhost")])
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["localhost:1", "LOCALHOST:65535", "[::1]", "127.0.0.1:8000"])
def test_a_host_with_a_port_is_answered(cast: Cast, host: str):
    assert cast.lead.get("/me", headers={"host": host}).status_code == 200


def test_an_allowed_host_is_answered(engine, tmp_path):
    settings = Settings(data=tmp_path, log_level="ERROR", allowed_hosts="labels.lan, other")
    app = create_app(settings, engine=engine, clock=lambda session: NOON)
    assert actor(app).get("/signin", headers={"host": "labels.lan:8000"}).status_code == 200
    assert actor(app).get("/signin", headers={"host": "[::1]:8000"}).status_code == 200


@pytest.mark.parametrize("path", ["/%00", "/a%0ab", "/%1b%5b2J%0aFAKE", "/me?x=%00", "/%C2%85"])
def test_control_characters_in_an_address_are_refused(cast: Cast, path: str):
    assert cast.lead.get(path).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/static../app/main.py", "/static/..%2fapp/main.py", "/static/%2e%2e/app/main.py"],
)
def test_static_files_lead_nowhere_else(cast: Cast, path: str):
    assert cast.lead.get(path).status_code == 404


def test_a_large_body_is_refused_before_it_is_read(cast: Cast):
    answer = cast.lead.post("/api/v1/projects", content=b"x" * (2**20 + 1))
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_a_large_body_without_a_length_is_stopped_after_one_mebibyte(cast: Cast):
    sent = 0

    def chunks():
        nonlocal sent
        for _ in range(200):
            sent += 2**16
            yield b" " * 2**16

    headers = {"content-type": "application/json"}
    answer = cast.lead.post("/api/v1/projects", content=chunks(), headers=headers)
    assert answer.status_code == 413
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert cast.lead.post("/me/profile", content=chunks(), headers=form).status_code == 413


def test_json_routes_take_json_only(cast: Cast):
    body = b'{"name": "x", "data_type": "text"}'
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"content-type": media}
        answer = cast.lead.post("/api/v1/projects", content=body, headers=headers)
        assert answer.status_code == 415
    assert cast.lead.post("/api/v1/projects", content=body).status_code == 415


def test_filters_are_known_and_named_once(cast: Cast):
    for query in ("filter=assignee.password_hash:startswith:a", "sort=score", "_trace=1"):
        answer = cast.lead.get(f"/api/v1/projects?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_filter")


def test_a_crash_shows_a_reference_and_nothing_else(cast: Cast):
    router = APIRouter()

    @router.get("/api/v1/crash")
    def crash() -> None:
        raise RuntimeError("the canary of the crash")

    cast.app.include_router(router)
    stream = io.StringIO()
    configure_logs("INFO", stream)
    answer = cast.lead.get("/api/v1/crash")
    assert answer.status_code == 500
    assert "canary" not in answer.text and answer.json()["reference"] in stream.getvalue()
    assert "content-security-policy" in answer.headers
    assert cast.lead.raw not in stream.getvalue() and cast.lead.csrf not in stream.getvalue()


def test_logs_are_one_json_line_without_control_characters_or_secrets(cast: Cast):
    stream = io.StringIO()
    configure_logs("INFO", stream)
    cast.lead.get("/%1b%5b2J%0aFAKE")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1 and "\x1b" not in lines[0]
    assert json.loads(lines[0])["status"] == 400
    structlog.get_logger("relabel").info("x", cookie="abc", Authorization="Bearer abc", token="abc")
    assert "abc" not in stream.getvalue()


def test_links_do_not_stand_in_the_logs(cast: Cast):
    stream = io.StringIO()
    configure_logs("INFO", stream)
    cast.anonymous.get("/invite/the-secret-of-a-link")
    cast.anonymous.get("/setup?token=the-secret-of-a-link")
    assert "the-secret" not in stream.getvalue()


def test_headers_are_never_reflected(cast: Cast):
    evil = "<svg onload=alert(1)>"
    headers = {"accept": evil, "content-type": evil, "user-agent": evil, "x-forwarded-host": evil}
    for answer in (cast.lead.get("/me", headers=headers), cast.lead.get("/no", headers=headers)):
        assert "onload" not in answer.text


def test_health_is_public_and_says_nothing_of_people(cast: Cast):
    assert cast.anonymous.get("/healthz").json() == {"alive": True}
    ready = cast.anonymous.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["database"] == "writable"


def test_a_request_without_anyone_asks_the_database_once(cast: Cast, statements):
    with statements() as seen:
        cast.lead.get("/api/v1/me")
    assert len(seen) == 1, seen
