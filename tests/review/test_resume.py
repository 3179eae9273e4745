"""A skip or a referral is taken back: its reader has the example again, unless somebody took it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from app.accounts.membership import Member
from app.db.engine import writing
from app.db.tables.review import Batch, Disagreement, Event, Lease, ReadDue
from app.db.words import (
    BatchState,
    Due,
    EventKind,
    Mode,
    Question,
    ReadReason,
    Role,
    Verdict,
    WhyDone,
    WhyEnded,
)
from app.errors import Conflict, KeyReused
from app.review.answering.undo import Undone
from tests.review.conftest import World
from tests.steps import claim_expert, refer, set_state, skip, undo


@dataclass
class Desk:
    """Some people at one batch."""

    world: World
    batch: Batch

    def claim(self, who: Member, want: int = 1) -> list[Any]:
        return self.world.claim(who, self.batch, want=want).cards

    def skip(self, who: Member, token: str) -> int:
        with writing(self.world.engine) as session:
            return int(skip(session, who, token, now=self.world.now).ended_seq)

    def refer(self, who: Member, token: str) -> int:
        with writing(self.world.engine) as session:
            lease = refer(session, who, token, note="Ours?", now=self.world.now)
            return int(lease.ended_seq)

    def undo(self, who: Member, key: str = "take-back", **which: Any) -> Undone:
        how = {"now": self.world.now, "rng": self.world.rng, "key": key}
        with writing(self.world.engine) as session:
            return undo(session, who, **how, **which)

    def owed(self) -> list[tuple[Due, int | None]]:
        dues = self.world.all(ReadDue, ReadDue.done_at.is_(None))
        return [(due.reason, due.skipper_id) for due in dues]

    def asked(self) -> list[Question]:
        return [one.kind for one in self.world.all(Disagreement, Disagreement.settled_at.is_(None))]


def at_desk(world: World, **plan: Any) -> tuple[Desk, Member, Member]:
    ann, ben = world.person("ann"), world.person("ben")
    return Desk(world, world.batch(ann, audit_share=0, **plan)), ann, ben


def lease_of(world: World, token: str) -> Lease:
    (lease,) = world.all(Lease, Lease.token == token)
    assert isinstance(lease, Lease)
    return lease


def test_a_skip_that_is_taken_back_was_none(world: World) -> None:
    desk, ann, ben = at_desk(world, size=1)
    (card,) = desk.claim(ann)
    seq = desk.skip(ann, card["lease"])
    assert desk.owed() == [(Due.SKIPPED, ann.person_id)]
    undone = desk.undo(ann, seq=seq)
    assert undone.card is not None
    assert (undone.card["example"], undone.decision_seq) == (card["example"], seq)
    assert (desk.owed(), desk.claim(ben)) == ([], [])  # it is Ann's again
    before, now = lease_of(world, card["lease"]), lease_of(world, undone.card["lease"])
    assert (before.ended_why, before.ended_seq) == (WhyEnded.SKIP_UNDONE, seq)
    assert (now.ended_at, now.read_reason, now.serve_seq) == (None, ReadReason.FIRST, 1)
    for key in ("k1", "k2"):  # it did not count as one of the two that anybody may
        again = desk.undo(ann, key, seq=desk.skip(ann, desk.claim(ann)[0]["lease"]))
        assert again.card is not None
    assert world.answer(ann, again.card["lease"]).outcome == "stored"


def test_the_log_has_it_as_its_own_event(world: World) -> None:
    desk, ann, _ = at_desk(world, size=1)
    (card,) = desk.claim(ann)
    seq = desk.skip(ann, card["lease"])
    undone = desk.undo(ann, "resume-key", batch_id=desk.batch.id)
    (event,) = world.all(Event, Event.kind == EventKind.RESUME)
    assert event.seq == undone.seq
    said = f'"data":{{"aside":{seq},"example":{card["example"]},"key":"resume-key"}}'
    assert said in event.body


@pytest.mark.parametrize("then", ["reads", "answered", "skipped", "ran out"])
def test_what_somebody_took_meanwhile_stays_with_them(world: World, then: str) -> None:
    desk, ann, ben = at_desk(world, size=1)
    seq = desk.skip(ann, desk.claim(ann)[0]["lease"])
    (card,) = desk.claim(ben)
    if then == "answered":
        world.answer(ben, card["lease"])
    elif then == "skipped":
        desk.skip(ben, card["lease"])
    elif then == "ran out":
        world.later(minutes=31)
        back = desk.undo(ann, seq=seq)
        assert back.card is not None and back.card["example"] == card["example"]
        assert lease_of(world, card["lease"]).ended_why == WhyEnded.EXPIRED
        return
    words = "Somebody else reads" if then == "reads" else "Somebody else has dealt with"
    with pytest.raises(Conflict, match=words):
        desk.undo(ann, seq=seq)
    with pytest.raises(Conflict, match="nothing to undo"):
        desk.undo(ann, batch_id=desk.batch.id)


def test_the_second_skip_taken_back_leaves_the_first(world: World) -> None:
    desk, ann, ben = at_desk(world, size=1)
    desk.skip(ann, desk.claim(ann)[0]["lease"])
    seq = desk.skip(ben, desk.claim(ben)[0]["lease"])
    assert (desk.owed(), desk.asked()) == ([], [Question.SKIPPED])
    assert desk.undo(ben, seq=seq).card is not None
    assert (desk.owed(), desk.asked()) == ([(Due.SKIPPED, ann.person_id)], [])


def test_an_own_second_skip_taken_back_leaves_the_own_first(world: World) -> None:
    desk, ann, _ = at_desk(world, size=1)
    first = desk.skip(ann, desk.claim(ann)[0]["lease"])
    second = desk.skip(ann, desk.claim(ann)[0]["lease"])  # nothing else is left
    with pytest.raises(Conflict, match="aside again"):
        desk.undo(ann, seq=first)
    assert desk.undo(ann, seq=second).card is not None
    (due,) = world.all(ReadDue, ReadDue.done_at.is_(None))
    assert (due.skipper_id, due.skipped_seq) == (ann.person_id, first)
    with pytest.raises(Conflict, match="with you again"):
        desk.undo(ann, "other-key", seq=first)


@pytest.mark.parametrize("expert", [True, False])
def test_a_referral_is_taken_back_while_no_expert_has_it(team: World, expert: bool) -> None:
    desk, ann, _ = at_desk(team, size=1)
    eve = team.person("eve", Role.EXPERT if expert else Role.REVIEWER)
    seq = desk.refer(ann, desk.claim(ann)[0]["lease"])
    waits = [(Due.EXPERT, None)] if expert else []
    assert (desk.owed(), desk.asked()) == (waits, [] if expert else [Question.EXPERT])
    undone = desk.undo(ann, seq=seq)
    assert undone.card is not None
    assert (desk.owed(), desk.asked()) == ([], [])
    if expert:
        desk.refer(ann, undone.card["lease"])
        with writing(team.engine) as session:
            handed = claim_expert(session, eve, want=1, now=team.now, rng=team.rng)
        assert [card["example"] for card in handed.cards] == [undone.example_id]
        with pytest.raises(Conflict, match="Somebody else reads"):
            desk.undo(ann, "k2", seq=lease_of(team, undone.card["lease"]).ended_seq)


@pytest.mark.parametrize("how", ["skip", "refer"])
def test_a_second_read_is_owed_again_as_it_was(team: World, how: str) -> None:
    desk, ann, ben = at_desk(team, size=1)
    team.answer(ann, desk.claim(ann)[0]["lease"], Verdict.RELABEL, team.labels[1])
    (card,) = desk.claim(ben)
    seq = desk.skip(ben, card["lease"]) if how == "skip" else desk.refer(ben, card["lease"])
    undone = desk.undo(ben, batch_id=desk.batch.id)
    assert undone.card is not None and undone.decision_seq == seq
    assert (desk.owed(), desk.asked()) == ([(Due.CONFIRM, None)], [])
    lease = lease_of(team, undone.card["lease"])
    assert (lease.mode, lease.read_reason) == (Mode.BLIND, ReadReason.CONFIRM)
    team.answer(ben, undone.card["lease"], Verdict.RELABEL, team.labels[1])
    assert team.example(card["example"]).final_label_id == team.labels[1]
    assert {due.done_why for due in team.all(ReadDue)} <= {WhyDone.ANSWERED, WhyDone.UNDONE}


def test_undo_goes_back_over_answers_and_skips_in_their_order(world: World) -> None:
    desk, ann, ben = at_desk(world, size=4)
    one, two, three, four = desk.claim(ann, 4)
    desk.skip(ann, one["lease"])
    world.answer(ann, two["lease"])
    desk.skip(ann, three["lease"])
    taken = desk.claim(ben)[0]["example"]  # the first that was skipped
    world.answer(ann, four["lease"])
    back = [desk.undo(ann, f"key-{n}", batch_id=desk.batch.id).example_id for n in range(3)]
    assert taken == one["example"]
    assert back == [four["example"], three["example"], two["example"]]


def test_a_request_that_comes_again_changes_nothing(world: World) -> None:
    desk, ann, _ = at_desk(world, size=2)
    one, two = desk.claim(ann, 2)
    seq = desk.skip(ann, one["lease"])
    first = desk.undo(ann, batch_id=desk.batch.id)
    again = desk.undo(ann, batch_id=desk.batch.id)
    assert (again.seq, again.decision_seq, again.card) == (first.seq, seq, None)
    assert desk.skip(ann, one["lease"]) == seq  # the skip itself, a late copy of it
    assert desk.owed() == []
    with pytest.raises(KeyReused):
        desk.refer(ann, one["lease"])
    with pytest.raises(KeyReused):
        desk.undo(ann, seq=desk.skip(ann, two["lease"]))
    with pytest.raises(Conflict, match="taken back already"):
        desk.undo(ann, "other", seq=seq)


def test_in_a_closed_batch_it_stays_as_it_is(world: World) -> None:
    desk, ann, _ = at_desk(world, size=1)
    seq = desk.skip(ann, desk.claim(ann)[0]["lease"])
    with writing(world.engine) as session:
        set_state(session, session.merge(desk.batch), BatchState.CLOSED, now=world.now)
    with pytest.raises(Conflict, match="The batch has ended"):
        desk.undo(ann, seq=seq)
