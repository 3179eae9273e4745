"""Nobody else's page acts for a person."""

from __future__ import annotations

import pytest

from tests.web.cast import Cast, actor


def bare(cast: Cast):
    """The lead's session without the form token in a header."""
    return cast.lead.anew()


def test_a_form_needs_the_token_of_its_session(cast: Cast):
    client = bare(cast)
    assert client.post("/me/profile", data={"name": "X"}).status_code == 403
    assert client.post("/me/profile", data={"name": "X", "csrf": "wrong"}).status_code == 403
    other = {"name": "X", "csrf": cast.reviewer.csrf}
    assert client.post("/me/profile", data=other).status_code == 403
    right = {"name": "X", "csrf": cast.lead.csrf}
    assert client.post("/me/profile", data=right).status_code == 303


def test_json_needs_the_token_in_a_header(cast: Cast):
    body = {"name": "x", "data_type": "text"}
    assert bare(cast).post("/api/v1/projects", json=body).status_code == 403
    assert cast.lead.post("/api/v1/projects", json=body).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://localhost:81"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://[broken"},
    ],
)
def test_another_origin_is_refused_even_with_the_token(cast: Cast, headers: dict[str, str]):
    body = {"name": "x", "data_type": "text"}
    assert cast.lead.post("/api/v1/projects", json=body, headers=headers).status_code == 403
    assert cast.lead.post("/me/profile", data={"name": "X"}, headers=headers).status_code == 403


def test_our_own_origin_is_fine(cast: Cast):
    headers = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert cast.lead.post("/me/profile", data={"name": "X"}, headers=headers).status_code == 303


def test_signing_in_needs_a_token_from_our_page_too(cast: Cast):
    client = actor(cast.app)
    fields = {"email": "lead@example.org", "password": "x", "csrf": "x" * 32}
    assert client.post("/signin", data=fields).status_code == 403
    client.get("/signin")
    assert client.post("/signin", data=fields).status_code == 403


def test_a_program_with_a_token_needs_none(cast: Cast):
    made = cast.lead.post("/api/v1/me/tokens", json={"name": "script"}).json()["token"]
    program = actor(cast.app, headers={"authorization": f"Bearer {made}"})
    body = {"name": "x", "data_type": "text"}
    assert program.post("/api/v1/projects", json=body).status_code == 201


def test_a_bad_bearer_token_is_refused_even_beside_a_good_cookie(cast: Cast):
    answer = cast.lead.get("/api/v1/me", headers={"authorization": "Bearer rlb_nothing"})
    assert answer.status_code == 401


def test_a_browser_that_is_not_signed_in_is_sent_to_sign_in_and_back(cast: Cast):
    answer = cast.anonymous.get("/p/support-intents/people?a=b")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/signin?next=/p/support-intents/people%3Fa%3Db"
    refused = cast.anonymous.get("/api/v1/projects")
    assert refused.status_code == 401
    assert set(refused.json()) == {"code", "title", "detail", "next_step", "reference"}
