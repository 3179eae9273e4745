"""The desk's API over HTTP: one call answers and refills, retries answer the same."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.accounts.membership import Member
from app.db.engine import writing
from app.db.tables.datasets import Label, Project
from app.db.tables.review import Batch
from app.db.words import Role
from app.review.batches.plan import BatchPlan
from tests.review.conftest import add_examples
from tests.steps import create_batch, open_epoch
from tests.web.cast import Actor, Cast
from tests.web.seeded import open_batch, seed


@pytest.fixture
def batch(cast: Cast) -> int:
    """Thirty examples in one open batch of the cast's project; its id."""
    with writing(cast.engine) as session:
        labels = [
            Label(project_id=cast.project.id, name=name, position=place, synonyms=[])
            for place, name in enumerate(["alpha", "beta"])
        ]
        session.add_all(labels)
        session.flush()
        add_examples(session, cast.project.id, [label.id for label in labels], count=30)
        open_epoch(session, cast.project.id, reason="import", now=cast.now, rng=cast.app.state.rng)
        lead = Member(cast.lead.person.id, "lead", "Lead", False, cast.project.id, Role.LEAD)
        made = create_batch(session, lead, BatchPlan(size=30, audit_share=20), now=cast.now)
        return made.id


def key() -> str:
    return str(uuid.uuid4())


def claim(who: Actor, batch: int, **more: Any) -> dict[str, Any]:
    reply = who.post(f"/api/v1/batches/{batch}/claim", json={"want": 8, **more})
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


def test_one_call_stores_an_answer_and_hands_out_the_next_example(cast: Cast, batch: int) -> None:
    claimed = claim(cast.reviewer, batch)
    assert len(claimed["examples"]) == 8
    assert claimed["progress"]["size"] == 30
    leases = [card["lease"] for card in claimed["examples"]]
    answer = {"key": key(), "lease": leases[0], "verdict": "confirm", "want": 8, "held": leases[1:]}
    first = cast.reviewer.post("/api/v1/decisions", json=answer)
    assert first.status_code == 200, first.text
    assert first.json()["outcome"] == "stored"
    assert len(first.json()["examples"]) == 1
    again = cast.reviewer.post("/api/v1/decisions", json=answer)
    assert again.json()["outcome"] == "repeated"
    assert again.json()["seq"] == first.json()["seq"]
    assert [c["lease"] for c in again.json()["examples"]] == [
        c["lease"] for c in first.json()["examples"]
    ], "the example of the lost reply comes again"


def test_the_stream_of_a_serve_is_nowhere_in_what_is_sent(cast: Cast, batch: int) -> None:
    reply = cast.reviewer.post(f"/api/v1/batches/{batch}/claim", json={"want": 8})
    assert "audit" not in reply.text
    assert "stream" not in reply.text


def test_undo_over_http_returns_the_example(cast: Cast, batch: int) -> None:
    card = claim(cast.reviewer, batch, want=1)["examples"][0]
    cast.reviewer.post(
        "/api/v1/decisions",
        json={"key": key(), "lease": card["lease"], "verdict": "remove", "reason": "duplicate"},
    )
    undone = cast.reviewer.post("/api/v1/undo", json={"key": key(), "batch": batch})
    assert undone.status_code == 200, undone.text
    assert undone.json()["example"]["example"] == card["example"]


def test_an_undo_names_a_batch_or_one_answer_and_never_only_an_example(
    cast: Cast, batch: int
) -> None:
    card = claim(cast.reviewer, batch, want=1)["examples"][0]
    body = {"key": key(), "lease": card["lease"], "verdict": "confirm"}
    seq = cast.reviewer.post("/api/v1/decisions", json=body).json()["seq"]
    vague = {"key": key(), "example": card["example"]}
    assert cast.reviewer.post("/api/v1/undo", json=vague).status_code == 422
    both = {"key": key(), "example": card["example"], "seq": seq, "batch": batch}
    assert cast.reviewer.post("/api/v1/undo", json=both).status_code == 422
    named = {"key": key(), "example": card["example"], "seq": seq}
    assert cast.reviewer.post("/api/v1/undo", json=named).json()["undone"] == seq


def test_an_answer_is_undone_by_its_batch_and_its_number_as_the_desk_asks(
    cast: Cast, batch: int
) -> None:
    cards = claim(cast.reviewer, batch, want=3)["examples"]
    seqs = []
    for card in cards:
        body = {"key": key(), "lease": card["lease"], "verdict": "confirm"}
        seqs.append(cast.reviewer.post("/api/v1/decisions", json=body).json()["seq"])
    asked = {"key": key(), "batch": batch, "seq": seqs[0]}
    undone = cast.reviewer.post("/api/v1/undo", json=asked).json()
    assert (undone["undone"], undone["example"]["example"]) == (seqs[0], cards[0]["example"])
    last = cast.reviewer.post("/api/v1/undo", json={"key": key(), "batch": batch}).json()
    assert last["undone"] == seqs[2]
    for odd in ({}, {"batch": batch, "example": cards[0]["example"]}, {"seq": seqs[1]}):
        refused = cast.reviewer.post("/api/v1/undo", json={"key": key(), **odd})
        assert refused.status_code == 422, odd


def test_a_claim_tells_the_size_that_its_own_shrinking_left(cast: Cast) -> None:
    seeded = seed(cast, count=8)
    batch = open_batch(cast, size=4, audit_share=100)
    for example in seeded.examples[:6]:
        direct = {"key": key(), "example": example, "verdict": "confirm"}
        assert cast.lead.post("/api/v1/decisions", json=direct).status_code == 200
    told = claim(cast.reviewer, batch)
    with writing(cast.engine) as session:
        size = session.get_one(Batch, batch).size
    assert size < 4 and told["progress"]["size"] == size


def test_strangers_and_other_reviewers_learn_nothing(cast: Cast, batch: int) -> None:
    card = claim(cast.reviewer, batch, want=1)["examples"][0]
    body = {"key": key(), "lease": card["lease"], "verdict": "confirm"}
    assert cast.second.post("/api/v1/decisions", json=body).status_code == 404
    assert cast.stranger.post(f"/api/v1/batches/{batch}/claim", json={}).status_code == 404
    assert cast.anonymous.post(f"/api/v1/batches/{batch}/claim", json={}).status_code == 401


def test_closed_tabs_give_their_examples_back(cast: Cast, batch: int) -> None:
    leases = [card["lease"] for card in claim(cast.reviewer, batch)["examples"]]
    back = cast.reviewer.post("/api/v1/leases/give-back", json={"leases": leases})
    assert back.json() == {"given_back": 8}


def test_submit_and_refill_stay_within_fifteen_statements(
    cast: Cast, batch: int, engine: Engine
) -> None:
    claimed = claim(cast.reviewer, batch)
    held = [card["lease"] for card in claimed["examples"]]
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    counts = []
    for place in range(10):
        statements.clear()
        lease = held.pop(0)
        change = place % 3 == 0
        with writing(engine) as session:
            label = session.query(Label).order_by(Label.id.desc()).first()
            assert label is not None
            label_id = label.id
        statements.clear()
        reply = cast.reviewer.post(
            "/api/v1/decisions",
            json={
                "key": key(),
                "lease": lease,
                "verdict": "relabel" if change else "confirm",
                "label": label_id if change else None,
                "want": 8,
                "held": held,
            },
        )
        assert reply.status_code == 200, reply.text
        held += [card["lease"] for card in reply.json()["examples"]]
        counts.append(len([s for s in statements if not s.startswith(("BEGIN", "COMMIT"))]))
    event.remove(engine, "before_cursor_execute", count)
    with writing(engine) as session:
        assert session.get_one(Project, cast.project.id).serve_seq == 18
    assert max(counts) <= 15, counts


def test_a_new_guideline_comes_with_the_reply_to_who_shows_an_older_one(
    cast: Cast, batch: int
) -> None:
    claimed = claim(cast.reviewer, batch, guideline=1)
    assert claimed["guideline_revision"] == 1
    assert "guideline" not in claimed
    with writing(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        project.guideline, project.guideline_revision = "Look at the verb. ", 4
        label = session.query(Label).order_by(Label.id).first()
        assert label is not None
        label.description = "The first letter."
        described = [[label.id, "The first letter."]]
    told = {"revision": 4, "text": "Look at the verb.", "descriptions": described}
    leases = [card["lease"] for card in claimed["examples"]]
    body = {"key": key(), "lease": leases[0], "verdict": "confirm"}
    reply = cast.reviewer.post("/api/v1/decisions", json={**body, "guideline": 1}).json()
    assert (reply["guideline_revision"], reply["guideline"]) == (4, told)
    again = cast.reviewer.post("/api/v1/decisions", json={**body, "guideline": 4}).json()
    assert again["outcome"] == "repeated" and "guideline" not in again
    passed = cast.reviewer.post(
        "/api/v1/leases/skip", json={"key": key(), "lease": leases[1], "guideline": 1}
    )
    assert passed.json()["guideline"] == told
    assert claim(cast.reviewer, batch, guideline=3)["guideline"] == told
    assert "guideline" not in claim(cast.reviewer, batch), "a program that shows none gets none"
