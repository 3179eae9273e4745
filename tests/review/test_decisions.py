"""Decisions: acknowledged once, fenced by leases, judged by the policy, undone by events."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import pytest
import rfc8785
from sqlalchemy import Engine

from app.datasets.labels import NOT_YET, NewLabel, add_labels
from app.db.engine import writing
from app.db.tables.review import Decision, Disagreement, Event, Lease, ReadDue
from app.db.words import (
    BatchState,
    Due,
    Mode,
    Question,
    ReadReason,
    Reason,
    Role,
    Status,
    Verdict,
)
from app.errors import (
    BatchClosed,
    Conflict,
    Forbidden,
    Invalid,
    KeyReused,
    LeaseLost,
    NotFound,
)
from app.review.answering.answers import Submission
from app.review.books.cases import count_open, open_cases
from tests.review.conftest import World, add_examples, make_world, source_of
from tests.steps import give_back, leave, redo, reopen, set_state, settle, undo


def first_lease(world: World, who: Any, batch: Any) -> dict[str, Any]:
    card: dict[str, Any] = world.claim(who, batch, want=1).cards[0]
    return card


def test_a_retry_with_the_same_key_answers_with_the_first_result(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=5, audit_share=0)
    card = first_lease(world, ann, batch)
    first = world.answer(ann, card["lease"], key="k")
    again = world.answer(ann, card["lease"], key="k")
    assert (first.outcome, again.outcome) == ("stored", "repeated")
    assert first.seq == again.seq
    assert len(world.all(Decision)) == 1
    with pytest.raises(KeyReused):
        world.answer(ann, card["lease"], Verdict.RELABEL, world.labels[1], key="k")
    with pytest.raises(LeaseLost):
        world.answer(ann, card["lease"], key="other")


def test_the_log_is_chained_over_canonical_bytes(team: World) -> None:
    ann, bob = team.person("ann"), team.person("bob")
    batch = team.batch(ann, size=5, audit_share=50)
    for who in (ann, bob):
        for card in team.claim(who, batch, want=2).cards:
            team.answer(who, card["lease"], Verdict.RELABEL, team.labels[0], note="näh \u2028 ok")
    before = bytes(32)
    for place, event in enumerate(team.all(Event), start=1):
        body = event.body.encode()
        assert event.seq == place == orjson.loads(body)["seq"]
        assert event.hash == hashlib.sha256(before + body).digest()
        assert rfc8785.dumps(orjson.loads(body)) == body
        assert "näh" not in event.body, "words of people stay outside the log"
        before = event.hash


def test_a_change_waits_for_a_second_reader_who_sees_nothing_of_the_first(team: World) -> None:
    ann, bob = team.person("ann"), team.person("bob")
    batch = team.batch(ann, size=1, audit_share=0)
    card = first_lease(team, ann, batch)
    assert team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1]).status is Status.PENDING
    assert team.claim(ann, batch).cards == []
    second = first_lease(team, bob, batch)
    assert second["example"] == card["example"]
    assert second["mode"] == Mode.BLIND and "given" not in second
    recorded = team.answer(bob, second["lease"], Verdict.RELABEL, team.labels[1])
    assert recorded.status is Status.RELABELED
    assert team.example(card["example"]).final_label_id == team.labels[1]
    assert [d.read_reason for d in team.all(Decision)] == [ReadReason.FIRST, ReadReason.CONFIRM]


def test_a_disagreement_is_settled_by_a_lead_and_a_change_not_confirmed_is_listed(
    team: World,
) -> None:
    ann, bob = team.person("ann"), team.person("bob")
    lea = team.person("lea", Role.LEAD)
    batch = team.batch(lea, size=2, audit_share=0)
    one, two = team.claim(ann, batch, want=2).cards
    for card in (one, two):
        team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[2])
    for card in team.claim(bob, batch, want=2).cards:
        if card["example"] == one["example"]:
            team.answer(bob, card["lease"], Verdict.REMOVE)
        else:
            team.answer(bob, card["lease"])
    with writing(team.engine) as session:
        kinds = {case.kind: case for case in open_cases(session, team.project_id)}
        assert set(kinds) == {Question.DISAGREEMENT, Question.NOT_CONFIRMED}
        ruling = Submission(
            key="r", verdict=Verdict.RELABEL, example_id=one["example"], label_id=team.labels[2]
        )
        assert settle(session, lea, ruling, now=team.now).status is Status.RELABELED
        leave(session, lea, kinds[Question.NOT_CONFIRMED].id, now=team.now)
        assert count_open(session, team.project_id) == {}
    assert team.example(two["example"]).status is Status.CONFIRMED
    with writing(team.engine) as session:
        reopen(session, lea, two["example"], key="o", now=team.now)
    assert team.example(two["example"]).status is Status.UNREVIEWED
    assert first_lease(team, bob, batch)["example"] == two["example"]


def test_a_late_answer_counts_when_nobody_took_the_example(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=1, audit_share=0)
    card = first_lease(world, ann, batch)
    world.later(minutes=45)
    assert world.answer(ann, card["lease"]).outcome == "stored"
    assert world.example(card["example"]).status is Status.CONFIRMED


def test_a_late_answer_is_kept_apart_when_somebody_took_it_and_compared_at_the_end(
    world: World,
) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    batch = world.batch(ann, size=1, audit_share=0)
    hers = first_lease(world, ann, batch)
    world.later(minutes=31)
    his = first_lease(world, bob, batch)
    late = world.answer(ann, hers["lease"], Verdict.RELABEL, world.labels[1])
    assert (late.outcome, late.message, late.status) == (
        "late",
        "went_to_someone",
        Status.UNREVIEWED,
    )
    assert world.answer(bob, his["lease"]).status is Status.CONFIRMED
    again = world.answer(ann, hers["lease"], Verdict.RELABEL, world.labels[1], key="key-1")
    assert again.outcome == "repeated"
    with writing(world.engine) as session:
        assert set(count_open(session, world.project_id)) == {Question.DIFFERS}


def test_undo_brings_the_example_back_and_redo_restores_the_answer(team: World) -> None:
    ann = team.person("ann")
    batch = team.batch(ann, size=3, audit_share=0)
    card = first_lease(team, ann, batch)
    answered = team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1])
    with writing(team.engine) as session:
        undone = undo(session, ann, key="u", batch_id=batch.id, now=team.now, rng=team.rng)
    assert undone.card is not None and undone.card["example"] == card["example"]
    assert team.example(card["example"]).status is Status.UNREVIEWED
    assert [due.done_why for due in team.all(ReadDue) if due.reason is Due.CONFIRM] == ["undone"]
    with writing(team.engine) as session:
        assert undo(session, ann, key="u", now=team.now, rng=team.rng).seq == undone.seq
        redo(session, ann, key="r", seq=answered.seq, now=team.now)
    assert team.example(card["example"]).status is Status.PENDING
    open_leases = [lease for lease in team.all(Lease) if lease.ended_at is None]
    assert open_leases == []
    with pytest.raises(LeaseLost):
        team.answer(ann, undone.card["lease"])


def test_an_own_answer_can_be_changed_until_the_batch_ends(team: World) -> None:
    ann, bob = team.person("ann"), team.person("bob")
    batch = team.batch(ann, size=1, audit_share=0)
    card = first_lease(team, ann, batch)
    first = team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1])
    changed = team.answer(ann, None, supersedes=first.seq)
    assert changed.status is Status.CONFIRMED
    with pytest.raises(LeaseLost):
        team.answer(ann, None, supersedes=first.seq)
    with pytest.raises(NotFound):
        team.answer(bob, None, supersedes=changed.seq)
    with writing(team.engine) as session:
        set_state(session, session.merge(batch), BatchState.CLOSED, now=team.now)
    with pytest.raises(BatchClosed):
        team.answer(ann, None, supersedes=changed.seq)


def test_a_closed_batch_takes_no_more_answers(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=1, audit_share=0)
    card = first_lease(world, ann, batch)
    with writing(world.engine) as session:
        set_state(session, session.merge(batch), BatchState.CLOSED, now=world.now)
    with pytest.raises(BatchClosed):
        world.answer(ann, card["lease"])
    assert world.all(Decision) == []


def test_alone_in_a_project_a_change_goes_to_the_leads(team: World) -> None:
    ann = team.person("ann")
    batch = team.batch(ann, size=1, audit_share=0)
    team.answer(ann, first_lease(team, ann, batch)["lease"], Verdict.REMOVE)
    assert [case.kind for case in team.all(Disagreement)] == [Question.STUCK]


def test_private_data_is_hidden_at_once_and_a_lead_told(team: World) -> None:
    ann, bob = team.person("ann"), team.person("bob")
    batch = team.batch(ann, size=1, audit_share=0)
    card = first_lease(team, ann, batch)
    team.answer(ann, card["lease"], Verdict.REMOVE, reason=Reason.PRIVATE)
    assert team.claim(bob, batch).cards == [], "nobody else gets to read it"
    assert team.example(card["example"]).removed_reason is Reason.PRIVATE
    assert [case.kind for case in team.all(Disagreement)] == [Question.PRIVATE]


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": Verdict.RELABEL},
        {"verdict": Verdict.RELABEL, "label": 999_999},
        {"verdict": Verdict.CONFIRM, "label": 1},
        {"verdict": Verdict.REMOVE, "reason": None},
        {"verdict": Verdict.REMOVE, "reason": Reason.OTHER},
        {"verdict": Verdict.CONFIRM, "reason": Reason.OTHER},
    ],
)
def test_an_answer_that_makes_no_sense_changes_nothing(world: World, wrong: dict[str, Any]) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=1, audit_share=0)
    card = first_lease(world, ann, batch)
    with pytest.raises(Invalid):
        world.answer(ann, card["lease"], **wrong)
    assert world.all(Decision) == []
    assert world.answer(ann, card["lease"]).outcome == "stored"


def test_a_label_whose_import_is_under_way_cannot_be_chosen(world: World) -> None:
    """It goes if the import is cancelled, so no answer may name it."""
    ann, lea = world.person("ann"), world.person("lea", Role.LEAD)
    card = first_lease(world, ann, world.batch(lea, size=1, audit_share=0))
    with writing(world.engine) as session:
        unseen = add_labels(session, world.project_id, [NewLabel("new")], revision=NOT_YET)["new"]
    for who, place in ((ann, {"lease": card["lease"]}), (lea, {"example_id": world.examples[-1]})):
        with pytest.raises(Invalid, match="label of this project"):
            world.answer(who, verdict=Verdict.RELABEL, label=unseen, **place)
    ruling = Submission(
        key="r", verdict=Verdict.RELABEL, example_id=card["example"], label_id=unseen
    )
    with writing(world.engine) as session, pytest.raises(Invalid):
        settle(session, lea, ruling, now=world.now)
    assert world.all(Decision) == []


def test_confirming_an_unlabelled_example_is_refused(engine: Engine) -> None:
    world = make_world(engine, examples=1, unlabelled=1)
    ann = world.person("ann")
    card = first_lease(world, ann, world.batch(ann, size=1))
    with pytest.raises(Invalid, match="no label to confirm"):
        world.answer(ann, card["lease"])


def test_a_direct_answer_is_a_serve_and_never_confirms_a_served_example(team: World) -> None:
    """Who has seen its history on the screen gives no independent read of it either."""
    ann, bob, cy = (team.person(name, Role.EXPERT) for name in ("ann", "bob", "cy"))
    example = team.examples[0]
    one = team.answer(ann, None, Verdict.RELABEL, team.labels[1], example_id=example)
    assert one.status is Status.PENDING
    two = team.answer(bob, None, Verdict.RELABEL, team.labels[1], example_id=example)
    assert (two.outcome, two.status) == ("late", Status.PENDING)
    batch = team.batch(ann, size=3, audit_share=0)
    assert example not in {c["example"] for c in team.claim(bob, batch).cards}
    card = next(c for c in team.claim(cy, batch).cards if c["example"] == example)
    assert team.answer(cy, card["lease"], Verdict.RELABEL, team.labels[1]).status is (
        Status.RELABELED
    )


def test_a_direct_answer_is_a_first_one_where_nothing_stands_and_nobody_holds_it(
    team: World,
) -> None:
    ann, eve = team.person("ann"), team.person("eve", Role.EXPERT)
    batch = team.batch(ann, size=2, audit_share=0)
    held, back = (card["example"] for card in team.claim(ann, batch, want=2).cards)
    tokens = {lease.example_id: lease.token for lease in team.all(Lease)}
    with writing(team.engine) as session:
        give_back(session, ann, [tokens[back]], now=team.now)
    late = team.answer(eve, None, Verdict.RELABEL, team.labels[1], example_id=held)
    first = team.answer(eve, None, Verdict.RELABEL, team.labels[1], example_id=back)
    assert (late.outcome, late.status) == ("late", Status.UNREVIEWED)
    assert (first.outcome, first.status) == ("stored", Status.PENDING)
    owed = [due.reason for due in team.all(ReadDue, ReadDue.done_at.is_(None))]
    assert owed == [Due.CONFIRM], "the first read that was owed is given"


def test_reviewers_answer_what_was_handed_out(team: World) -> None:
    ann = team.person("ann")
    with pytest.raises(Forbidden, match="handed out"):
        team.answer(ann, None, example_id=team.examples[0])
    assert team.all(Decision) == []


def test_nobody_answers_twice_or_judges_a_label_of_theirs(world: World) -> None:
    eve, lea = world.person("eve", Role.EXPERT), world.person("lea", Role.LEAD)
    world.answer(eve, None, example_id=world.examples[0])
    with pytest.raises(Conflict, match="read this example already"):
        world.answer(eve, None, example_id=world.examples[0])
    with writing(world.engine) as session:
        source = source_of(session, world.project_id, lea.person_id)
        mine = add_examples(session, world.project_id, world.labels, count=1, source_id=source)[0]
    with pytest.raises(Forbidden, match="gave this example its label"):
        world.answer(lea, None, example_id=mine)
    ruling = Submission(key="r", verdict=Verdict.CONFIRM, example_id=mine)
    with writing(world.engine) as session, pytest.raises(Forbidden, match="its label"):
        settle(session, lea, ruling, now=world.now)
    assert [one.example_id for one in world.all(Decision)] == [world.examples[0]]


def test_a_strangers_lease_does_not_exist(world: World) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    card = first_lease(world, ann, world.batch(ann, size=1, audit_share=0))
    with pytest.raises(NotFound):
        world.answer(bob, card["lease"])


def test_undoing_twice_says_that_there_is_nothing_to_undo(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=1, audit_share=0)
    world.answer(ann, first_lease(world, ann, batch)["lease"])
    with writing(world.engine) as session:
        undo(session, ann, key="a", batch_id=batch.id, now=world.now, rng=world.rng)
    with writing(world.engine) as session, pytest.raises(Conflict, match="nothing to undo"):
        undo(session, ann, key="b", batch_id=batch.id, now=world.now, rng=world.rng)
