"""More reads while the model, the given label and all answers leave the right label open."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, update

from app.accounts.membership import Member
from app.audit.accuracy import UNMEASURED, given_accuracy, reviewer_accuracy, shrunk
from app.db.engine import reading, writing
from app.db.tables.datasets import Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Batch, Decision, ReadDue
from app.db.words import Due, Mode, ReadReason, Role, RunState, Status, Verdict
from app.errors import Invalid
from app.review.answering.belief import MOST_READS, REMOVAL_PRIOR, SURE, Belief, belief
from tests.conftest import NOON
from tests.review.conftest import World
from tests.steps import answers_of

NAMES = ("ann", "bob", "cy", "dan", "eve", "flo")


def crowd(world: World) -> list[Member]:
    return [world.person(name, Role.LEAD if name == "ann" else Role.REVIEWER) for name in NAMES]


def one(world: World, lead: Member, example: int = 0) -> Batch:
    """A batch of one example, read until sure."""
    picked = (world.examples[example],)
    return world.batch(lead, by="hand", example_ids=picked, until_sure=True)


def read(world: World, who: Member, batch: Batch, label: int | None = None) -> ReadReason:
    """The one example is read; `label` is a place, None confirms."""
    (card,) = world.claim(who, batch, want=1).cards
    verdict = Verdict.CONFIRM if label is None else Verdict.RELABEL
    world.answer(who, card["lease"], verdict, None if label is None else world.labels[label])
    return world.all(Decision)[-1].read_reason


def owed(world: World) -> list[ReadDue]:
    return world.all(ReadDue, ReadDue.reason == Due.UNTIL_SURE, ReadDue.done_at.is_(None))


def believed(world: World, example: int = 0) -> Belief:
    with reading(world.engine) as session:
        found = belief(
            session,
            world.project_id,
            world.examples[example],
            answers_of(session, world.examples[example]),
        )
    assert found is not None
    return found


def predict(world: World, example: int, shares: list[float]) -> None:
    """What the run that is served says of one example."""
    with writing(world.engine) as session:
        session.execute(delete(Score))
        run = ScoringRun(
            project_id=world.project_id, number=1, state=RunState.COMPLETE, seed=0, started_at=NOON
        )
        session.add(run)
        session.flush()
        session.execute(update(Project).values(run_id=run.id))
        offered = sorted(zip(world.labels, shares, strict=True), key=lambda pair: -pair[1])
        row = {"run_id": run.id, "example_id": world.examples[example]}
        session.execute(insert(Score), [row | {"suggestions": [list(pair) for pair in offered]}])


def test_the_posterior_is_that_worked_by_hand(world: World) -> None:
    ann, *_ = crowd(world)
    read(world, ann, one(world, ann), label=1)
    # Nothing measured: label and answer are right 9 times in 10, wrong in 3 ways alike.
    told = 0.9 / (0.1 / 3)
    weights = [0.33 * told, 0.33 * told, 0.33, REMOVAL_PRIOR]
    found = dict(believed(world).outcomes)
    for label, weight in zip([*world.labels, None], weights, strict=True):
        assert found[label] == pytest.approx(weight / sum(weights))


def test_a_change_alone_is_not_sure_and_a_second_that_agrees_is(world: World) -> None:
    ann, bob, *_ = crowd(world)
    batch = one(world, ann)
    assert read(world, ann, batch, label=1) is ReadReason.FIRST
    assert [due.reason for due in owed(world)] == [Due.UNTIL_SURE]
    assert world.claim(ann, batch, want=1).cards == []
    assert read(world, bob, batch, label=1) is ReadReason.UNTIL_SURE
    assert owed(world) == []
    assert believed(world).best == world.labels[1]
    assert believed(world).sureness >= SURE


def test_a_confirmed_label_is_sure_at_once(world: World) -> None:
    ann, *_ = crowd(world)
    read(world, ann, one(world, ann))
    assert owed(world) == []


def test_a_model_against_the_confirmed_label_asks_for_another_read(world: World) -> None:
    ann, bob, *_ = crowd(world)
    predict(world, 0, [0.001, 0.998, 0.001])
    batch = one(world, ann)
    read(world, ann, batch)
    assert len(owed(world)) == 1
    read(world, bob, batch)
    assert owed(world) == []
    assert believed(world).best == world.labels[0]


def test_people_who_never_agree_are_asked_five_times_and_nobody_twice(world: World) -> None:
    people = crowd(world)
    batch = one(world, people[0])
    for turn, who in enumerate(people[:MOST_READS]):
        read(world, who, batch, label=1 + turn % 2)
    assert len(world.all(Decision)) == MOST_READS
    assert owed(world) == []
    assert len({answer.person_id for answer in world.all(Decision)}) == MOST_READS
    assert world.claim(people[-1], batch, want=1).cards == []


def test_further_reads_never_change_what_is_final(world: World) -> None:
    ann, bob, *_ = crowd(world)
    batch = one(world, ann)
    read(world, ann, batch, label=1)
    read(world, bob, batch, label=2)
    example = world.example(world.examples[0])
    assert (example.status, example.final_label_id) == (Status.RELABELED, world.labels[1])


def test_in_a_team_the_confirming_read_comes_first(team: World) -> None:
    ann, bob, cy, *_ = crowd(team)
    predict(team, 0, [0.3, 0.6, 0.1])
    batch = one(team, ann)
    assert read(team, ann, batch, label=1) is ReadReason.FIRST
    assert owed(team) == []
    assert read(team, bob, batch) is ReadReason.CONFIRM  # the label stays as given, and is unsure
    assert len(owed(team)) == 1
    assert read(team, cy, batch) is ReadReason.UNTIL_SURE


def test_where_everybody_has_read_it_nobody_is_asked(world: World) -> None:
    ann, bob = world.person("ann", Role.LEAD), world.person("bob")
    batch = one(world, ann)
    read(world, ann, batch, label=1)
    read(world, bob, batch, label=2)
    assert owed(world) == []


def test_a_closed_batch_asks_for_nothing_more(world: World) -> None:
    ann, bob, *_ = crowd(world)
    batch = one(world, ann)
    read(world, ann, batch, label=1)
    with writing(world.engine) as session:
        session.execute(update(Batch).values(state="closed"))
    other = world.batch(ann, size=1, audit_share=0)
    cards = world.claim(bob, other, want=4).cards
    for card in cards:
        world.answer(bob, card["lease"], Verdict.RELABEL, world.labels[2])
    assert owed(world) == []


def test_a_grid_cannot_be_read_until_sure(world: World) -> None:
    ann, *_ = crowd(world)
    with pytest.raises(Invalid, match="grid"):
        world.batch(ann, by="grid", given_label_id=world.labels[0], until_sure=True)


def test_accuracy_is_that_of_reads_nobody_chose(world: World) -> None:
    ann, bob, *_ = crowd(world)
    batch = world.batch(ann, size=6, audit_share=0, second_share=100, mode=Mode.EVERYTHING)
    for card in world.claim(ann, batch, want=6).cards:
        world.answer(ann, card["lease"])
    for turn, card in enumerate(world.claim(bob, batch, want=6).cards):
        wrong = turn == 0
        verdict = Verdict.REMOVE if wrong else Verdict.CONFIRM
        world.answer(bob, card["lease"], verdict)
    with reading(world.engine) as session:
        both = {ann.person_id, bob.person_id}
        found = reviewer_accuracy(session, world.project_id, both)
    assert found == {ann.person_id: UNMEASURED, bob.person_id: pytest.approx(shrunk(5, 6))}


def test_given_labels_are_as_right_as_the_audit_found_them(world: World) -> None:
    ann, *_ = crowd(world)
    batch = world.batch(ann, by="audit", size=4)
    for turn, card in enumerate(world.claim(ann, batch, want=4).cards):
        verdict = Verdict.REMOVE if turn == 0 else Verdict.CONFIRM
        world.answer(ann, card["lease"], verdict)
    with reading(world.engine) as session:
        assert given_accuracy(session, world.project_id) == pytest.approx(shrunk(3, 4))
