"""Batches at the console: the same act as on the page, with the same words and consequences."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.db.engine import reading
from app.db.tables.review import Batch, BatchPerson, Lease
from app.db.words import BatchState, Routing
from app.errors import Conflict, Invalid, NotFound
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import Seeded, claim, seed
from tests.web.test_batch_rules import members
from tests.web.test_views import log_of

NAMED = "support-intents"


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast, count=20)


def only(cast: Cast) -> Batch:
    with reading(cast.engine) as session:
        return session.scalars(select(Batch)).one()


def test_a_batch_is_made_listed_and_in_the_log(cast: Cast, seeded: Seeded) -> None:
    told = command(cast, "batches", "new", NAMED, "--size", "3", "--random", "0",
                   "--name", "First ones", "--reads", "2", "--due", "2099-06-01")  # fmt: skip
    assert told == (
        "1 First ones: By priority; 0 of 3 reviewed, 0 changed; everyone; due 2099-06-01.\n"
    )
    batch = only(cast)
    assert (batch.size, batch.reads, batch.audit_share, batch.created_by) == (3, 2, 0, None)
    assert command(cast, "batches", "list", NAMED) == told
    assert len(claim(cast.reviewer, batch.id, want=2)) == 2
    assert "First ones" in log_of(cast)


def test_what_a_batch_picks_is_what_the_options_say(cast: Cast, seeded: Seeded) -> None:
    beta = seeded.labels[1]
    command(cast, "batches", "new", NAMED, "--rule", "label", "--label", "beta", "--random", "0",
            "--person", cast.reviewer.person.email, "--mode", "blind")  # fmt: skip
    batch = only(cast)
    with reading(cast.engine) as session:
        people = session.scalars(select(BatchPerson.person_id)).all()
    assert people == [cast.reviewer.person.id]
    assert batch.rule["label"] == beta
    assert 0 < len(members(cast, batch.id)) < 20


def test_a_batch_is_paused_resumed_handed_over_and_closed(cast: Cast, seeded: Seeded) -> None:
    command(cast, "batches", "new", NAMED, "--size", "3", "--random", "0")
    batch = only(cast)
    claim(cast.reviewer, batch.id)
    assert ", paused: " in command(cast, "batches", "pause", NAMED, "1")
    assert only(cast).state is BatchState.PAUSED
    assert ", paused" not in command(cast, "batches", "resume", NAMED, "1")
    told = command(cast, "batches", "hand", NAMED, "1", "--person", cast.lead.person.email,
                   "--routing", "experts")  # fmt: skip
    assert f"; {cast.lead.person.name}." in told
    assert only(cast).routing is Routing.EXPERTS
    assert ", closed: " in command(cast, "batches", "close", NAMED, "1")
    with reading(cast.engine) as session:
        assert session.scalars(select(Lease.id).where(Lease.ended_at.is_(None))).all() == []
    assert command(cast, "batches", "list", NAMED) == "No batch is open.\n"
    assert "1 " in command(cast, "batches", "list", NAMED, "--closed")


def test_what_cannot_be_is_said_and_nothing_is_made(cast: Cast, seeded: Seeded) -> None:
    for words, error, said in (
        (("--person", "no@example.org"), NotFound, "Nobody here has the email no@example.org."),
        (("--person", cast.stranger.person.email), Invalid, "does not take part"),
        (("--label", "gamma rays", "--rule", "label"), NotFound, "gamma rays"),
        (("--due", "2020-01-01"), Invalid, "The due date has passed."),
        (("--rule", "nonsense"), Invalid, "nonsense"),
    ):
        with pytest.raises(error, match=said):
            command(cast, "batches", "new", NAMED, *words)
    with pytest.raises(NotFound):
        command(cast, "batches", "pause", NAMED, "7")
    with reading(cast.engine) as session:
        assert session.scalars(select(Batch.id)).all() == []


def test_an_archived_project_gets_no_batch(cast: Cast, seeded: Seeded) -> None:
    reply = cast.lead.patch(f"/api/v1/projects/{NAMED}", json={"archived": True})
    assert reply.status_code == 200, reply.text
    with pytest.raises(Conflict, match="archived"):
        command(cast, "batches", "new", NAMED, "--size", "3")
