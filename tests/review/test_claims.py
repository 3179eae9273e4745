"""Claims: own leases first, nothing twice, nothing lost, no draw hidden."""

from __future__ import annotations

from sqlalchemy import Engine

from app.db.engine import writing
from app.db.tables.audit import AuditKey, Serve
from app.db.tables.datasets import Project
from app.db.tables.review import BatchMember, Lease, ReadDue
from app.db.words import BatchState, Due, Mode, Question, Role, Status, Stream, Verdict
from app.review.books.cases import count_open
from app.review.serving.hand_out import DESK, MOST_HELD
from tests.review.conftest import World, add_examples, make_world, source_of
from tests.steps import give_back, open_epoch, refer, set_state, skip


def test_a_claim_hands_out_the_best_of_the_batch_and_a_lost_reply_the_same_again(
    world: World,
) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=10, audit_share=0)
    first = world.claim(ann, batch, want=4)
    again = world.claim(ann, batch, want=4)
    assert {card["example"] for card in first.cards} == set(world.examples[:4])
    assert {c["lease"] for c in again.cards} == {c["lease"] for c in first.cards}
    assert world.claim(ann, batch, want=4, held=[c["lease"] for c in first.cards]).cards == []


def test_two_reviewers_never_hold_the_same_example(world: World) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    batch = world.batch(ann, size=10, audit_share=50)
    hers = {card["example"] for card in world.claim(ann, batch, want=5).cards}
    his = {card["example"] for card in world.claim(bob, batch, want=5).cards}
    assert len(hers) == len(his) == 5
    assert not hers & his
    empty = world.claim(world.person("cy"), batch)
    assert (empty.cards, empty.with_others, empty.state) == ([], 10, "open")


def test_serve_numbers_have_no_gaps_and_count_what_is_unserved(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=20, audit_share=35)
    for _ in range(5):
        cards = world.claim(ann, batch, want=4).cards
        for card in cards:
            world.answer(ann, card["lease"])
    serves = sorted(world.all(Serve), key=lambda serve: serve.serve_seq)
    assert [serve.serve_seq for serve in serves] == list(range(1, 21))
    assert [serve.unserved_before for serve in serves] == list(range(20, 0, -1))
    assert world.all(Project)[0].unserved == 0


def test_an_audit_draw_is_the_unserved_example_with_the_smallest_key(engine: Engine) -> None:
    world = make_world(engine, examples=40)
    ann = world.person("ann")
    batch = world.batch(ann, size=10, audit_share=100)
    drawn = {card["example"] for card in world.claim(ann, batch, want=5).cards}
    keys = sorted(world.all(AuditKey), key=lambda row: row.key)
    assert drawn == {row.example_id for row in keys[:5]}
    assert {serve.stream for serve in world.all(Serve)} == {Stream.AUDIT}
    waiting = [m for m in world.all(BatchMember) if m.waiting]
    assert len(waiting) == 5, "a draw takes the place of the last member, which leaves"


def test_a_draw_the_reviewer_may_not_judge_is_served_and_owed_to_another(engine: Engine) -> None:
    world = make_world(engine, examples=1)
    ann, bob = world.person("ann"), world.person("bob")
    with writing(engine) as session:
        mine = source_of(session, world.project_id, ann.person_id)
        add_examples(session, world.project_id, world.labels, count=30, source_id=mine)
        open_epoch(session, world.project_id, reason="import", now=world.now, rng=world.rng)
    batch = world.batch(ann, size=31, audit_share=50)
    hers = world.claim(ann, batch).cards
    owed = world.all(ReadDue, ReadDue.reason == Due.BARRED)
    assert {card["example"] for card in hers} <= set(world.examples)
    assert owed
    his = {card["example"] for card in world.claim(bob, batch, want=8).cards}
    assert {due.example_id for due in owed} <= his


def test_a_lease_that_ran_out_goes_to_the_next_claimer(world: World) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    batch = world.batch(ann, size=3, audit_share=0)
    hers = world.claim(ann, batch, want=3)
    world.later(minutes=31)
    his = world.claim(bob, batch, want=3)
    assert {c["example"] for c in his.cards} == {c["example"] for c in hers.cards}
    live = [lease for lease in world.all(Lease) if lease.ended_at is None]
    assert {lease.person_id for lease in live} == {bob.person_id}


def test_what_is_given_back_is_free_at_once(world: World) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    batch = world.batch(ann, size=3, audit_share=0)
    hers = world.claim(ann, batch, want=3)
    with writing(world.engine) as session:
        assert give_back(session, ann, [c["lease"] for c in hers.cards], now=world.now) == 3
        assert give_back(session, ann, [c["lease"] for c in hers.cards], now=world.now) == 0
    his = world.claim(bob, batch, want=3)
    assert {c["example"] for c in his.cards} == {c["example"] for c in hers.cards}


def test_a_skipped_example_comes_back_once_then_goes_to_another_then_to_a_lead(
    world: World,
) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    batch = world.batch(ann, size=2, audit_share=0)
    first = world.claim(ann, batch, want=1).cards[0]
    with writing(world.engine) as session:
        skip(session, ann, first["lease"], now=world.now)
        skip(session, ann, first["lease"], now=world.now)
    other = world.claim(ann, batch, want=1).cards[0]
    assert other["example"] != first["example"]
    world.answer(ann, other["lease"])
    back = world.claim(ann, batch, want=1).cards[0]
    assert back["example"] == first["example"]
    with writing(world.engine) as session:
        skip(session, ann, back["lease"], now=world.now)
    assert world.claim(ann, batch, want=1).cards == []
    his = world.claim(bob, batch, want=1).cards[0]
    assert his["example"] == first["example"]
    with writing(world.engine) as session:
        skip(session, bob, his["lease"], now=world.now)
        assert count_open(session, world.project_id) == {Question.SKIPPED: 1}
    assert world.claim(bob, batch).state == "done"


def test_an_expert_gets_what_was_sent_and_a_lead_where_there_is_none(world: World) -> None:
    from tests.steps import claim_expert

    ann = world.person("ann")
    batch = world.batch(ann, size=2, audit_share=0)
    cards = world.claim(ann, batch, want=2).cards
    with writing(world.engine) as session:
        refer(session, ann, cards[0]["lease"], note="odd one", now=world.now)
        assert count_open(session, world.project_id) == {Question.EXPERT: 1}
    eve = world.person("eve", Role.EXPERT)
    with writing(world.engine) as session:
        refer(session, ann, cards[1]["lease"], note="", now=world.now)
    with writing(world.engine) as session:
        sent = claim_expert(session, eve, want=8, now=world.now, rng=world.rng)
    assert [card["example"] for card in sent.cards] == [cards[1]["example"]]
    assert "given" in sent.cards[0]
    recorded = world.answer(eve, sent.cards[0]["lease"], Verdict.RELABEL, world.labels[2])
    assert recorded.status is Status.RELABELED


def test_closing_a_batch_gives_everything_back(world: World) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    batch = world.batch(ann, size=6, audit_share=0)
    hers = world.claim(ann, batch, want=2)
    with writing(world.engine) as session:
        assert set_state(session, session.merge(batch), BatchState.CLOSED, now=world.now) == 6
    assert world.claim(ann, batch).state == "closed"
    fresh = world.batch(ann, size=4, audit_share=0)
    his = {c["example"] for c in world.claim(bob, fresh, want=8).cards}
    assert {c["example"] for c in hers.cards} <= his, "served ones come first, whatever the batch"


def test_members_served_elsewhere_are_replaced(world: World) -> None:
    ann = world.person("ann")
    top = world.batch(ann, size=5, audit_share=0)
    draws = world.batch(ann, size=5, audit_share=100)
    for card in world.claim(ann, draws, want=5).cards:
        world.answer(ann, card["lease"])
    done = 0
    while cards := world.claim(ann, top, want=8).cards:
        for card in cards:
            world.answer(ann, card["lease"])
            done += 1
    assert done == 5


def test_blind_sends_neither_given_label_nor_what_depends_on_it(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=2, audit_share=0, mode=Mode.BLIND)
    for card in world.claim(ann, batch, want=2).cards:
        assert set(card) == {"lease", "example", "key", "mode", "content", "meta", "neighbours"}


def test_unlabelled_examples_are_served_outside_the_pool(engine: Engine) -> None:
    world = make_world(engine, examples=10, unlabelled=4)
    ann = world.person("ann")
    batch = world.batch(ann, size=10, audit_share=0)
    while cards := world.claim(ann, batch).cards:
        for card in cards:
            world.answer(ann, card["lease"], Verdict.RELABEL, world.labels[0])
    project = world.all(Project)[0]
    assert (project.unserved, project.serve_seq) == (0, 10)
    assert len(world.all(AuditKey)) == 6


def test_nobody_holds_more_than_two_pages_in_a_project(engine: Engine) -> None:
    world = make_world(engine, examples=200)
    ann, bob = world.person("ann"), world.person("bob")
    desks = [world.batch(ann, size=8, audit_share=0) for _ in range(MOST_HELD // DESK)]
    held = [world.claim(ann, desk).cards for desk in desks]
    assert [len(cards) for cards in held] == [DESK] * len(desks)
    third = world.batch(ann, size=50, audit_share=0)
    beyond = world.claim(ann, third)
    assert (beyond.cards, beyond.state) == ([], "holds_enough")
    again = world.claim(ann, desks[0])
    assert len(again.cards) == DESK, "what is held is sent again, whatever is held elsewhere"
    assert len(world.claim(bob, third).cards) == 8
    world.answer(ann, held[0][0]["lease"])
    assert len(world.claim(ann, third).cards) == 1
    world.later(minutes=31)
    assert len(world.claim(ann, third).cards) == 8, "what ran out is held no longer"
