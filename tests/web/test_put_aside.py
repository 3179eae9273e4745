"""A skip and a referral are undone as an answer is: by program, and by the page without script."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from app.db.engine import reading
from app.db.tables.review import Lease
from tests.web.cast import Actor, Cast
from tests.web.seeded import claim, open_batch, seed
from tests.web.test_decide_first import fields


def aside(who: Actor, token: str, how: str) -> dict[str, Any]:
    body = {"key": str(uuid.uuid4()), "lease": token}
    reply = who.post(f"/api/v1/leases/{how}", json=body)
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


def undone(who: Actor, **which: int) -> Any:
    return who.post("/api/v1/undo", json={"key": str(uuid.uuid4()), **which})


@pytest.mark.parametrize("how", ["skip", "refer"])
def test_a_program_takes_it_back_by_its_number(cast: Cast, how: str) -> None:
    seed(cast)
    batch = open_batch(cast, size=2, audit_share=0)
    card, _ = claim(cast.reviewer, batch, 2)
    seq = aside(cast.reviewer, card["lease"], how)["seq"]
    assert undone(cast.second, batch=batch, seq=seq).status_code == 404  # it is not theirs
    said = undone(cast.reviewer, example=card["example"], seq=seq).json()
    assert (said["undone"], said["example"]["example"]) == (seq, card["example"])
    assert said["example"]["lease"] != card["lease"]
    assert claim(cast.second, batch, 2) == []
    again = undone(cast.reviewer, batch=batch, seq=seq)
    assert (again.status_code, again.json()["code"]) == (409, "taken_since")


def test_what_somebody_reads_now_stays_with_them_in_words(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    (card,) = claim(cast.reviewer, batch)
    seq = aside(cast.reviewer, card["lease"], "skip")["seq"]
    assert [one["example"] for one in claim(cast.second, batch)] == [card["example"]]
    refused = undone(cast.reviewer, batch=batch, seq=seq)
    assert refused.status_code == 409
    assert "Somebody else reads this example now" in refused.text


def test_without_script_the_button_takes_the_skip_back(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=2, audit_share=0)
    here = f"/review/{batch}"
    cast.reviewer.post(here, data={"answer": "start"})
    first = fields(cast.reviewer.get(here).text)
    cast.reviewer.post(here, data=first | {"answer": "skip"})
    page = fields(cast.reviewer.get(here).text)
    assert page["lease"] != first["lease"]
    assert cast.reviewer.post(here, data=page | {"answer": "undo"}).status_code == 303
    with reading(cast.engine) as session:
        skipped = session.query(Lease).filter(Lease.token == first["lease"]).one()
        live = session.query(Lease).filter(Lease.ended_at.is_(None))
        held = [one.example_id for one in live]
    assert skipped.ended_why == "skip undone" and skipped.example_id in held


def test_among_reads_that_are_in_no_batch_the_button_takes_the_last_back(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=2, audit_share=0)
    for card in claim(cast.reviewer, batch, 2):
        aside(cast.reviewer, card["lease"], "refer")
    here = f"/review/reads/{cast.project.slug}"
    cast.expert.post(here, data={"answer": "start"})
    first = fields(cast.expert.get(here).text)
    cast.expert.post(here, data=first | {"answer": "skip"})
    second = fields(cast.expert.get(here).text)
    assert second["lease"] != first["lease"]
    assert cast.expert.post(here, data=second | {"answer": "undo"}).status_code == 303
    with reading(cast.engine) as session:
        skipped = session.query(Lease).filter(Lease.token == first["lease"]).one()
        live = session.query(Lease).filter(Lease.ended_at.is_(None))
        held = [one.example_id for one in live]
    assert skipped.ended_why == "skip undone" and skipped.example_id in held
    nothing = cast.expert.post(here, data={"answer": "undo", "key": str(uuid.uuid4())})
    assert nothing.status_code == 409 and "nothing to undo" in nothing.text
