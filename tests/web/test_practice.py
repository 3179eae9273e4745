"""A practice batch: known answers for somebody new, and how they did at its end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.actions.comparing_reviewers import compare_reviewers
from app.db.engine import reading, writing
from app.db.tables.audit import Estimate, Serve
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, BatchMember, BatchPerson, Decision
from app.db.words import Mode, ReadReason, Status
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, given_label, open_batch, seed

HERE = "/p/support-intents/reviewers"
API = "/api/v1/projects/support-intents/reviewers"


@pytest.fixture
def settled(cast: Cast) -> Seeded:
    """Twelve examples that two people read alike; the newcomer is `second`."""
    seeded = seed(cast, count=30)
    people = [cast.reviewer.person.id, cast.expert.person.id]
    batch = open_batch(cast, name="All", size=12, reads=2, audit_share=0, people=tuple(people))
    for who in (cast.reviewer, cast.expert):
        while cards := claim(who, batch, 8):
            for card in cards:
                answer(who, card["lease"])
    return seeded


def begin(cast: Cast, size: int = 10) -> int:
    reply = cast.lead.post(f"{API}/{cast.second.person.id}/practice", json={"size": size})
    assert reply.status_code == 201, reply.text
    with reading(cast.engine) as session:
        batch = session.scalars(select(Batch).order_by(Batch.id.desc())).first()
        assert batch is not None
        assert reply.json() == {"batch": batch.number, "size": batch.size}
        assert session.scalars(
            select(BatchPerson.person_id).where(BatchPerson.batch_id == batch.id)
        ).all() == [cast.second.person.id]
        return batch.id


def state(cast: Cast) -> Any:
    """What a practice may not touch."""
    with reading(cast.engine) as session:
        examples = select(Example.id, Example.status, Example.final_label_id).order_by(Example.id)
        estimates = select(Estimate.draws, Estimate.found, Estimate.unserved)
        return (
            session.execute(examples).all(),
            session.execute(select(Serve.id)).all(),
            session.execute(estimates).all(),
        )


def test_it_is_read_blind_and_tells_at_its_end(cast: Cast, settled: Seeded) -> None:
    before = state(cast)
    batch = begin(cast)
    alpha, beta = settled.labels
    assert "Practice, 10 known answers" in cast.second.get("/").text
    read: list[int] = []
    while cards := claim(cast.second, batch, 4):
        for card in cards:
            example = card["example"]
            given = given_label(cast, example)
            wrong = beta if given == alpha else alpha
            answer(cast.second, card["lease"], "relabel", label=given if read else wrong)
            read.append(example)
    assert len(set(read)) == 10 and set(read) <= set(settled.examples[:12])
    with reading(cast.engine) as session:
        reads = session.execute(
            select(Decision.read_reason, Decision.mode).where(Decision.batch_id == batch)
        ).all()
    assert set(reads) == {(ReadReason.KNOWN, Mode.BLIND)}
    page = cast.second.get(f"/review/{batch}/done").text
    assert "9 of 10 known answers as settled" in page
    assert "is done" in page
    assert "Look again at 1" in page
    assert state(cast) == before
    compare_reviewers(cast.engine, cast.project.id)
    found = cast.lead.get(API).json()["reviewers"]
    assert [one["known"] for one in found if one["name"] == "Second"] == [10]
    number = cast.lead.get(f"/p/support-intents/batches/{_number(cast, batch)}")
    assert number.status_code == 200 and "Second" in number.text


def _number(cast: Cast, batch: int) -> int:
    with reading(cast.engine) as session:
        return session.get_one(Batch, batch).number


def test_nobody_else_gets_any_of_it_and_nothing_else_is_handed_out(
    cast: Cast, settled: Seeded
) -> None:
    batch = begin(cast, 5)
    for other in (cast.reviewer, cast.expert):
        reply = other.post(f"/api/v1/batches/{batch}/claim", json={"want": 4})
        assert reply.status_code == 404
    cards = claim(cast.second, batch, 8)
    assert len(cards) == 5
    assert claim(cast.second, batch, 8) == cards, "a lost reply costs nothing"


def test_what_is_not_settled_any_more_leaves_it(cast: Cast, settled: Seeded) -> None:
    batch = begin(cast, 6)
    with writing(cast.engine) as session:
        members = select(BatchMember.example_id).where(BatchMember.batch_id == batch)
        gone = session.scalars(members).all()[:2]
        for example in gone:
            session.get_one(Example, example).status = Status.UNREVIEWED
    cards = claim(cast.second, batch, 8)
    assert len(cards) == 4 and not {card["example"] for card in cards} & set(gone)
    for card in cards:
        answer(cast.second, card["lease"])
    page = cast.second.get(f"/review/{batch}/done").text
    assert "4 of 4 known answers as settled" in page and "is done" in page


def test_who_answered_them_all_has_nothing_to_practise_on(cast: Cast, settled: Seeded) -> None:
    reply = cast.lead.post(f"{API}/{cast.reviewer.person.id}/practice", json={"size": 10})
    assert (reply.status_code, reply.json()["code"]) == (409, "nothing_settled")
    for size in (0, 101):
        reply = cast.lead.post(f"{API}/{cast.second.person.id}/practice", json={"size": size})
        assert reply.status_code == 422, size
    reply = cast.lead.post(f"{API}/{cast.stranger.person.id}/practice", json={"size": 10})
    assert reply.status_code == 404
    reply = cast.lead.post(f"{HERE}/{cast.second.person.id}/practice", data={"size": "7"})
    assert reply.status_code == 303
    page = cast.lead.get(reply.headers["location"]).text
    assert "Practice, 7 known answers" in page
    reply = cast.lead.post(
        "/api/v1/projects/support-intents/batches",
        json={"by": "practice", "example_ids": settled.examples[12:20]},
    )
    assert reply.status_code in (404, 422), "no batch of what is not settled"
