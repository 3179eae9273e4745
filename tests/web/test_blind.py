"""Blind without script, by API and on the grid: an answer names a label."""

from __future__ import annotations

import re
import uuid

from app.db.engine import reading
from app.db.tables.datasets import Example
from app.db.tables.review import Decision
from app.db.words import Mode, Verdict
from tests.web.cast import Cast
from tests.web.seeded import claim, open_batch, seed
from tests.web.test_decide_first import fields


def test_the_desk_offers_labels_and_nothing_to_confirm(cast: Cast) -> None:
    seeded = seed(cast)
    batch = open_batch(cast, size=6, mode=Mode.BLIND, audit_share=0)
    url = f"/review/{batch}"
    cast.reviewer.post(url, data={"answer": "start"})
    page = cast.reviewer.get(url).text
    assert [f'value="label:{label}"' in page for label in seeded.labels] == [True, True]
    button = re.search(r'<button class="([^"]*)" name="answer" value="confirm"[^>]*>', page)
    assert button is not None
    assert "unused" in button[1] and "disabled" in button[0]
    assert "given" not in fields(page)
    reply = cast.reviewer.post(url, data=fields(page) | {"answer": f"label:{seeded.labels[0]}"})
    assert reply.status_code == 303
    with reading(cast.engine) as session:
        stored = session.query(Decision).one()
        given = session.get_one(Example, stored.example_id).given_label_id
        same = given == seeded.labels[0]
        assert stored.verdict is (Verdict.CONFIRM if same else Verdict.RELABEL)


def test_a_bare_confirm_is_refused_in_words(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, mode=Mode.BLIND, audit_share=0)
    card = claim(cast.reviewer, batch)[0]
    body = {"key": str(uuid.uuid4()), "lease": card["lease"], "verdict": "confirm"}
    reply = cast.reviewer.post("/api/v1/decisions", json=body)
    assert reply.status_code == 422
    assert reply.json()["next_step"] == "Choose the label you see."
    page = fields(cast.reviewer.get(f"/review/{batch}").text)
    stale = cast.reviewer.post(f"/review/{batch}", data=page | {"answer": "confirm"})
    assert stale.status_code == 422
    assert "Choose the label you see." in stale.text


def test_a_grid_confirms_its_label_whatever_mode_was_asked_for(cast: Cast) -> None:
    seeded = seed(cast)
    plan = {"by": "grid", "given_label_id": seeded.labels[0], "size": 4, "most_errors": 50}
    batch = open_batch(cast, mode=Mode.BLIND, **plan)
    tiles = cast.reviewer.post(f"/api/v1/batches/{batch}/grid/claim", json={"want": 4}).json()
    leases = [tile["lease"] for tile in tiles["examples"]]
    body = {"key": str(uuid.uuid4()), "batch": batch, "confirmed": leases[:3], "marked": leases[3:]}
    reply = cast.reviewer.post("/api/v1/grid", json=body)
    assert reply.status_code == 200, reply.text
    with reading(cast.engine) as session:
        verdicts = [one.verdict for one in session.query(Decision)]
    assert verdicts == [Verdict.CONFIRM] * 3
