"""Keys of the desk: chosen on the page of one's account or by the API, printed on the desk."""

from __future__ import annotations

import re
from html import unescape

from tests.web.cast import Cast

KEYS = "/api/v1/me/keys"


def fields(page: str) -> dict[str, str]:
    """What the form on the page holds: action and key."""
    found = re.findall(
        r'name="action" value="([^"]+)">\s*<input [^>]*name="key" value="([^"]*)"', page
    )
    return {action: unescape(key) for action, key in found}


def send(cast: Cast, keys: dict[str, str], **more: str):
    data = {"action": list(keys), "key": list(keys.values()), **more}
    return cast.reviewer.post("/me/keys", data=data)


def test_the_form_shows_every_key_and_keeps_what_is_typed(cast: Cast):
    before = fields(cast.reviewer.get("/me").text)
    assert before["confirm"] == "A" and before["lock"] == "Shift+L" and before["out"] == "-"
    answer = send(cast, before | {"skip": "J"}, single="on")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me?done=saved")
    assert fields(cast.reviewer.get("/me").text) == before | {"skip": "J"}
    assert fields(cast.second.get("/me").text) == before, "each has their own"
    assert cast.reviewer.post("/me/keys", data={"answer": "defaults"}).status_code == 303
    assert fields(cast.reviewer.get("/me").text) == before


def test_a_clash_says_which_two_and_loses_nothing(cast: Cast):
    before = fields(cast.reviewer.get("/me").text)
    answer = send(cast, before | {"skip": "n", "undo": "U"}, single="on")
    assert answer.status_code == 422
    assert "N cannot do two things: “Skip” and “Note” clash." in answer.text
    assert fields(answer.text) == before | {"skip": "n", "undo": "U"}
    assert answer.text.count('aria-invalid="true"') == 2
    assert cast.reviewer.get(KEYS).json()["keys"]["undo"] == "z"


def test_the_switch_is_the_same_on_the_page_and_in_the_api(cast: Cast):
    assert cast.reviewer.get(KEYS).json()["single"] is True
    assert send(cast, {}).status_code == 303
    assert cast.reviewer.get(KEYS).json()["single"] is False
    assert 'name="single" value="on">' in cast.reviewer.get("/me").text
    cast.reviewer.post("/me/keys", data={"answer": "defaults"})
    assert cast.reviewer.get(KEYS).json()["single"] is False, "keys go back, the switch stays"
    assert cast.reviewer.patch(KEYS, json={"single": True}).json()["single"] is True
    assert 'name="single" value="on" checked>' in cast.reviewer.get("/me").text


def test_a_program_binds_keys_in_one_call(cast: Cast):
    answer = cast.reviewer.patch(KEYS, json={"keys": {"skip": "n", "note": "s"}})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["keys"]["skip"], answer.json()["keys"]["note"]) == ("n", "s")
    refused = cast.reviewer.patch(KEYS, json={"keys": {"skip": "3"}, "single": False})
    assert refused.status_code == 422
    assert "the desk uses that key itself" in refused.json()["detail"]
    assert cast.reviewer.get(KEYS).json()["single"] is True, "all or nothing"
    assert cast.reviewer.patch(KEYS, json={"keys": {"fly": "j"}}).status_code == 422


def test_an_odd_form_is_refused(cast: Cast):
    lopsided = cast.reviewer.post("/me/keys", data={"action": ["skip", "note"], "key": ["j"]})
    assert lopsided.status_code == 422
    assert "Each action needs a key." in lopsided.text
