"""One predicate says who may read what; it is asked wherever something is handed out."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import Engine, update

from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Decision, Disagreement, Lease, ReadDue
from app.db.words import BatchState, Due, Question, ReadReason, Role, Status, Verdict, WhyEnded
from app.errors import LeaseLost
from app.review.batches.batch import set_people
from app.review.books.dues import owe
from app.review.books.forgotten import forgotten, misled, misread
from app.review.serving.draws import serve_direct
from app.review.serving.owed import REST
from tests.review.conftest import World, make_world, source_of
from tests.steps import claim_expert, refer, reopen, set_state, skip


def whole(world: World) -> None:
    """Nothing waits for nobody, and nobody reads what they may not."""
    with reading(world.engine) as session:
        looked = (forgotten, misread, misled)
        assert [look(session, world.project_id) for look in looked] == [[], [], []]


def test_reads_somebody_may_not_give_hide_none_that_they_may(engine: Engine) -> None:
    """Ten reads wait for Ben behind forty that are not for him."""
    world = make_world(engine, examples=60, confirmations=2)
    lead, ben = world.person("lead", Role.LEAD), world.person("ben")
    with writing(engine) as session:
        own = source_of(session, world.project_id, ben.person_id)
        barred = Example.id.in_(world.examples[:40])
        session.execute(update(Example).where(barred).values(source_id=own))
        lock = lock_project(session, world.project_id)
        for example in world.examples[:50]:
            serve_direct(lock, example, now=world.now)
            owe(lock, example, Due.RETURNED, now=world.now)
        lock.save()
    batch = world.batch(lead, size=1, audit_share=0)
    got: list[int] = []
    while cards := world.claim(ben, batch).cards:
        for card in cards:
            got.append(card["example"])
            world.answer(ben, card["lease"])
    assert set(world.examples[40:50]) <= set(got)
    assert not set(got) & set(world.examples[:40])


@pytest.mark.parametrize("plan", [{"reads": 3}, {"reads": 2}, {"until_sure": True}, {}])
def test_nobody_is_handed_an_example_twice_as_an_independent_reader(
    team: World, plan: dict[str, Any]
) -> None:
    lead, ann, ben = team.person("lead", Role.LEAD), team.person("ann"), team.person("ben")
    batch = team.batch(lead, size=12, audit_share=0, second_share=100, **plan)
    rng = random.Random(7)
    for _ in range(30):
        for who in (ann, ben, lead):
            for card in team.claim(who, batch).cards:
                team.later(seconds=9)
                label = rng.choice(team.labels)
                team.answer(who, card["lease"], Verdict.RELABEL, label)
                whole(team)
    read = [(one.example_id, one.person_id) for one in team.all(Decision)]
    assert len(read) == len(set(read)) > 12


def test_in_a_team_of_two_a_fixed_second_read_confirms_as_well(team: World) -> None:
    ann, ben = team.person("ann"), team.person("ben", Role.LEAD)
    batch = team.batch(ben, size=1, reads=2, audit_share=0)
    first = team.claim(ann, batch, want=1).cards[0]
    team.answer(ann, first["lease"], Verdict.RELABEL, team.labels[1])
    assert [due.reason for due in team.all(ReadDue)] == [Due.COIN]
    second = team.claim(ben, batch, want=1).cards[0]
    done = team.answer(ben, second["lease"], Verdict.RELABEL, team.labels[1])
    assert done.status is Status.RELABELED
    reasons = [one.read_reason for one in team.all(Decision)]
    assert reasons == [ReadReason.FIRST, ReadReason.COIN]
    assert team.all(ReadDue, ReadDue.done_at.is_(None)) == []


def test_an_expert_is_not_sent_what_they_answered(team: World) -> None:
    ann, eve = team.person("ann"), team.person("eve", Role.EXPERT)
    batch = team.batch(team.person("lead", Role.LEAD), size=1, audit_share=0)
    card = team.claim(eve, batch, want=1).cards[0]
    team.answer(eve, card["lease"], Verdict.RELABEL, team.labels[1])
    second = team.claim(ann, batch, want=1).cards[0]
    with writing(team.engine) as session:
        refer(session, ann, second["lease"], note="", now=team.now)
        sent = claim_expert(session, eve, want=8, now=team.now, rng=team.rng)
    assert sent.cards == []
    assert [case.kind for case in team.all(Disagreement)] == [Question.EXPERT]
    whole(team)


def test_what_was_skipped_is_due_at_once_for_others_and_later_for_its_skipper(world: World) -> None:
    ann, ben = world.person("ann"), world.person("ben")
    with writing(world.engine) as session:
        first = world.examples[0]
        for example in world.examples:
            session.execute(
                update(Example).where(Example.id == example).values(status=Status.UNREVIEWED)
            )
    batch = world.batch(ann, size=20, audit_share=0)
    card = world.claim(ann, batch, want=1).cards[0]
    first = card["example"]
    with writing(world.engine) as session:
        skip(session, ann, card["lease"], now=world.now)
    hers = world.claim(ann, batch, want=2).cards
    assert first not in {one["example"] for one in hers}
    his = world.claim(ben, batch, want=1).cards
    assert [one["example"] for one in his] == [first]


def test_alone_what_was_skipped_comes_back_after_twenty_answers_and_then_goes_to_a_lead(
    engine: Engine,
) -> None:
    world = make_world(engine, examples=40)
    ann = world.person("ann", Role.LEAD)
    batch = world.batch(ann, size=40, audit_share=0)
    card = world.claim(ann, batch, want=1).cards[0]
    with writing(engine) as session:
        skip(session, ann, card["lease"], now=world.now)
    for turn in range(REST):
        now = world.claim(ann, batch, want=1).cards[0]
        assert now["example"] != card["example"], turn
        world.answer(ann, now["lease"])
    again = world.claim(ann, batch, want=1).cards[0]
    assert again["example"] == card["example"]
    with writing(engine) as session:
        skip(session, ann, again["lease"], now=world.now)
    assert [case.kind for case in world.all(Disagreement)] == [Question.SKIPPED]
    whole(world)


def test_what_was_skipped_comes_back_when_nothing_else_is_left(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=1, audit_share=0)
    card = world.claim(ann, batch, want=1).cards[0]
    with writing(world.engine) as session:
        skip(session, ann, card["lease"], now=world.now)
    assert [one["example"] for one in world.claim(ann, batch).cards] == [card["example"]]


def test_after_two_people_skipped_it_a_lead_is_asked_at_once(world: World) -> None:
    lead, ann, ben = world.person("lead", Role.LEAD), world.person("ann"), world.person("ben")
    batch = world.batch(lead, size=1, audit_share=0)
    for who in (ann, ben):
        card = world.claim(who, batch, want=1).cards[0]
        with writing(world.engine) as session:
            skip(session, who, card["lease"], now=world.now)
    assert [case.kind for case in world.all(Disagreement)] == [Question.SKIPPED]
    assert world.claim(lead, batch).cards == []
    whole(world)


def test_a_read_that_becomes_unreadable_reaches_a_lead_when_it_arises(team: World) -> None:
    """Nobody's claim has to come back empty first."""
    ann, ben = team.person("ann"), team.person("ben")
    with writing(team.engine) as session:
        own = source_of(session, team.project_id, ben.person_id)
        session.execute(update(Example).values(source_id=own))
    batch = team.batch(ann, size=1, audit_share=0)
    card = team.claim(ann, batch, want=1).cards[0]
    team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[2])
    assert [case.kind for case in team.all(Disagreement)] == [Question.STUCK]
    whole(team)


def test_who_is_taken_off_a_batch_gives_back_what_they_hold_and_gets_no_more(world: World) -> None:
    lead, ann, ben = world.person("lead", Role.LEAD), world.person("ann"), world.person("ben")
    batch = world.batch(lead, size=6, audit_share=0, people=(ann.person_id, ben.person_id))
    cards = world.claim(ann, batch, want=2).cards
    with writing(world.engine) as session:
        lock = lock_project(session, world.project_id)
        here = session.get_one(Batch, batch.id)
        set_people(lock, here, [ben.person_id], now=world.now)
        lock.save()
    ended = {lease.ended_why for lease in world.all(Lease)}
    assert ended == {WhyEnded.LEFT_BATCH}
    late = world.answer(ann, cards[0]["lease"], Verdict.RELABEL, world.labels[1])
    assert late.outcome == "late"
    assert world.example(cards[0]["example"]).status is Status.UNREVIEWED
    got = {card["example"] for card in world.claim(ben, batch, want=6).cards}
    assert {card["example"] for card in cards} <= got


def test_an_example_opened_while_it_is_held_as_a_known_answer_is_read_first(world: World) -> None:
    lead, ann = world.person("lead", Role.LEAD), world.person("ann")
    batch = world.batch(lead, size=1, audit_share=0)
    card = world.claim(lead, batch, want=1).cards[0]
    world.answer(lead, card["lease"])
    with writing(world.engine) as session:
        lease = session.get_one(Lease, 1)
        again = {name: getattr(lease, name) for name in ("project_id", "example_id", "mode")}
        known = Lease(
            **again,
            token="f" * 32,
            person_id=ann.person_id,
            batch_id=batch.id,
            read_reason=ReadReason.KNOWN,
            created_at=world.now,
            expires_at=lease.expires_at,
        )
        session.add(known)
    with writing(world.engine) as session:
        reopen(session, lead, card["example"], key="open-again", now=world.now)
    whole(world)
    done = world.answer(ann, "f" * 32, Verdict.RELABEL, world.labels[2])
    assert (done.outcome, done.status) == ("stored", Status.RELABELED)
    assert world.all(Decision)[-1].read_reason is ReadReason.FIRST


def test_closing_the_last_batch_strands_no_second_read(team: World) -> None:
    lead, ann, ben = team.person("lead", Role.LEAD), team.person("ann"), team.person("ben")
    batch = team.batch(lead, size=1, audit_share=0)
    card = team.claim(ann, batch, want=1).cards[0]
    team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1])
    with writing(team.engine) as session:
        set_state(session, session.merge(batch), BatchState.CLOSED, now=team.now)
    with writing(team.engine) as session:
        owed = claim_expert(session, ben, want=8, now=team.now, rng=team.rng).cards
    assert [(one["example"], one["mode"]) for one in owed] == [(card["example"], "blind")]
    done = team.answer(ben, owed[0]["lease"], Verdict.RELABEL, team.labels[1])
    assert done.status is Status.RELABELED


def test_a_lease_that_was_dealt_with_takes_no_further_answer(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=1, audit_share=0)
    card = world.claim(ann, batch, want=1).cards[0]
    with writing(world.engine) as session:
        skip(session, ann, card["lease"], now=world.now)
    with pytest.raises(LeaseLost):
        world.answer(ann, card["lease"])
