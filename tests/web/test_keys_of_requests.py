"""One key, one request: a retry answers with the first result, anything else under it is 409."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import delete

from app.db.engine import reading, writing
from app.db.tables.review import Decision, Event, Lease, Note
from tests.web.cast import Actor, Cast
from tests.web.seeded import claim, open_batch, seed

SKIP, REFER = "/api/v1/leases/skip", "/api/v1/leases/refer"
DECIDE, GRID = "/api/v1/decisions", "/api/v1/grid"


def key() -> str:
    return str(uuid.uuid4())


def send(who: Actor, url: str, **body: Any) -> Response:
    if url == DECIDE:
        body |= {"verdict": "confirm"}
    return who.post(url, json=body)


def told(reply: Response) -> tuple[int, str]:
    said = reply.json()
    return reply.status_code, said.get("code") or said["outcome"]


def events(cast: Cast) -> int:
    with reading(cast.engine) as session:
        return session.query(Event).filter(Event.kind.in_(["skip", "refer", "decision"])).count()


@pytest.mark.parametrize("url", [SKIP, REFER])
def test_putting_aside_again_changes_nothing_and_another_example_is_refused(
    cast: Cast, url: str
) -> None:
    seed(cast)
    batch, same = open_batch(cast, size=10, audit_share=0), key()
    first, second = (card["lease"] for card in claim(cast.reviewer, batch, 2))
    assert told(send(cast.reviewer, url, key=same, lease=first)) == (200, "stored")
    assert told(send(cast.reviewer, url, key=same, lease=first)) == (200, "stored")
    assert told(send(cast.reviewer, url, key=same, lease=second)) == (409, "key_reused")
    assert events(cast) == 1
    assert told(send(cast.reviewer, url, key=key(), lease=second)) == (200, "stored")
    assert events(cast) == 2


@pytest.mark.parametrize("first", [SKIP, REFER, DECIDE])
@pytest.mark.parametrize("then", [SKIP, REFER, DECIDE])
def test_a_key_of_one_act_is_refused_by_every_other(cast: Cast, first: str, then: str) -> None:
    seed(cast)
    batch, same = open_batch(cast, size=10, audit_share=0), key()
    one, other = (card["lease"] for card in claim(cast.reviewer, batch, 2))
    assert told(send(cast.reviewer, first, key=same, lease=one))[0] == 200
    assert told(send(cast.reviewer, then, key=same, lease=other)) == (409, "key_reused")
    if first != then:
        assert told(send(cast.reviewer, then, key=same, lease=one)) == (409, "key_reused")
    assert events(cast) == 1


def test_a_direct_answer_has_a_key_of_its_own_too(cast: Cast) -> None:
    seeded = seed(cast)
    batch, same = open_batch(cast, size=10, audit_share=0), key()
    lease = claim(cast.lead, batch)[0]["lease"]
    assert told(send(cast.lead, SKIP, key=same, lease=lease)) == (200, "stored")
    body = {"key": same, "example": seeded.examples[-1], "verdict": "confirm"}
    assert told(cast.lead.post(DECIDE, json=body)) == (409, "key_reused")


def test_keys_of_others_and_of_other_people_are_free(cast: Cast) -> None:
    seed(cast)
    batch, same = open_batch(cast, size=10, audit_share=0), key()
    mine, hers = claim(cast.reviewer, batch)[0], claim(cast.second, batch)[0]
    assert told(send(cast.reviewer, SKIP, key=same, lease=mine["lease"])) == (200, "stored")
    assert told(send(cast.second, SKIP, key=same, lease=hers["lease"])) == (200, "stored")


def tiles(cast: Cast, batch: int, want: int) -> list[str]:
    reply = cast.reviewer.post(f"/api/v1/batches/{batch}/grid/claim", json={"want": want})
    return [card["lease"] for card in reply.json()["examples"]]


def page(cast: Cast, batch: int, same: str, **split: list[str]) -> Response:
    return cast.reviewer.post(GRID, json={"key": same, "batch": batch, **split})


def test_a_page_of_marks_alone_has_its_key(cast: Cast) -> None:
    seeded = seed(cast)
    plan = {"by": "grid", "given_label_id": seeded.labels[0], "most_errors": 50}
    batch, same = open_batch(cast, size=12, **plan), key()
    held = tiles(cast, batch, 6)
    first = page(cast, batch, same, marked=held[:2])
    assert (first.status_code, first.json()["marked"]) == (200, 2)
    again = page(cast, batch, same, marked=held[:2])
    assert (again.status_code, again.json()["marked"]) == (200, 2)
    for split in ({"marked": held[2:4]}, {"confirmed": held[2:4]}, {"confirmed": held[:2]}):
        assert told(page(cast, batch, same, **split)) == (409, "key_reused"), split
    with reading(cast.engine) as session:
        ended = [row.ended_why for row in session.query(Lease).filter(Lease.token.in_(held))]
        assert sorted(ended) == ["", "", "", "", "marked", "marked"]
        assert session.query(Decision).count() == 0


def test_a_page_of_tiles_under_the_key_of_another_is_refused_whole(cast: Cast) -> None:
    seeded = seed(cast)
    plan = {"by": "grid", "given_label_id": seeded.labels[0], "most_errors": 50}
    batch, same = open_batch(cast, size=12, **plan), key()
    held = tiles(cast, batch, 6)
    first = page(cast, batch, same, confirmed=held[:3], marked=held[3:4])
    assert (first.json()["confirmed"], first.json()["marked"]) == (3, 1)
    assert told(page(cast, batch, same, marked=held[4:])) == (409, "key_reused")
    assert told(page(cast, batch, same, confirmed=held[4:])) == (409, "key_reused")
    with reading(cast.engine) as session:
        assert session.query(Decision).count() == 3


def test_a_retry_with_another_note_is_refused_and_an_erased_note_is_compared_with_nothing(
    cast: Cast,
) -> None:
    """The note is kept by itself, so that no hash of it stays when it is erased."""
    seed(cast)
    batch, same = open_batch(cast, size=10, audit_share=0), key()
    lease = claim(cast.reviewer, batch)[0]["lease"]

    def said(note: str | None) -> tuple[int, str]:
        return told(send(cast.reviewer, DECIDE, key=same, lease=lease, note=note))

    assert said("Mrs Kowalska called") == (200, "stored")
    assert said(" Mrs Kowalska called ") == (200, "repeated")
    assert said("Mr Kowalski called") == said(None) == (409, "key_reused")
    with writing(cast.engine) as session:
        session.execute(delete(Note))
    assert said("Mrs Kowalska called") == said("anything") == (200, "repeated")


def test_no_note_is_not_the_same_as_a_note(cast: Cast) -> None:
    seeded = seed(cast)
    body = {"key": key(), "example": seeded.examples[-1], "verdict": "confirm"}
    assert told(cast.lead.post(DECIDE, json=body))[0] == 200
    assert told(cast.lead.post(DECIDE, json=body)) == (200, "repeated")
    assert told(cast.lead.post(DECIDE, json=body | {"note": "x"})) == (409, "key_reused")
