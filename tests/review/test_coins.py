"""Coins for a second read and a re-check fall once, as an example becomes final."""

from __future__ import annotations

import random

import orjson
import pytest

from app.db.engine import writing
from app.db.tables.review import Decision, Event, ReadDue
from app.db.words import Due, ReadReason, Role, Status, Verdict
from app.review.answering.answers import Submission
from app.review.books import coins
from app.review.books.coins import UNTHROWN, Coins, throw
from app.review.books.fold import Answer, Folded
from tests.review.conftest import World
from tests.steps import reopen, settle, undo

CONFIRM = Answer(7, "1", Verdict.CONFIRM)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every re-check coin falls on its head."""
    monkeypatch.setattr(coins, "RECHECK_SHARE", 1.0)


def thrown(world: World) -> list[tuple[bool | None, bool | None]]:
    """As the rows say it, and as the log does."""
    rows = [(one.coin_second, one.coin_recheck) for one in world.all(Decision)]
    bodies = [orjson.loads(event.body) for event in world.all(Event)]
    said = [body["data"]["coins"] for body in bodies if "coins" in body["data"]]
    assert [(one["second"], one["recheck"]) for one in said] == rows
    return rows


def test_a_change_throws_none_until_it_is_final(team: World, always: None) -> None:
    lead, ann, ben = team.person("lead", Role.LEAD), team.person("ann"), team.person("ben")
    batch = team.batch(lead, size=1, audit_share=0, second_share=100)
    card = team.claim(ann, batch, want=1).cards[0]
    team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1])
    assert thrown(team) == [(None, None)]
    second = team.claim(ben, batch, want=1).cards[0]
    team.answer(ben, second["lease"], Verdict.RELABEL, team.labels[1])
    assert thrown(team) == [(None, None), (True, True)]
    owed = [due.reason for due in team.all(ReadDue, ReadDue.done_at.is_(None))]
    assert owed == [Due.COIN, Due.RECHECK]


@pytest.mark.parametrize("path", ["queue", "direct", "ruling"])
def test_they_fall_by_whatever_path_it_becomes_final(world: World, always: None, path: str) -> None:
    lead, _ = world.person("lead", Role.LEAD), world.person("ann")
    example = world.examples[0]
    if path == "queue":
        batch = world.batch(lead, size=1, audit_share=0)
        world.answer(lead, world.claim(lead, batch, want=1).cards[0]["lease"])
    elif path == "direct":
        world.answer(lead, example_id=example)
    else:
        said = Submission(key="ruling-1", verdict=Verdict.CONFIRM, example_id=example)
        with writing(world.engine) as session:
            settle(session, lead, said, now=world.now)
    assert thrown(world) == [(False, True)]
    assert [due.reason for due in world.all(ReadDue)] == [Due.RECHECK]


def test_undo_and_a_new_answer_throw_nothing_anew(world: World, always: None) -> None:
    lead, _ = world.person("lead", Role.LEAD), world.person("ann")
    batch = world.batch(lead, size=1, audit_share=0)
    said = world.answer(lead, world.claim(lead, batch, want=1).cards[0]["lease"])
    coins.RECHECK_SHARE = 0.0
    with writing(world.engine) as session:
        back = undo(session, lead, key="undo-key-1", seq=said.seq, now=world.now, rng=world.rng)
    assert world.all(ReadDue, ReadDue.done_at.is_(None)) == []
    assert back.card is not None
    world.answer(lead, back.card["lease"], Verdict.RELABEL, world.labels[1])
    assert thrown(world) == [(False, True), (False, True)]
    owed = [due.reason for due in world.all(ReadDue, ReadDue.done_at.is_(None))]
    assert owed == [Due.RECHECK]


def test_an_example_opened_anew_has_its_coins_thrown_anew(world: World, always: None) -> None:
    lead, _ = world.person("lead", Role.LEAD), world.person("ann")
    batch = world.batch(lead, size=1, audit_share=0)
    card = world.claim(lead, batch, want=1).cards[0]
    world.answer(lead, card["lease"])
    coins.RECHECK_SHARE = 0.0
    with writing(world.engine) as session:
        reopen(session, lead, card["example"], key="open-it-1", now=world.now)
    world.answer(lead, world.claim(lead, batch, want=1).cards[0]["lease"])
    assert thrown(world) == [(False, True), (False, False)]


def test_none_follows_a_recheck(world: World, always: None) -> None:
    lead, ann = world.person("lead", Role.LEAD), world.person("ann")
    batch = world.batch(lead, size=1, audit_share=0)
    world.answer(lead, world.claim(lead, batch, want=1).cards[0]["lease"])
    again = world.claim(ann, batch, want=1).cards[0]
    world.answer(ann, again["lease"], Verdict.RELABEL, world.labels[1])
    assert world.all(Decision)[-1].read_reason is ReadReason.RECHECK
    assert thrown(world) == [(False, True), (None, None)]
    assert world.all(ReadDue, ReadDue.done_at.is_(None)) == []


def test_they_are_thrown_only_by_the_answer_that_decides() -> None:
    rng = random.Random(1)
    final = Folded(status=Status.CONFIRMED, decided_seq=7)
    earlier = Folded(status=Status.CONFIRMED, decided_seq=5)
    drawn = throw(rng, final, CONFIRM, before=UNTHROWN, second_share=100)
    assert drawn.second is True
    assert throw(rng, earlier, CONFIRM, before=UNTHROWN, second_share=100) == UNTHROWN
    assert throw(rng, Folded(), CONFIRM, before=UNTHROWN, second_share=100) == UNTHROWN
    before = Coins(False, True)
    assert throw(rng, final, CONFIRM, before=before, second_share=100) == before
