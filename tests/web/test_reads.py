"""Owed reads outside batches: Home names them, their desk hands them out, by page and by API."""

from __future__ import annotations

import uuid

from sqlalchemy import update

from app.accounts.membership import join
from app.db.engine import reading, writing
from app.db.tables.accounts import Membership
from app.db.tables.datasets import Project
from app.db.tables.review import Decision
from app.db.words import Role
from tests.web.cast import Actor, Cast, stage
from tests.web.seeded import answer, claim, given_label, open_batch, seed, statements
from tests.web.test_decide_first import fields

API = "/api/v1/projects/support-intents/reads/claim"
DESK = "/review/reads/support-intents"


def changed(cast: Cast, batch: int, *, many: int) -> list[int]:
    """The reviewer changes some labels, and somebody else has to confirm that; which."""
    examples = []
    for card in claim(cast.reviewer, batch, many):
        answer(cast.reviewer, card["lease"], "remove", reason="duplicate")
        examples.append(card["example"])
    return sorted(examples)


def close(cast: Cast, batch: int) -> None:
    reply = cast.lead.patch(f"/api/v1/batches/{batch}", json={"state": "closed"})
    assert reply.status_code == 200, reply.text


def claimed(who: Actor) -> list[dict[str, object]]:
    reply = who.post(API, json={"want": 8})
    assert reply.status_code == 200, reply.text
    cards: list[dict[str, object]] = reply.json()["examples"]
    return cards


def test_second_reads_of_a_closed_batch_wait_for_whoever_may_give_them(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, audit_share=0)
    examples = changed(cast, batch, many=3)
    assert "reads wait" not in cast.second.get("/").text, "the batch hands them out"
    close(cast, batch)
    home = cast.second.get("/").text
    assert "<bdi>3 second reads wait</bdi>" in home and f'href="{DESK}"' in home
    assert "Support intents" in home
    assert "second read" not in cast.reviewer.get("/").text, "they are the reviewer's own changes"
    cards = claimed(cast.second)
    assert sorted(card["example"] for card in cards) == examples
    assert {card["mode"] for card in cards} == {"blind"}
    assert claimed(cast.reviewer) == []
    assert cast.stranger.post(API, json={"want": 8}).status_code == 404


def test_one_read_waits_in_the_singular_and_kinds_are_told_apart(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=3, audit_share=0)
    changed(cast, batch, many=1)
    card = claim(cast.reviewer, batch)[0]
    refer = {"key": str(uuid.uuid4()), "lease": card["lease"]}
    assert cast.reviewer.post("/api/v1/leases/refer", json=refer).status_code == 200
    close(cast, batch)
    assert "<bdi>1 second read waits</bdi>" in cast.second.get("/").text
    home = cast.expert.get("/").text
    assert "<bdi>2 reads wait</bdi>" in home
    assert "Support intents · 1 sent to the expert, 1 second read<" in home


def test_what_was_sent_to_an_expert_stands_beside_an_open_batch(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, audit_share=0)
    card = claim(cast.reviewer, batch)[0]
    refer = {"key": str(uuid.uuid4()), "lease": card["lease"]}
    cast.reviewer.post("/api/v1/leases/refer", json=refer)
    home = cast.expert.get("/").text
    assert "<bdi>1 sent to the expert</bdi>" in home and "You have 1 batch." in home
    assert "sent to the expert" not in cast.second.get("/").text
    (sent,) = claimed(cast.expert)
    assert (sent["example"], sent["mode"]) == (card["example"], "everything")


def test_the_rail_counts_what_waits_for_an_expert(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, audit_share=0)
    overview, link = f"/p/{cast.project.slug}", f'href="{DESK}" title="Sent to experts"'
    assert link not in cast.lead.get(overview).text
    for card in claim(cast.reviewer, batch, 2):
        refer = {"key": str(uuid.uuid4()), "lease": card["lease"]}
        cast.reviewer.post("/api/v1/leases/refer", json=refer)
    rail = cast.lead.get(overview).text.split(link)[1].split("</li>")[0]
    assert 'rail-count">2<' in rail
    for who, count in ((cast.expert, 3), (cast.second, 1)):  # a batch, and two reads
        queue = who.get("/").text.split('title="Review queue"')[1].split("</li>")[0]
        assert f'rail-count">{count}<' in queue


def test_the_older_addresses_lead_on(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    examples = changed(cast, batch, many=1)
    close(cast, batch)
    old = "/review/expert/support-intents"
    for reply in (cast.second.get(old), cast.second.post(old, data={"answer": "start"})):
        assert (reply.status_code, reply.headers["location"]) == (307, DESK)
    assert cast.stranger.get(old).status_code == 404
    reply = cast.second.post("/api/v1/projects/support-intents/expert/claim", json={"want": 1})
    assert [card["example"] for card in reply.json()["examples"]] == examples


def test_without_script_reads_are_given_taken_back_and_given_again(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=2, audit_share=0)
    examples = changed(cast, batch, many=2)
    close(cast, batch)
    assert cast.second.post(DESK, data={"answer": "start"}).headers["location"] == DESK
    page = cast.second.get(DESK).text
    assert "Reads to give" in page and "0 / 2" in page
    removal = {"answer": "remove", "reason": "duplicate"}
    first = fields(page)
    cast.second.post(DESK, data=first | removal)
    page = cast.second.get(DESK).text
    undone = cast.second.post(DESK, data=fields(page) | {"answer": "undo"})
    assert undone.status_code == 303, undone.text
    for _ in examples:
        form = fields(cast.second.get(DESK).text)
        done = cast.second.post(DESK, data=form | removal)
    assert done.headers["location"] == "/", "nothing is left"
    with reading(cast.engine) as session:
        read = [d.example_id for d in session.query(Decision) if d.batch_id is None]
    assert sorted(set(read)) == examples and len(read) == 3
    assert "No read waits for you here." in cast.second.get(DESK).text


def test_undo_by_example_brings_the_read_back(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    changed(cast, batch, many=1)
    close(cast, batch)
    (card,) = claimed(cast.second)
    label = given_label(cast, int(str(card["example"])))
    stored = answer(cast.second, str(card["lease"]), "relabel", label=label)
    undo = {"key": str(uuid.uuid4()), "example": card["example"], "seq": stored["seq"]}
    back = cast.second.post("/api/v1/undo", json=undo).json()["example"]
    assert (back["example"], back["mode"]) == (card["example"], "blind")
    assert "1 second read waits" in cast.second.get("/").text, "it waits for who holds it there"


def test_a_lease_that_ran_out_waits_again(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    changed(cast, batch, many=1)
    close(cast, batch)
    (card,) = claimed(cast.second)
    assert "second read" not in cast.expert.get("/").text
    cast.step(minutes=31)
    assert "1 second read waits" in cast.expert.get("/").text
    assert [one["example"] for one in claimed(cast.expert)] == [card["example"]]


def test_an_archived_project_says_so_and_hands_nothing_out(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=2, audit_share=0)
    changed(cast, batch, many=1)
    archive(cast)
    assert cast.second.post(API, json={"want": 8}).json()["state"] == "archived"
    for url in (DESK, f"/review/{batch}"):
        page = cast.second.get(url).text
        assert "This project is archived: nothing in it can be answered now." in page
        assert "Show an example" not in page
    assert "second read" not in cast.second.get("/").text


def archive(cast: Cast) -> None:
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).archived_at = cast.now


def test_home_costs_the_same_for_one_project_and_for_many(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=2, audit_share=0)
    changed(cast, batch, many=2)
    close(cast, batch)
    with statements(cast.engine) as few:
        assert "2 second reads wait" in cast.second.get("/").text
    with writing(cast.engine) as session:
        for place in range(5):
            more = stage(session, cast.lead.person, f"More {place}", now=cast.now)
            join(session, more.id, cast.second.person.id, Role.EXPERT, now=cast.now)
    with statements(cast.engine) as many:
        assert "2 second reads wait" in cast.second.get("/").text
    assert len(many) == len(few)


def test_the_palette_finds_the_desk_by_its_names(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    changed(cast, batch, many=1)

    def found(who: Actor, query: str) -> list[tuple[str, str]]:
        offers = who.get("/api/v1/palette", params={"q": query}).json()["entries"]
        return [(one["name"], one["url"]) for one in offers if one["kind"] == "review"]

    for query in ("reads to give", "second", "sent to the expert"):
        assert found(cast.second, query) == [("Reads to give", DESK)]
    assert found(cast.reviewer, "reads to give") == []


def test_where_there_is_no_expert_the_desk_says_who_gets_it_before_it_is_sent(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=4, audit_share=0)
    told = "No expert here: a lead gets it"
    assert told not in cast.reviewer.get(f"/review/{batch}").text
    assert told in cast.expert.get(f"/review/{batch}").text, "there is no other"
    with writing(cast.engine) as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == cast.expert.person.id)
            .values(role=Role.REVIEWER)
        )
    assert told in cast.reviewer.get(f"/review/{batch}").text


def test_second_reads_stand_apart_from_the_progress_of_a_batch(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=6, audit_share=0)
    changed(cast, batch, many=2)
    home = cast.second.get("/").text
    assert "2 second reads first" in home and "4 left" in home
    assert "second reads first" not in cast.reviewer.get("/").text, "they cannot give them"
