"""Known answers look like any other example, and tell only how well somebody reads."""

from __future__ import annotations

import pytest

from app.accounts.membership import Member
from app.db.engine import writing
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Decision, Lease, ReadDue
from app.db.words import Mode, ReadReason, Role, Verdict
from app.errors import Invalid
from app.review.answering.look_again import look_again
from app.review.serving.known import known_answers
from tests.review.conftest import World, add_examples
from tests.steps import give_back, refer, skip


def settled_by_two(world: World) -> tuple[Member, Member, Member, list[int]]:
    """Four examples that ann and bob said the same about; cy has seen none of them."""
    ann, bob = world.person("ann", Role.LEAD), world.person("bob")
    batch = world.batch(ann, size=4, reads=2, audit_share=0)
    examples = []
    for card in world.claim(ann, batch, want=4).cards:
        examples.append(card["example"])
        world.answer(ann, card["lease"], Verdict.RELABEL, world.labels[1])
    for card in world.claim(bob, batch, want=4).cards:
        world.answer(bob, card["lease"], Verdict.RELABEL, world.labels[1])
    return ann, bob, world.person("cy"), examples


def known_batch(world: World, lead: Member, share: int = 20, size: int = 12) -> Batch:
    return world.batch(lead, size=size, audit_share=0, known_share=share)


def claim_known(world: World, who: Member, batch: Batch) -> str:
    """Claim until a known answer comes; its lease."""
    held: tuple[str, ...] = ()
    for _ in range(40):
        cards = world.claim(who, batch, want=8, held=held).cards
        held = (*held, *(card["lease"] for card in cards))
        found = world.all(Lease, Lease.read_reason == ReadReason.KNOWN, Lease.ended_at.is_(None))
        if found:
            return str(found[0].token)
        for token in held:
            world.answer(who, token)
        held = ()
    raise AssertionError("no known answer came")


def test_only_what_is_settled_and_was_never_seen_is_known(team: World) -> None:
    ann, bob, cy, examples = settled_by_two(team)
    with writing(team.engine) as session:
        assert sorted(known_answers(session, team.project_id, cy.person_id)) == sorted(examples)
        assert known_answers(session, team.project_id, ann.person_id) == []
        assert known_answers(session, team.project_id, bob.person_id) == []


def test_one_confirmation_alone_settles_nothing(world: World) -> None:
    ann, bob = world.person("ann", Role.LEAD), world.person("bob")
    batch = world.batch(ann, size=4, audit_share=0)
    for card in world.claim(ann, batch, want=4).cards:
        world.answer(ann, card["lease"])
    with writing(world.engine) as session:
        assert known_answers(session, world.project_id, bob.person_id) == []


def test_a_known_answer_comes_as_the_batch_shows_it_and_changes_no_label(team: World) -> None:
    ann, _, cy, examples = settled_by_two(team)
    batch = known_batch(team, ann)
    token = claim_known(team, cy, batch)
    lease = next(one for one in team.all(Lease) if one.token == token)
    assert lease.mode is Mode.EVERYTHING
    assert lease.example_id in examples
    before = team.example(lease.example_id)
    team.answer(cy, token, Verdict.RELABEL, team.labels[2])
    assert team.all(Decision)[-1].read_reason is ReadReason.KNOWN
    after = team.example(lease.example_id)
    assert after.final_label_id == team.labels[1]
    assert after.status is before.status


def test_a_known_answer_that_is_passed_on_is_owed_to_nobody(team: World) -> None:
    ann, _, cy, _ = settled_by_two(team)
    with writing(team.engine) as session:
        add_examples(session, team.project_id, team.labels, count=60)
    batch = known_batch(team, ann, size=70)
    before = len(team.all(ReadDue))
    for away in ("skip", "refer", "give back", "expire"):
        token = claim_known(team, cy, batch)
        with writing(team.engine) as session:
            if away == "skip":
                skip(session, cy, token, now=team.now)
            elif away == "refer":
                refer(session, cy, token, note="", now=team.now)
            elif away == "give back":
                give_back(session, cy, [token], now=team.now)
        if away == "expire":
            team.later(minutes=31)
            dan = team.person("dan")
            team.claim(dan, batch, want=1)
        ended = next(one for one in team.all(Lease) if one.token == token)
        assert ended.ended_at is not None, away
        owed = [due for due in team.all(ReadDue) if due.example_id == ended.example_id]
        assert all(due.done_at is not None for due in owed), away
    assert len(team.all(ReadDue)) >= before


def test_once_nothing_new_is_left_no_known_answer_comes(team: World) -> None:
    ann, _, cy, _ = settled_by_two(team)
    batch = known_batch(team, ann, size=2)
    for _ in range(6):
        for card in team.claim(cy, batch, want=8).cards:
            team.answer(cy, card["lease"])
    assert team.claim(cy, batch, want=8).state == "done"


def test_the_share_is_bounded(world: World) -> None:
    ann = world.person("ann", Role.LEAD)
    with pytest.raises(Invalid, match="known answers"):
        world.batch(ann, size=5, known_share=50)


def test_the_end_of_a_batch_names_missed_checks_and_long_looks(team: World) -> None:
    ann, _, cy, _ = settled_by_two(team)
    batch = known_batch(team, ann)
    token = claim_known(team, cy, batch)
    team.answer(cy, token, Verdict.RELABEL, team.labels[2])
    missed = next(one.example_id for one in team.all(Lease) if one.token == token)
    with writing(team.engine) as session:
        found = look_again(session, session.get_one(Batch, batch.id), cy.person_id)
    assert (found.known, found.as_settled) == (1, 0)
    assert [one.example_id for one in found.looks] == [missed]
    assert found.looks[0].settled_label_id == team.labels[1]
    assert found.looks[0].may_change is False
    assert isinstance(team.example(missed), Example)


def test_a_long_look_may_be_changed(world: World) -> None:
    ann = world.person("ann", Role.LEAD)
    batch = world.batch(ann, size=12, audit_share=0)
    slow = 0
    for turn in range(10):
        card = world.claim(ann, batch, want=1).cards[0]
        world.later(seconds=60 if turn == 4 else 4)
        slow = card["example"] if turn == 4 else slow
        world.answer(ann, card["lease"])
    with writing(world.engine) as session:
        found = look_again(session, session.get_one(Batch, batch.id), ann.person_id)
    assert [(one.example_id, one.may_change) for one in found.looks] == [(slow, True)]
    assert found.looks[0].seconds == pytest.approx(60)
