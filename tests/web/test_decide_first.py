"""Decide first without script and by API: the first answer is written down, then one decides."""

from __future__ import annotations

import re
import uuid

import httpx

from app.db.engine import reading
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Lease
from app.db.words import Mode, Verdict
from tests.web.cast import Actor, Cast
from tests.web.seeded import Seeded, claim, open_batch, seed

FIRST = "Decide first: choose a label without the evidence."


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the desk's form."""
    form = page[page.index('class="desk-form"') :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def press(who: Actor, batch: int, answer: str, **more: str) -> str:
    """Press a button of the desk; the page that follows."""
    url = f"/review/{batch}"
    form = fields(who.get(url).text) | {"answer": answer} | more
    reply = who.post(url, data=form)
    assert reply.status_code == 303, reply.text
    return who.get(reply.headers["location"]).text


def scene(cast: Cast, **plan: object) -> tuple[Seeded, int]:
    seeded = seed(cast)
    return seeded, open_batch(cast, size=6, mode=Mode.DECIDE_FIRST, audit_share=0, **plan)


def answers(cast: Cast) -> list[tuple[Verdict, int | None, int | None]]:
    with reading(cast.engine) as session:
        every = session.query(Decision).order_by(Decision.seq).all()
        return [(d.verdict, d.label_id, (d.first_answer or {}).get("label")) for d in every]


def given_of(cast: Cast, batch: int) -> int:
    """The given label of the example that the reviewer holds."""
    with reading(cast.engine) as session:
        held = session.query(Lease).filter(Lease.ended_at.is_(None), Lease.batch_id == batch).one()
        given: int | None = session.get_one(Example, held.example_id).given_label_id
        assert given is not None
        return given


def test_the_first_press_shows_the_evidence_and_the_second_decides(cast: Cast) -> None:
    seeded, batch = scene(cast)
    page = press(cast.reviewer, batch, "start")
    assert FIRST in page
    assert "given-tag" not in page and "Why this is here</h2>\n  <p data-part" in page
    given = given_of(cast, batch)
    other = next(label for label in seeded.labels if label != given)
    name = {seeded.labels[0]: "alpha", seeded.labels[1]: "beta"}
    page = press(cast.reviewer, batch, f"label:{other}")
    assert f"Your first answer, <b><bdi>{name[other]}</bdi></b>, is stored." in page
    assert f'<bdi>{name[given]}</bdi><span class="given-tag">given</span>' in page
    assert answers(cast) == []
    page = press(cast.reviewer, batch, "confirm")
    assert answers(cast) == [(Verdict.CONFIRM, None, other)]
    assert FIRST in page, "the next example hides its evidence again"


def test_where_the_evidence_agrees_one_press_decides(cast: Cast) -> None:
    """Label alpha is the suggestion of every example here, and the given one of every second."""
    seeded, batch = scene(cast)
    alpha = seeded.labels[0]
    press(cast.reviewer, batch, "start")
    while given_of(cast, batch) != alpha:
        press(cast.reviewer, batch, "skip")
    press(cast.reviewer, batch, f"label:{alpha}")
    assert answers(cast) == [(Verdict.CONFIRM, None, alpha)]


def test_the_given_label_chosen_from_the_list_confirms(cast: Cast) -> None:
    _, batch = scene(cast)
    press(cast.reviewer, batch, "start")
    given = given_of(cast, batch)
    press(cast.reviewer, batch, "remove", reason="duplicate")
    press(cast.reviewer, batch, "label", label=str(given))
    assert answers(cast) == [(Verdict.CONFIRM, None, None)]


def test_a_decision_without_a_first_answer_is_refused_in_words(cast: Cast) -> None:
    _, batch = scene(cast)
    lease = claim(cast.reviewer, batch)[0]["lease"]
    reply = decide(cast.reviewer, lease, first_answer={"verdict": "confirm", "label": None})
    assert (reply.status_code, reply.json()["code"]) == (409, "first_answer_missing")
    assert "first answer" in reply.json()["detail"]
    assert answers(cast) == []


def decide(who: Actor, lease: str, **more: object) -> httpx.Response:
    body = {"key": str(uuid.uuid4()), "lease": lease, "verdict": "confirm", **more}
    return who.post("/api/v1/decisions", json=body)


def reveal(who: Actor, lease: str, label: int) -> dict[str, object]:
    body = {"lease": lease, "verdict": "relabel", "label": label}
    reply = who.post("/api/v1/reveal", json=body)
    assert reply.status_code == 200, reply.text
    shown: dict[str, object] = reply.json()
    return shown


def test_what_was_revealed_is_sent_again_and_is_not_given_back(cast: Cast) -> None:
    seeded, batch = scene(cast)
    lease, other = (card["lease"] for card in claim(cast.reviewer, batch, want=2))
    shown = reveal(cast.reviewer, lease, seeded.labels[1])
    body = {"leases": [lease, other]}
    reply = cast.reviewer.post("/api/v1/leases/give-back", json=body)
    assert reply.json() == {"given_back": 1}
    card = claim(cast.reviewer, batch)[0]
    assert (card["lease"], card["mode"]) == (lease, "everything")
    assert card["first"]["label"] == seeded.labels[1]
    assert card["given"] == shown["given"]
    page = cast.reviewer.get(f"/review/{batch}").text
    assert "Your first answer, <b><bdi>beta</bdi></b>, is stored." in page


def test_an_undone_answer_comes_back_with_its_first_answer(cast: Cast) -> None:
    seeded, batch = scene(cast)
    lease = claim(cast.reviewer, batch)[0]["lease"]
    reveal(cast.reviewer, lease, seeded.labels[1])
    assert decide(cast.reviewer, lease).status_code == 200
    undo = {"key": str(uuid.uuid4()), "batch": batch}
    card = cast.reviewer.post("/api/v1/undo", json=undo).json()["example"]
    assert card["first"]["label"] == seeded.labels[1]
    assert "given" in card
    assert decide(cast.reviewer, card["lease"]).status_code == 200
    assert [first for _, _, first in answers(cast)] == [seeded.labels[1]] * 2
