"""Who may no longer read gives back at once what they held, by whichever door it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from app.accounts.membership import join
from app.db.engine import reading, writing
from app.db.tables.accounts import Membership
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Lease, ReadDue
from app.db.words import Role
from tests.web.cast import Actor, Cast, stage
from tests.web.seeded import answer, claim, open_batch, seed

PROJECT = "/api/v1/projects/support-intents"
PEOPLE = "/p/support-intents/people"
CASES = f"{PROJECT}/disagreements"


def ok(reply: Any) -> None:
    assert reply.status_code in (200, 303), reply.text


def standing(cast: Cast, who: Actor, word: str) -> None:
    path = f"/admin/members/{who.person.id}/standing"
    ok(cast.admin.post(path, data={"standing": word}))


def role(cast: Cast, who: Actor, word: str, by: Actor | None = None) -> None:
    ok((by or cast.lead).post(f"{PEOPLE}/{who.person.id}/role", data={"role": word}))


def remove(cast: Cast, who: Actor, by: Actor | None = None) -> None:
    ok((by or cast.lead).post(f"{PEOPLE}/{who.person.id}/remove", data={}))


def close(cast: Cast, who: Actor) -> None:
    standing(cast, who, "closed")


def held_by(cast: Cast, who: Actor) -> list[int]:
    """Examples on which a person has a live lease."""
    query = select(Lease.example_id).where(
        Lease.person_id == who.person.id, Lease.ended_at.is_(None)
    )
    with reading(cast.engine) as session:
        return sorted(session.scalars(query))


def examples(cards: list[dict[str, Any]]) -> list[int]:
    return sorted(card["example"] for card in cards)


def cases(cast: Cast) -> list[tuple[str, int]]:
    """What an admin finds under Disagreements."""
    reply = cast.admin.get(CASES)
    assert reply.status_code == 200, reply.text
    return [(case["kind"], case["example"]) for case in reply.json()["cases"]]


Leaving = Callable[[Cast, Actor], None]
OUT: dict[str, Leaving] = {"removed by the lead": remove, "account closed by an admin": close}


@pytest.mark.parametrize("how", OUT)
def test_what_somebody_held_comes_to_the_next_who_asks(cast: Cast, how: str) -> None:
    seed(cast)
    batch = open_batch(cast, size=3, audit_share=0)
    first = examples(claim(cast.reviewer, batch, want=3))
    assert examples(claim(cast.second, batch, want=3)) == []
    OUT[how](cast, cast.reviewer)
    assert held_by(cast, cast.reviewer) == []
    assert examples(claim(cast.second, batch, want=3)) == first


@pytest.mark.parametrize("how", OUT)
def test_a_page_of_the_grid_comes_to_the_next_who_opens_it(cast: Cast, how: str) -> None:
    filled = seed(cast)
    batch = open_batch(cast, by="grid", given_label_id=filled.labels[0], size=4, most_errors=50)
    url = f"/api/v1/batches/{batch}/grid/claim"
    first = examples(cast.reviewer.post(url, json={}).json()["examples"])
    assert first
    OUT[how](cast, cast.reviewer)
    assert examples(cast.second.post(url, json={}).json()["examples"]) == first


def test_an_account_closed_gives_back_in_every_project(cast: Cast) -> None:
    there = second_project(cast)
    seed(cast)
    here = open_batch(cast, size=1, audit_share=0)
    before = [examples(claim(cast.reviewer, batch)) for batch in (here, there)]
    close(cast, cast.reviewer)
    assert [examples(claim(cast.second, batch)) for batch in (here, there)] == before


def second_project(cast: Cast) -> int:
    """Another project with the same people; its open batch."""
    with writing(cast.engine) as session:
        other = stage(session, cast.lead.person, "Street signs", now=cast.now)
        for who in (cast.reviewer, cast.second):
            join(session, other.id, who.person.id, Role.REVIEWER, now=cast.now)
    mine, cast.project = cast.project, other
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    cast.project = mine
    return batch


def refer_one(cast: Cast, batch: int) -> int:
    """The reviewer sends an example to the experts; which one."""
    card = claim(cast.reviewer, batch)[0]
    ok(
        cast.reviewer.post(
            "/api/v1/leases/refer", json={"key": "refer-key-1", "lease": card["lease"]}
        )
    )
    example: int = card["example"]
    return example


def expert_claim(who: Actor) -> list[int]:
    reply = who.post(f"{PROJECT}/expert/claim", json={"want": 8})
    assert reply.status_code == 200, reply.text
    return examples(reply.json()["examples"])


def test_an_expert_who_becomes_reviewer_gives_back_what_experts_read(cast: Cast) -> None:
    seed(cast)
    role(cast, cast.second, "expert")
    batch = open_batch(cast, size=3, audit_share=0)
    sent = refer_one(cast, batch)
    assert expert_claim(cast.expert) == [sent]
    own = examples(claim(cast.expert, batch))
    assert expert_claim(cast.second) == []
    role(cast, cast.expert, "reviewer")
    assert held_by(cast, cast.expert) == own, "a reviewer may go on with that one"
    assert expert_claim(cast.second) == [sent]


@pytest.mark.parametrize("to", ["reviewer", "expert"])
def test_a_lead_who_is_lead_no_longer_gives_back_batches_that_are_for_others(
    cast: Cast, to: str
) -> None:
    seed(cast)
    role(cast, cast.second, "lead")
    theirs = open_batch(cast, size=2, audit_share=0, people=(cast.reviewer.person.id,))
    own = open_batch(cast, size=2, audit_share=0, people=(cast.second.person.id,))
    gone, kept = examples(claim(cast.second, theirs)), examples(claim(cast.second, own))
    role(cast, cast.second, to)
    assert held_by(cast, cast.second) == kept
    assert gone[0] in examples(claim(cast.reviewer, theirs, want=2))


def test_who_gets_a_higher_role_keeps_everything(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=3, audit_share=0)
    mine = examples(claim(cast.reviewer, batch, want=2))
    for word in ("expert", "lead"):
        role(cast, cast.reviewer, word)
        assert held_by(cast, cast.reviewer) == mine


def test_who_is_admin_no_longer_gives_back_what_only_admins_read(cast: Cast) -> None:
    seed(cast)
    standing(cast, cast.stranger, "admin")
    batch = open_batch(cast, size=1, audit_share=0)
    taken = examples(claim(cast.stranger, batch))
    standing(cast, cast.stranger, "plain")
    assert held_by(cast, cast.stranger) == []
    assert examples(claim(cast.second, batch)) == taken


def test_an_admin_who_is_also_a_member_goes_on_as_one(cast: Cast) -> None:
    seed(cast)
    standing(cast, cast.reviewer, "admin")
    batch = open_batch(cast, size=2, audit_share=0)
    mine = examples(claim(cast.reviewer, batch))
    standing(cast, cast.reviewer, "plain")
    assert held_by(cast, cast.reviewer) == mine


@pytest.fixture
def pending(cast: Cast) -> tuple[int, int]:
    """The reviewer changed a label; only `second` could confirm that. The batch, the example."""
    filled = seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    card = claim(cast.reviewer, batch)[0]
    other = next(one for one in filled.labels if one != card["given"])
    answer(cast.reviewer, card["lease"], "relabel", label=other)
    remove(cast, cast.expert)
    remove(cast, cast.lead, by=cast.admin)
    assert cases(cast) == []
    return batch, card["example"]


@pytest.mark.parametrize("how", ["removed", "account closed"])
@pytest.mark.parametrize("reading_it", [False, True])
def test_a_read_that_nobody_else_may_give_goes_to_the_leads_at_once(
    cast: Cast, pending: tuple[int, int], how: str, reading_it: bool
) -> None:
    batch, example = pending
    if reading_it:
        assert examples(claim(cast.second, batch)) == [example]
    if how == "removed":
        remove(cast, cast.second, by=cast.admin)
    else:
        close(cast, cast.second)
    assert cases(cast) == [("stuck", example)]
    page = cast.admin.get("/p/support-intents/disagreements").text
    assert "Nobody else can give the second read" in page


def test_a_read_for_experts_goes_to_the_leads_with_the_last_of_them(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    sent = refer_one(cast, batch)
    remove(cast, cast.lead, by=cast.admin)
    assert expert_claim(cast.expert) == [sent]
    role(cast, cast.expert, "reviewer", by=cast.admin)
    assert cases(cast) == [("stuck", sent)]


def test_a_first_read_only_who_gave_the_label_could_do_goes_to_the_leads(cast: Cast) -> None:
    filled = seed(cast)
    with writing(cast.engine) as session:
        source = Source(
            project_id=cast.project.id, origin="s", name="s", person_id=cast.second.person.id
        )
        session.add(source)
        session.flush()
        mine = update(Example).where(Example.id.in_(filled.examples))
        session.execute(mine.values(source_id=source.id))
        others = [cast.lead.person.id, cast.expert.person.id]
        gone = update(Membership).where(Membership.person_id.in_(others))
        session.execute(gone.values(left_at=cast.now))
    batch = open_batch(cast, size=1, audit_share=0)
    held = examples(claim(cast.reviewer, batch))
    remove(cast, cast.reviewer, by=cast.admin)
    assert cases(cast) == [("stuck", held[0])]


@dataclass(frozen=True)
class Door:
    """A way to archive the project and to bring it back."""

    put_away: Callable[[Cast], Any]
    bring_back: Callable[[Cast], Any]


SETTINGS = "/p/support-intents/settings/archive"
DOORS = {
    "page": Door(
        lambda cast: cast.lead.post(SETTINGS, data={"archived": "true"}),
        lambda cast: cast.lead.post(SETTINGS, data={"archived": "false"}),
    ),
    "api": Door(
        lambda cast: cast.lead.patch(PROJECT, json={"archived": True}),
        lambda cast: cast.lead.patch(PROJECT, json={"archived": False}),
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_project_put_away_takes_back_every_lease_and_goes_on_where_it_was(
    cast: Cast, door: str
) -> None:
    filled = seed(cast)
    batch = open_batch(cast, size=4, audit_share=0)
    card = claim(cast.reviewer, batch)[0]
    other = next(one for one in filled.labels if one != card["given"])
    answer(cast.reviewer, card["lease"], "relabel", label=other)
    confirming = examples(claim(cast.second, batch))
    first = examples(claim(cast.reviewer, batch, want=2))
    assert confirming == [card["example"]]
    ok(DOORS[door].put_away(cast))
    assert held_by(cast, cast.reviewer) == held_by(cast, cast.second) == []
    assert cases(cast) == []
    with reading(cast.engine) as session:
        owed = session.scalars(select(ReadDue.example_id).where(ReadDue.done_at.is_(None)))
        assert sorted(owed) == sorted([*confirming, *first])
    ok(DOORS[door].bring_back(cast))
    again = examples(claim(cast.second, batch, want=3))
    assert again == sorted([*confirming, *first])
