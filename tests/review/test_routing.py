"""Batches routed by skill or to experts, at the desk's API: who gets which examples first."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from app.db.engine import reading, writing
from app.db.tables.accounts import Membership
from app.db.tables.audit import ReviewerSkill
from app.db.tables.datasets import Example, Source
from app.db.tables.review import BatchMember
from app.db.words import Role, Routing
from app.review.serving.skill import WINDOW, keeps_its_place
from tests.web.cast import Actor, Cast
from tests.web.seeded import Seeded, answer, claim, open_batch, seed

HERE = "/p/support-intents"


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    """Sixty examples, given alpha and beta in turn, in the order of the file."""
    return seed(cast, count=60, scored=False)


def know(cast: Cast, seeded: Seeded, skills: dict[int, tuple[float, float]]) -> None:
    """How surely each of these people reads alpha and beta."""
    with writing(cast.engine) as session:
        session.execute(
            insert(ReviewerSkill),
            [
                {
                    "project_id": cast.project.id,
                    "person_id": person,
                    "label_id": label,
                    "lower": lower,
                }
                for person, lowers in skills.items()
                for label, lower in zip(seeded.labels, lowers, strict=True)
            ],
        )


def two_readers(cast: Cast, seeded: Seeded) -> None:
    """The first reads alpha best, the second beta."""
    know(cast, seeded, {ids(cast)[0]: (0.9, 0.6), ids(cast)[1]: (0.7, 0.8)})


def ids(cast: Cast) -> tuple[int, int]:
    return cast.reviewer.person.id, cast.second.person.id


def places(seeded: Seeded, cards: list[dict[str, Any]]) -> set[int]:
    return {seeded.examples.index(card["example"]) for card in cards}


def kept(seeded: Seeded, among: int) -> set[int]:
    return {at for at, one in enumerate(seeded.examples[:among]) if keeps_its_place(one)}


def by_skill(cast: Cast, **plan: Any) -> int:
    return open_batch(cast, size=60, audit_share=0, routing=Routing.SKILL, **plan)


def test_each_gets_first_what_they_read_best_and_one_in_five_keep_their_place(
    cast: Cast, seeded: Seeded
) -> None:
    two_readers(cast, seeded)
    batch = by_skill(cast)
    first = places(seeded, claim(cast.reviewer, batch, want=8))
    same = kept(seeded, 8)
    assert same, "an example of the first eight keeps its place"
    assert same <= first
    assert all(place % 2 == 0 for place in first - same), "alpha"
    moved = sorted(place for place in range(0, WINDOW, 2) if place not in kept(seeded, WINDOW))
    assert sorted(first - same) == moved[: 8 - len(same)], "the best of those by priority"
    then = places(seeded, claim(cast.second, batch, want=8))
    assert sum(place % 2 for place in then) >= 8 - len(then & kept(seeded, 40))


def test_nobody_is_idle_and_all_is_read_once(cast: Cast, seeded: Seeded) -> None:
    two_readers(cast, seeded)
    batch = by_skill(cast)
    read: list[int] = []
    while cards := claim(cast.reviewer, batch, want=8):
        for card in cards:
            answer(cast.reviewer, card["lease"])
            read.append(card["example"])
    assert sorted(read) == seeded.examples
    best = [example for example in read if not keeps_its_place(example)][:20]
    assert sum(seeded.examples.index(example) % 2 == 0 for example in best) >= 15


def test_what_a_desk_is_filled_up_with_after_an_answer_is_routed_too(
    cast: Cast, seeded: Seeded
) -> None:
    two_readers(cast, seeded)
    batch = by_skill(cast)
    held = claim(cast.second, batch, want=1)
    for _ in range(6):
        card = held.pop()
        said = answer(cast.second, card["lease"], want=1)
        held = said["examples"]
        (place,) = places(seeded, held)
        assert place % 2 == 1 or keeps_its_place(held[0]["example"])


@pytest.mark.parametrize("known", ["nobody", "the other alone", "the asker alone"])
def test_until_two_are_measured_it_goes_by_priority(cast: Cast, seeded: Seeded, known: str) -> None:
    one, other = ids(cast)
    who = {"nobody": (), "the other alone": (other,), "the asker alone": (one,)}[known]
    know(cast, seeded, dict.fromkeys(who, (0.9, 0.5))) if who else None
    batch = by_skill(cast)
    assert places(seeded, claim(cast.reviewer, batch, want=8)) == set(range(8))


def test_who_left_the_project_or_is_not_asked_is_no_measure(cast: Cast, seeded: Seeded) -> None:
    two_readers(cast, seeded)
    one, other = ids(cast)
    named = by_skill(cast, people=(one,))
    assert places(seeded, claim(cast.reviewer, named, want=8)) == set(range(8))
    with writing(cast.engine) as session:
        session.execute(
            update(Membership).where(Membership.person_id == other).values(left_at=cast.now)
        )
    everyone = claim(cast.reviewer, named, want=8)
    assert places(seeded, everyone) == set(range(8)), "own leases"


def test_own_labels_and_copies_still_hold(cast: Cast, seeded: Seeded) -> None:
    two_readers(cast, seeded)
    own = [seeded.examples[place] for place in (0, 2, 4, 6, 8)]
    copies = [seeded.examples[place] for place in (10, 12, 14)]
    with writing(cast.engine) as session:
        source = Source(
            project_id=cast.project.id, origin="own", name="own", person_id=ids(cast)[0]
        )
        session.add(source)
        session.flush()
        session.execute(update(Example).where(Example.id.in_(own)).values(source_id=source.id))
        session.execute(update(Example).where(Example.id.in_(copies)).values(content_hash="c" * 64))
    batch = by_skill(cast)
    got = {card["example"] for card in claim(cast.reviewer, batch, want=8)}
    assert len(got) == 8
    assert not got & set(own)


def test_a_label_pair_is_routed_by_the_likelier_of_the_two(cast: Cast) -> None:
    """All are likeliest alpha, by four to one: given beta, they are still read best by who reads
    alpha; which of them is as the ranking says."""
    seeded = seed(cast, count=40)
    know(cast, seeded, {ids(cast)[0]: (0.9, 0.6), ids(cast)[1]: (0.6, 0.9)})
    batch = open_batch(cast, size=40, audit_share=0, routing=Routing.SKILL)
    second = places(seeded, claim(cast.second, batch, want=8)) - kept(seeded, 8)
    assert all(place % 2 == 1 for place in second), "where beta is possible at all"


def test_claims_of_other_batches_ask_nothing_more(cast: Cast, seeded: Seeded) -> None:
    two_readers(cast, seeded)
    counts = []
    for routing in (Routing.ANYONE, Routing.SKILL):
        batch = open_batch(cast, size=20, audit_share=0, routing=routing)
        claim(cast.reviewer, batch, want=1)  # what is prepared once is prepared
        counts.append(len(_statements(cast, cast.second, batch)))
    assert counts[1] == counts[0] + 1, "one statement more, where it is asked for"


def _statements(cast: Cast, who: Actor, batch: int) -> list[str]:
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(cast.engine, "before_cursor_execute", count)
    claim(who, batch, want=8)
    event.remove(cast.engine, "before_cursor_execute", count)
    return statements


class TestExperts:
    def test_first_reads_are_for_experts_and_leads_alone(self, cast: Cast, seeded: Seeded) -> None:
        batch = open_batch(cast, size=10, audit_share=0, routing=Routing.EXPERTS)
        refused = cast.reviewer.post(f"/api/v1/batches/{batch}/claim", json={"want": 8})
        assert refused.status_code == 404
        assert f"/review/{batch}" not in cast.reviewer.get("/").text
        assert f"/review/{batch}" in cast.expert.get("/").text
        assert len(claim(cast.expert, batch, want=4)) == 4
        assert len(claim(cast.lead, batch, want=4)) == 4

    def test_who_loses_the_role_gives_back_what_they_hold(self, cast: Cast, seeded: Seeded) -> None:
        batch = open_batch(cast, size=10, audit_share=0, routing=Routing.EXPERTS)
        held = places(seeded, claim(cast.expert, batch, want=4))
        expert = cast.expert.person.id
        changed = cast.lead.post(f"{HERE}/people/{expert}/role", data={"role": "reviewer"})
        assert changed.status_code in (200, 303), changed.text
        with reading(cast.engine) as session:
            role = session.scalar(select(Membership.role).where(Membership.person_id == expert))
            left = session.scalars(select(BatchMember.example_id).where(BatchMember.waiting))
            assert role is Role.REVIEWER and len(left.all()) == 6
        assert held <= places(seeded, claim(cast.lead, batch, want=8))

    def test_what_an_expert_gives_back_or_lets_run_out_stays_with_them(
        self, cast: Cast, seeded: Seeded
    ) -> None:
        batch = open_batch(cast, size=4, audit_share=0, routing=Routing.EXPERTS)
        back = claim(cast.expert, batch, want=2)
        leases = [card["lease"] for card in back]
        cast.expert.post("/api/v1/leases/give-back", json={"leases": leases})
        assert self._owed(cast.reviewer) == set()
        ran_out = claim(cast.lead, batch, want=4)
        cast.at["now"] += timedelta(hours=1)
        assert len(ran_out) == 4
        assert self._owed(cast.reviewer) == set()
        assert self._owed(cast.expert) == {card["example"] for card in ran_out}
        cast.lead.patch(f"/api/v1/batches/{batch}", json={"routing": "anyone"})
        cast.at["now"] += timedelta(hours=1)
        assert self._owed(cast.reviewer) == {card["example"] for card in ran_out}

    @staticmethod
    def _owed(who: Actor) -> set[int]:
        reply = who.post("/api/v1/projects/support-intents/reads/claim", json={"want": 8})
        assert reply.status_code == 200, reply.text
        return {card["example"] for card in reply.json()["examples"]}

    def test_a_batch_for_experts_names_at_least_one(self, cast: Cast, seeded: Seeded) -> None:
        plan = {"size": 5, "routing": "experts", "people": list(ids(cast))}
        reply = cast.lead.post("/api/v1/projects/support-intents/batches", json=plan)
        assert (reply.status_code, reply.json()["code"]) == (422, "no_expert_named")
        batch = open_batch(cast, size=5, people=ids(cast))
        reply = cast.lead.patch(f"/api/v1/batches/{batch}", json={"routing": "experts"})
        assert (reply.status_code, reply.json()["code"]) == (422, "no_expert_named")
        assert cast.lead.get(f"/api/v1/batches/{batch}").json()["routing"] == "anyone"


class TestDoors:
    def test_the_api_makes_it_tells_it_and_changes_it(self, cast: Cast, seeded: Seeded) -> None:
        plan = {"size": 20, "routing": "skill", "audit_share": 0}
        made = cast.lead.post("/api/v1/projects/support-intents/batches", json=plan).json()
        assert made["routing"] == "skill"
        held = claim(cast.reviewer, made["id"], want=4)
        assert len(held) == 4
        change = {"routing": "experts"}
        told = cast.lead.patch(f"/api/v1/batches/{made['id']}", json=change).json()
        assert (told["routing"], told["held"]) == ("experts", 0), "given back at once"
        log = " ".join(cast.lead.get(f"{HERE}/log").text.split())
        assert f"Changed the routing of batch {made['number']} to experts" in log

    def test_the_pages_offer_it_and_say_what_it_waits_for(self, cast: Cast, seeded: Seeded) -> None:
        page = _page(cast, "/batches/new")
        assert "Until two people have 20 measured answers each" in page
        form = {"step": "create", "by": "priority", "size": "12", "routing": "skill"}
        made = cast.lead.post(f"{HERE}/batches/new", data=form)
        assert made.status_code in (200, 303)
        assert "<dt>Goes to</dt><dd>By skill</dd>" in _page(cast, "/batches/1")
        two_readers(cast, seeded)
        assert "Until two people" not in _page(cast, "/batches/1")
        cast.lead.post(f"{HERE}/batches/1/people", data={"routing": "anyone"})
        assert "<dt>Goes to</dt><dd>Anyone</dd>" in _page(cast, "/batches/1")

    def test_people_can_be_named_without_a_word_on_the_routing(
        self, cast: Cast, seeded: Seeded
    ) -> None:
        by_skill(cast)
        cast.lead.post(f"{HERE}/batches/1/people", data={"person": str(ids(cast)[0])})
        assert "<dt>Goes to</dt><dd>By skill</dd>" in _page(cast, "/batches/1")


def _page(cast: Cast, path: str) -> str:
    return " ".join(unescape(cast.lead.get(f"{HERE}{path}").text).split())
