"""Identical examples get one answer: which of them, what is written, and what takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from app.accounts.membership import Member
from app.audit.accuracy import rechecked
from app.db.engine import reading, writing
from app.db.tables.audit import Serve
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.review import Decision, Event, Lease, ReadDue, Reversal
from app.db.words import (
    EventKind,
    ImportState,
    ReadReason,
    Reason,
    Role,
    Status,
    Stream,
    Verdict,
)
from app.errors import KeyReused
from app.review.books.copies import MOST_COPIES
from app.review.books.forgotten import forgotten, misled, misread
from app.review.books.progress import people_in_batch, progress
from tests import steps
from tests.review.conftest import World, make_world, source_of


def make_alike(world: World, *places: int) -> list[int]:
    """The same content in the examples at these places; their ids."""
    ids = [world.examples[place] for place in places]
    with writing(world.engine) as session:
        same = "f" * 60 + f"{places[0]:04x}"
        session.execute(update(Example).where(Example.id.in_(ids)).values(content_hash=same))
    return ids


def by_hand(world: World, lead: Member, examples: Sequence[int], **more: Any) -> Any:
    return world.batch(lead, by="hand", example_ids=tuple(examples), size=len(examples), **more)


def statuses(world: World, examples: Sequence[int]) -> list[Status]:
    return [world.example(one).status for one in examples]


def is_whole(world: World) -> None:
    """The invariant, and the pool of the audit by its own count."""
    with reading(world.engine) as session:
        assert forgotten(session, world.project_id) == []
        assert misread(session, world.project_id) == []
        assert misled(session, world.project_id) == []
        serves = session.scalar(select(func.count()).select_from(Serve))
        project = session.get_one(Project, world.project_id)
        assert project.unserved == len(world.examples) - (serves or 0)


class TestOneAnswer:
    """World: labels alpha, beta, gamma in turn; 0, 3 are alpha, 1 is beta, 2 is gamma."""

    def test_a_confirm_goes_to_all_in_the_words_of_each(self, world: World) -> None:
        lead, reader = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, 0, 1, 3)
        batch = by_hand(world, lead, [same[0]])
        card = world.claim(reader, batch).cards[0]
        assert card["together"] == {
            "examples": 3,
            "labels": 2,
            "words": "The same text appears 3 times, with 2 different labels: "
            "your answer goes to all of them.",
        }
        told = world.answer(reader, card["lease"])
        assert told.copies == 2
        first, beta, alpha = world.all(Decision)
        assert [first.verdict, beta.verdict, alpha.verdict] == [
            Verdict.CONFIRM,
            Verdict.RELABEL,
            Verdict.CONFIRM,
        ]
        assert (beta.label_id, beta.with_seq, alpha.with_seq) == (
            world.labels[0],
            first.seq,
            first.seq,
        )
        assert first.with_seq is None
        assert {one.stream for one in (beta, alpha)} == {Stream.COPY}
        assert {one.read_reason for one in (beta, alpha)} == {ReadReason.FIRST}
        assert len({one.idempotency_key for one in (first, beta, alpha)}) == 3
        assert statuses(world, same) == [Status.CONFIRMED, Status.RELABELED, Status.CONFIRMED]
        served = world.all(Serve)
        assert [one.stream for one in served] == [Stream.QUEUE, Stream.COPY, Stream.COPY]
        assert [one.serve_seq for one in served] == [1, 2, 3]
        assert [one.unserved_before for one in served] == [20, 19, 18]
        is_whole(world)

    def test_the_log_says_what_it_came_with(self, world: World) -> None:
        lead, reader = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, 0, 1)
        batch = by_hand(world, lead, [same[0]])
        world.answer(reader, world.claim(reader, batch).cards[0]["lease"])
        first, copy = world.all(Event, Event.kind == EventKind.DECISION)
        assert '"with"' not in first.body
        assert f'"with":{first.seq}' in copy.body
        assert f'"example":{same[1]}' in copy.body

    def test_a_relabel_and_a_removal(self, world: World) -> None:
        lead, reader = world.person("lead", Role.LEAD), world.person("ann")
        one, other = make_alike(world, 0, 1, 2), make_alike(world, 3, 4)
        batch = by_hand(world, lead, [one[0], other[0]])
        cards = {card["example"]: card for card in world.claim(reader, batch).cards}
        world.answer(reader, cards[one[0]]["lease"], Verdict.RELABEL, world.labels[1])
        assert statuses(world, one) == [Status.RELABELED, Status.CONFIRMED, Status.RELABELED]
        world.answer(reader, cards[other[0]]["lease"], Verdict.REMOVE, reason=Reason.UNREADABLE)
        assert statuses(world, other) == [Status.REMOVED] * 2
        assert world.example(other[1]).removed_reason is Reason.UNREADABLE
        is_whole(world)

    def test_a_removal_as_duplicate_is_of_one_example(self, world: World) -> None:
        lead, reader = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, 0, 1)
        batch = by_hand(world, lead, [same[0]])
        lease = world.claim(reader, batch).cards[0]["lease"]
        world.answer(reader, lease, Verdict.REMOVE, reason=Reason.DUPLICATE)
        assert statuses(world, same) == [Status.REMOVED, Status.UNREVIEWED]
        assert len(world.all(Serve)) == 1

    def test_an_example_without_a_label_gets_the_one_chosen(self, engine: Engine) -> None:
        world = make_world(engine, examples=8, unlabelled=2)
        lead, reader = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, 0, 7)
        batch = by_hand(world, lead, [same[0]])
        card = world.claim(reader, batch).cards[0]
        assert card["together"]["words"] == (
            "The same text appears 2 times: your answer goes to both of them."
        )
        world.answer(reader, card["lease"])
        assert world.example(same[1]).final_label_id == world.labels[0]
        with reading(engine) as session:
            assert session.get_one(Project, world.project_id).unserved == 5  # it was in no pool

    def test_whoever_is_first_direct_or_blind(self, world: World) -> None:
        lead, reader = world.person("lead", Role.LEAD), world.person("ann")
        one, other = make_alike(world, 0, 1), make_alike(world, 2, 3)
        told = world.answer(lead, None, Verdict.CONFIRM, example_id=one[0])
        assert told.copies == 1
        assert [serve.stream for serve in world.all(Serve)] == [Stream.DIRECT, Stream.COPY]
        batch = world.batch(lead, by="hand", example_ids=(other[0],), size=1, mode="blind")
        card = world.claim(reader, batch).cards[0]
        assert card["together"]["labels"] == 2
        assert "given" not in card
        world.answer(reader, card["lease"], Verdict.RELABEL, world.labels[2])
        said = world.all(Decision, Decision.example_id.in_(other))
        assert [one.verdict for one in said] == [Verdict.CONFIRM, Verdict.RELABEL]
        is_whole(world)

    def test_more_than_the_most_are_answered_in_part(self, engine: Engine) -> None:
        world = make_world(engine, examples=MOST_COPIES + 5)
        lead, reader = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, *range(MOST_COPIES + 5))
        batch = by_hand(world, lead, [same[0]])
        card = world.claim(reader, batch).cards[0]
        assert card["together"]["words"] == (
            f"The same text appears more than {MOST_COPIES + 1} times: your answer goes to "
            f"{MOST_COPIES + 1} of them, with 3 different labels."
        )
        assert world.answer(reader, card["lease"]).copies == MOST_COPIES
        assert statuses(world, same).count(Status.UNREVIEWED) == 4
        is_whole(world)

    def test_it_can_be_switched_off(self, world: World) -> None:
        lead, reader = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, 0, 1)
        with writing(world.engine) as session:
            session.get_one(Project, world.project_id).copies_together = False
        batch = by_hand(world, lead, same)
        cards = world.claim(reader, batch).cards
        assert {card["example"] for card in cards} == set(same)
        assert all("together" not in card for card in cards)
        assert world.answer(reader, cards[0]["lease"]).copies == 0


class TestWhichAreLeft:
    def test_nobody_answers_a_copy_whose_label_they_gave(self, world: World) -> None:
        lead, ann, ben = world.person("lead", Role.LEAD), world.person("ann"), world.person("ben")
        same = make_alike(world, 0, 1, 3)
        with writing(world.engine) as session:
            own = source_of(session, world.project_id, ann.person_id)
            session.get_one(Example, same[1]).source_id = own
        batch = by_hand(world, lead, [same[0]])
        card = world.claim(ann, batch).cards[0]
        assert card["together"]["examples"] == 2
        assert card["together"]["labels"] == 1
        world.answer(ann, card["lease"])
        assert statuses(world, same) == [
            Status.CONFIRMED,
            Status.UNREVIEWED,
            Status.CONFIRMED,
        ]
        left = by_hand(world, lead, [same[1]])
        card = world.claim(ben, left).cards[0]
        assert "together" not in card
        world.answer(ben, card["lease"])
        is_whole(world)

    def test_what_somebody_holds_is_theirs(self, world: World) -> None:
        lead, ann, ben = world.person("lead", Role.LEAD), world.person("ann"), world.person("ben")
        same = make_alike(world, 0, 1)
        one, other = by_hand(world, lead, [same[0]]), by_hand(world, lead, [same[1]])
        held = world.claim(ben, other).cards[0]
        card = world.claim(ann, one).cards[0]
        assert "together" not in card
        assert world.answer(ann, card["lease"]).copies == 0
        assert statuses(world, same) == [Status.CONFIRMED, Status.UNREVIEWED]
        world.answer(ben, held["lease"])
        assert statuses(world, same) == [Status.CONFIRMED] * 2

    def test_rows_of_an_import_that_is_not_visible(self, world: World) -> None:
        lead, ann = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, 0, 1)
        with writing(world.engine) as session:
            seen = session.scalars(select(DataImport)).one()
            hidden = DataImport(
                project_id=world.project_id,
                state=ImportState.IMPORTING,
                file_name="more.csv",
                sha256="1" * 64,
                size=1,
                mapping={},
                mapping_hash="more",
                report={},
                created_at=seen.created_at,
            )
            session.add(hidden)
            session.flush()
            session.get_one(Example, same[1]).import_id = hidden.id
        batch = by_hand(world, lead, [same[0]])
        card = world.claim(ann, batch).cards[0]
        assert "together" not in card
        assert world.answer(ann, card["lease"]).copies == 0

    def test_a_copy_of_what_is_in_hand_waits(self, world: World) -> None:
        """Else two cards of one claim would ask the same question."""
        lead, ann = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, 0, 1, 2)
        batch = by_hand(world, lead, [*same, world.examples[5]])
        first = world.claim(ann, batch, 1).cards
        more = world.claim(ann, batch, 4, held=(first[0]["lease"],)).cards
        examples = [card["example"] for card in [*first, *more]]
        assert len([one for one in examples if one in same]) == 1
        assert world.examples[5] in examples
        for card in [*first, *more]:
            world.answer(ann, card["lease"])
        handed = world.claim(ann, batch)
        assert (handed.cards, handed.state) == ([], "done")
        with reading(world.engine) as session:
            mine = progress(session, session.merge(batch), ann.person_id)
            assert (mine.done, mine.own, mine.copies) == (2, 2, 2)
        is_whole(world)

    def test_a_skipped_one_frees_its_copies(self, world: World) -> None:
        lead, ann, ben = world.person("lead", Role.LEAD), world.person("ann"), world.person("ben")
        same = make_alike(world, 0, 1)
        batch = by_hand(world, lead, same)
        (card,) = world.claim(ann, batch).cards
        assert world.claim(ben, batch).cards == []
        with writing(world.engine) as session:
            steps.skip(session, ann, card["lease"], now=world.now)
        (card,) = world.claim(ben, batch).cards
        assert card["together"]["examples"] == 2
        with writing(world.engine) as session:
            steps.skip(session, ben, card["lease"], now=world.now)
        (card,) = world.claim(ben, batch).cards  # two put it aside: a lead is asked
        assert "together" not in card
        world.answer(ben, card["lease"])
        assert statuses(world, same) == [Status.UNREVIEWED, Status.CONFIRMED]
        is_whole(world)


class TestSecondReads:
    def pending(self, team: World) -> tuple[list[int], Any, Member, Member]:
        lead, ann, ben = team.person("lead", Role.LEAD), team.person("ann"), team.person("ben")
        same = make_alike(team, 0, 1, 3)
        batch = by_hand(team, lead, [same[0]])
        card = team.claim(ann, batch).cards[0]
        team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1])
        assert statuses(team, same) == [Status.PENDING, Status.CONFIRMED, Status.PENDING]
        is_whole(team)
        return same, batch, ann, ben

    def test_one_confirming_read_is_enough(self, team: World) -> None:
        same, batch, _, ben = self.pending(team)
        card = team.claim(ben, batch, 1).cards[0]
        assert card["together"]["examples"] == 2
        told = team.answer(ben, card["lease"], Verdict.RELABEL, team.labels[1])
        assert told.copies == 1
        assert statuses(team, same) == [Status.RELABELED, Status.CONFIRMED, Status.RELABELED]
        assert team.all(ReadDue, ReadDue.done_at.is_(None)) == []
        is_whole(team)

    def test_undo_of_the_second_read_opens_both_again(self, team: World) -> None:
        same, batch, _, ben = self.pending(team)
        card = team.claim(ben, batch, 1).cards[0]
        told = team.answer(ben, card["lease"], Verdict.RELABEL, team.labels[1])
        with writing(team.engine) as session:
            steps.undo(session, ben, key="undo-it", seq=told.seq, now=team.now)
        assert statuses(team, same) == [Status.PENDING, Status.CONFIRMED, Status.PENDING]
        is_whole(team)
        with writing(team.engine) as session:
            steps.redo(session, ben, key="redo-it", seq=told.seq, now=team.now)
        assert statuses(team, same) == [Status.RELABELED, Status.CONFIRMED, Status.RELABELED]
        is_whole(team)

    def test_one_that_another_holds_is_read_by_itself(self, team: World) -> None:
        same, batch, _, ben = self.pending(team)
        cat = team.person("cat")
        mine = team.claim(ben, batch, 1).cards[0]
        theirs = team.claim(cat, batch, 1).cards[0]
        assert {mine["example"], theirs["example"]} == {same[0], same[2]}
        team.answer(ben, mine["lease"], Verdict.RELABEL, team.labels[1])
        assert team.example(theirs["example"]).status is Status.PENDING
        team.answer(cat, theirs["lease"], Verdict.RELABEL, team.labels[1])
        assert statuses(team, same) == [Status.RELABELED, Status.CONFIRMED, Status.RELABELED]
        is_whole(team)

    def test_a_second_reader_who_gave_its_label_leaves_that_one(self, team: World) -> None:
        same, batch, _, ben = self.pending(team)
        with writing(team.engine) as session:
            own = source_of(session, team.project_id, ben.person_id)
            session.get_one(Example, same[2]).source_id = own
        (card,) = team.claim(ben, batch).cards
        assert card["example"] == same[0]
        assert "together" not in card
        team.answer(ben, card["lease"], Verdict.RELABEL, team.labels[1])
        assert statuses(team, same)[2] is Status.PENDING

    def test_a_second_read_of_every_example_confirms_the_copies_too(self, team: World) -> None:
        lead, ann, ben = team.person("lead", Role.LEAD), team.person("ann"), team.person("ben")
        same = make_alike(team, 1, 0, 3)
        batch = by_hand(team, lead, [same[0]], reads=2)
        team.answer(ann, team.claim(ann, batch).cards[0]["lease"])
        assert statuses(team, same) == [Status.CONFIRMED, Status.PENDING, Status.PENDING]
        card = next(c for c in team.claim(ben, batch).cards if c["example"] == same[0])
        held = [c.example_id for c in team.all(Lease, Lease.ended_at.is_(None))]
        told = team.answer(ben, card["lease"], Verdict.RELABEL, team.labels[1])
        assert told.copies == len(set(same[1:]) - set(held))
        is_whole(team)

    def test_a_coin_read_alone_goes_to_what_nobody_holds(self, team: World) -> None:
        lead, ann, ben = team.person("lead", Role.LEAD), team.person("ann"), team.person("ben")
        same = make_alike(team, 1, 0, 3)
        batch = by_hand(team, lead, [same[0]], reads=2)
        team.answer(ann, team.claim(ann, batch).cards[0]["lease"])
        cards = team.claim(ben, batch, 1).cards
        while cards[0]["example"] != same[0]:
            with writing(team.engine) as session:
                steps.skip(session, ben, cards[0]["lease"], now=team.now)
            cards = team.claim(ben, batch, 1).cards
        assert cards[0]["together"]["examples"] > 1
        team.answer(ben, cards[0]["lease"], Verdict.RELABEL, team.labels[1])
        is_whole(team)


class TestTakingBack:
    def answered(self, world: World) -> tuple[list[int], Any, Member, Any]:
        lead, ann = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, 0, 1, 3)
        batch = by_hand(world, lead, [same[0]])
        lease = world.claim(ann, batch).cards[0]["lease"]
        return same, batch, ann, world.answer(ann, lease, key="the-first")

    def undo(self, world: World, who: Member, **more: Any) -> Any:
        with writing(world.engine) as session:
            return steps.undo(session, who, now=world.now, **more)

    def test_undo_takes_back_all_and_its_card_says_so_again(self, world: World) -> None:
        same, batch, ann, first = self.answered(world)
        back = self.undo(world, ann, key="undo-it", batch_id=batch.id)
        assert back.decision_seq == first.seq
        assert back.card["together"]["examples"] == 3
        assert statuses(world, same) == [Status.UNREVIEWED] * 3
        assert len(world.all(Reversal, Reversal.kind == EventKind.UNDO)) == 3
        is_whole(world)
        told = world.answer(ann, back.card["lease"], Verdict.RELABEL, world.labels[1])
        assert told.copies == 2
        assert statuses(world, same) == [Status.RELABELED, Status.CONFIRMED, Status.RELABELED]
        assert len(world.all(Serve)) == 3
        is_whole(world)

    def test_redo_lets_all_stand_again(self, world: World) -> None:
        same, batch, ann, first = self.answered(world)
        self.undo(world, ann, key="undo-it", batch_id=batch.id)
        with writing(world.engine) as session:
            steps.redo(session, ann, key="redo-it", seq=first.seq, now=world.now)
        assert statuses(world, same) == [Status.CONFIRMED, Status.RELABELED, Status.CONFIRMED]
        is_whole(world)

    def test_redo_leaves_what_another_took_meanwhile(self, world: World) -> None:
        same, batch, ann, first = self.answered(world)
        ben = world.person("ben")
        self.undo(world, ann, key="undo-it", batch_id=batch.id)
        theirs = world.claim(ben, batch, 1).cards[0]
        assert theirs["example"] in same[1:]
        with writing(world.engine) as session:
            steps.redo(session, ann, key="redo-it", seq=first.seq, now=world.now)
        assert world.example(theirs["example"]).status is Status.UNREVIEWED
        world.answer(ben, theirs["lease"])
        is_whole(world)

    def test_the_same_keys_again_change_nothing(self, world: World) -> None:
        _, batch, ann, first = self.answered(world)
        lease = world.all(Lease)[0].token
        again = world.answer(ann, lease, key="the-first")
        assert (again.outcome, again.seq, again.copies) == ("repeated", first.seq, 2)
        assert len(world.all(Decision)) == 3
        self.undo(world, ann, key="undo-it", batch_id=batch.id)
        self.undo(world, ann, key="undo-it", batch_id=batch.id)
        assert len(world.all(Reversal)) == 3
        with pytest.raises(KeyReused):
            world.answer(ann, lease, Verdict.RELABEL, world.labels[2], key="the-first")

    def test_the_last_answer_is_the_one_that_was_looked_at(self, world: World) -> None:
        _, _, ann, first = self.answered(world)
        back = self.undo(world, ann, key="undo-it")
        assert back.decision_seq == first.seq

    def test_another_answer_in_its_place_goes_to_all(self, world: World) -> None:
        same, _, ann, first = self.answered(world)
        told = world.answer(
            ann,
            None,
            Verdict.RELABEL,
            world.labels[1],
            example_id=same[0],
            supersedes=first.seq,
        )
        assert statuses(world, same) == [Status.RELABELED, Status.CONFIRMED, Status.RELABELED]
        newest = world.all(Decision, Decision.with_seq == told.seq)
        assert len(newest) == 2
        world.answer(
            ann,
            None,
            Verdict.REMOVE,
            example_id=same[0],
            supersedes=told.seq,
            reason=Reason.DUPLICATE,
        )
        assert statuses(world, same) == [Status.REMOVED, Status.CONFIRMED, Status.RELABELED]

    def test_one_copy_may_be_taken_back_alone(self, world: World) -> None:
        same, _, ann, first = self.answered(world)
        copy = world.all(Decision, Decision.example_id == same[1])[0]
        self.undo(world, ann, key="undo-one", seq=copy.seq)
        assert statuses(world, same) == [
            Status.CONFIRMED,
            Status.UNREVIEWED,
            Status.CONFIRMED,
        ]
        is_whole(world)
        self.undo(world, ann, key="undo-all", seq=first.seq)
        with writing(world.engine) as session:
            steps.redo(session, ann, key="redo-all", seq=first.seq, now=world.now)
        assert world.example(same[1]).status is Status.UNREVIEWED


class TestWhatIsCounted:
    def test_copies_are_no_looks(self, world: World) -> None:
        lead, ann = world.person("lead", Role.LEAD), world.person("ann")
        same = make_alike(world, 0, 1, 3)
        batch = by_hand(world, lead, [same[0], world.examples[5]])
        for card in world.claim(ann, batch).cards:
            world.later(seconds=6)
            world.answer(ann, card["lease"])
        copies = world.all(Decision, Decision.with_seq.is_not(None))
        assert {one.seconds for one in copies} == {0.0}
        assert {(one.coin_second, one.coin_recheck) for one in copies} == {(None, None)}
        with reading(world.engine) as session:
            mine = progress(session, session.merge(batch), ann.person_id)
            assert (mine.done, mine.size, mine.confirmed, mine.copies) == (2, 2, 2, 2)
            (part,) = people_in_batch(session, session.merge(batch))
            assert (part.answers, part.changes, part.copies) == (2, 0, 2)
            assert rechecked(session, world.project_id) == (0, 0)

    def test_a_batch_of_n_is_still_n_looks(self, world: World) -> None:
        """A member that was answered as a copy makes room for the next of the rule."""
        lead, ann = world.person("lead", Role.LEAD), world.person("ann")
        make_alike(world, 19, 18, 17)
        batch = world.batch(lead, by="priority", size=5, audit_share=0)
        looks = 0
        while cards := world.claim(ann, batch).cards:
            for card in cards:
                world.answer(ann, card["lease"])
                looks += 1
        assert looks == 5
        assert len(world.all(Decision)) >= 5
        is_whole(world)
