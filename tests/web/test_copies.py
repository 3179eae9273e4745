"""Identical examples get one answer, and everybody is told so before they give it."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.engine import reading, writing
from app.db.tables.audit import Estimate, Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Decision
from app.db.words import Status, Stream
from tests.web.cast import Actor, Cast
from tests.web.seeded import Seeded, answer, claim, open_batch, seed
from tests.web.test_estimate import told

API = "/api/v1/projects/support-intents"
SETTINGS = "/p/support-intents/settings/general"
SAYS = "The same text appears 3 times, with 2 different labels: your answer goes to all of them."


def alike(cast: Cast, seeded: Seeded, *places: int) -> list[int]:
    """The same content at these places; alpha stands at even ones, beta at odd ones."""
    ids = [seeded.examples[place] for place in places]
    with writing(cast.engine) as session:
        same = update(Example).where(Example.id.in_(ids)).values(content_hash="c" * 64)
        session.execute(same)
        session.execute(update(Project).values(confirmations=1))
    return ids


def statuses(cast: Cast, ids: list[int]) -> list[Status]:
    with reading(cast.engine) as session:
        found = dict(session.execute(select(Example.id, Example.status)).all())
    return [found[one] for one in ids]


def decide(who: Actor, **body: Any) -> dict[str, Any]:
    reply = who.post("/api/v1/decisions", json={"key": str(uuid.uuid4()), **body})
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def test_the_card_says_so_and_one_answer_is_enough(cast: Cast) -> None:
    same = alike(cast, seed(cast), 0, 1, 2)
    batch = open_batch(cast, by="hand", example_ids=(same[0],), size=1)
    (card,) = claim(cast.reviewer, batch)
    assert card["together"] == {"examples": 3, "labels": 2, "words": SAYS}
    body = {"lease": card["lease"], "verdict": "confirm", "key": str(uuid.uuid4())}
    said = decide(cast.reviewer, **body)
    assert (said["outcome"], said["copies"]) == ("stored", 2)
    again = decide(cast.reviewer, **body)
    assert (again["outcome"], again["seq"], again["copies"]) == ("repeated", said["seq"], 2)
    assert statuses(cast, same) == [Status.CONFIRMED, Status.RELABELED, Status.CONFIRMED]
    numbers = cast.reviewer.post(f"/api/v1/batches/{batch}/claim", json={"want": 1}).json()
    assert (numbers["progress"]["done"], numbers["progress"]["copies"]) == (1, 2)
    assert "1 answer of yours, 2 identical examples with it," in (
        cast.reviewer.get(f"/review/{batch}/done").text
    )
    (part,) = cast.lead.get(f"/api/v1/batches/{batch}").json()["parts"]
    assert (part["answers"], part["copies"]) == (1, 2)
    assert "and 2 identical with them" in cast.lead.get("/p/support-intents/batches/1").text


@pytest.mark.parametrize("mode", ["everything", "blind"])
def test_the_page_without_script_says_so_and_answers_all(cast: Cast, mode: str) -> None:
    seeded = seed(cast)
    same = alike(cast, seeded, 0, 1, 2)
    batch = open_batch(cast, by="hand", example_ids=(same[0],), size=1, mode=mode)
    claim(cast.reviewer, batch)
    page = cast.reviewer.get(f"/review/{batch}").text
    assert f'<p class="together" data-part="together">{SAYS}</p>' in page
    lease = re.search(r'name="lease" value="(\w+)"', page)
    assert lease
    form = {"lease": lease[1], "answer": f"label:{seeded.labels[0]}", "key": uuid.uuid4().hex}
    assert cast.reviewer.post(f"/review/{batch}", data=form).status_code == 303
    assert statuses(cast, same) == [
        Status.CONFIRMED,
        Status.RELABELED,
        Status.CONFIRMED,
    ]


def test_undo_and_redo_say_how_many_went_with_it(cast: Cast) -> None:
    same = alike(cast, seed(cast), 0, 1, 2)
    batch = open_batch(cast, by="hand", example_ids=(same[0],), size=1)
    said = answer(cast.reviewer, claim(cast.reviewer, batch)[0]["lease"])
    body = {"key": str(uuid.uuid4()), "batch": batch}
    back = cast.reviewer.post("/api/v1/undo", json=body).json()
    assert (back["undone"], back["copies"]) == (said["seq"], 2)
    assert back["example"]["together"]["words"] == SAYS
    assert statuses(cast, same) == [Status.UNREVIEWED] * 3
    redo = {"key": str(uuid.uuid4()), "example": same[0], "seq": said["seq"]}
    assert cast.reviewer.post("/api/v1/redo", json=redo).json()["copies"] == 2
    assert Status.UNREVIEWED not in statuses(cast, same)


def test_a_leads_own_answer_says_so_too(cast: Cast) -> None:
    same = alike(cast, seed(cast), 0, 1, 2)
    url = f"/p/support-intents/examples/{same[1]}"
    page = cast.lead.get(url).text
    assert SAYS.removeprefix("T") in page
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key
    form = {"how": "answer", "answer": "confirm", "key": key[1]}
    assert cast.lead.post(f"{url}/decide", data=form).status_code == 303
    assert statuses(cast, same) == [Status.RELABELED, Status.CONFIRMED, Status.RELABELED]
    assert SAYS.removeprefix("T") not in cast.lead.get(url).text


def test_a_page_of_tiles_answers_their_copies_too(cast: Cast) -> None:
    seeded = seed(cast, count=60)
    same = alike(cast, seeded, 56, 57, 58)
    batch = open_batch(cast, by="grid", given_label_id=seeded.labels[0], size=8, most_errors=50)
    claimed = cast.reviewer.post(f"/api/v1/batches/{batch}/grid/claim", json={"want": 48}).json()
    tiles = {tile["example"]: tile for tile in claimed["examples"]}
    assert sorted(tiles.keys() & set(same)) in ([same[0]], [same[2]])  # one tile of the two
    tile = next(tiles[one] for one in same if one in tiles)
    assert tile["together"]["examples"] == 3
    page = cast.reviewer.get(f"/review/{batch}/grid").text
    assert f'title="{SAYS}"' in page
    assert "×3" in page
    key = uuid.uuid4().hex
    body = {"key": key, "batch": batch, "confirmed": [tile["lease"]]}
    for _ in range(2):
        done = cast.reviewer.post("/api/v1/grid", json=body)
        assert done.status_code == 200, done.text
        assert (done.json()["confirmed"], done.json()["copies"]) == (1, 2)
    assert statuses(cast, same) == [Status.CONFIRMED, Status.RELABELED, Status.CONFIRMED]
    undo = {"key": uuid.uuid4().hex, "batch": batch, "page": key}
    back = cast.reviewer.post("/api/v1/grid/undo", json=undo)
    assert [one["together"]["examples"] for one in back.json()["examples"]] == [3]
    assert statuses(cast, same) == [Status.UNREVIEWED] * 3


def test_it_is_switched_off_by_program_and_by_page(cast: Cast) -> None:
    seeded = seed(cast)
    same = alike(cast, seeded, 0, 1, 2)
    assert cast.lead.get(API).json()["copies_together"] is True
    assert cast.lead.patch(API, json={"copies_together": False}).json()["copies_together"] is False
    batch = open_batch(cast, by="hand", example_ids=tuple(same), size=3)
    cards = claim(cast.reviewer, batch, 8)
    assert len(cards) == 3
    assert not any("together" in card for card in cards)
    assert answer(cast.reviewer, cards[0]["lease"])["copies"] == 0
    form = {"name": "Support intents", "confirmations": "1", "target_percent": "5"}
    form |= {"refit_after": "100", "copies_together": "true"}
    assert cast.lead.post(SETTINGS, data=form).status_code == 303
    assert cast.lead.get(API).json()["copies_together"] is True
    del form["copies_together"]
    assert cast.lead.post(SETTINGS, data=form).status_code == 303
    assert cast.lead.get(API).json()["copies_together"] is True
    assert cast.reviewer.patch(API, json={"copies_together": False}).status_code == 404


def test_the_estimate_counts_each_example_and_draws_no_copy(cast: Cast) -> None:
    """Ten of one text, of which half came with the other label: five are found wrong at once."""
    seeded = seed(cast, count=60)
    same = alike(cast, seeded, *range(10))
    batch = open_batch(cast, by="hand", example_ids=(same[0],), size=1)
    answer(cast.reviewer, claim(cast.reviewer, batch)[0]["lease"])
    audit = open_batch(cast, by="audit", size=20)
    for card in claim(cast.reviewer, audit, 8):
        answer(cast.reviewer, card["lease"])
    told(cast)
    with reading(cast.engine) as session:
        said = session.scalars(select(Estimate)).one()
        assert (said.pool, said.serves, said.unserved) == (60, 18, 42)
        assert (said.found, said.draws) == (5, 8)
        drawn = session.scalars(select(Serve.example_id).where(Serve.stream == Stream.AUDIT)).all()
        assert not set(drawn) & set(same)
        looks = session.scalars(select(Decision.seconds).where(Decision.with_seq.is_not(None)))
        assert set(looks) == {0.0}
