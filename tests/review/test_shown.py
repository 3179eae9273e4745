"""What was shown is what was sent: written on the lease, and on the answer."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import insert, update

from app.db.engine import writing
from app.db.tables.datasets import Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Decision, Event, Lease
from app.db.words import Mode, Role, RunState, Verdict
from app.errors import Conflict, Invalid
from app.review.answering.answers import Submission
from app.review.serving.reveal import reveal
from tests.acting import acting
from tests.conftest import NOON
from tests.review.conftest import World
from tests.steps import submit, undo


def rank(world: World, quality: float) -> int:
    """A complete run that is served from now on; its id."""
    with writing(world.engine) as session:
        run = ScoringRun(
            project_id=world.project_id,
            number=len(world.all(ScoringRun)) + 1,
            state=RunState.COMPLETE,
            seed=1,
            started_at=NOON,
        )
        session.add(run)
        session.flush()
        first, second, third = world.labels
        rows = [
            {
                "run_id": run.id,
                "example_id": example,
                "priority": 1.0,
                "quality": quality,
                "difficulty": 0.25,
                "suggestions": [[second, 0.7], [third, 0.2], [first, 0.1]],
                "neighbours": [[other, 0.5] for other in world.examples[-2:]],
            }
            for example in world.examples
        ]
        session.execute(insert(Score), rows)
        session.execute(update(Project).values(run_id=run.id))
        return run.id


def told(world: World) -> dict[str, Any]:
    """The last answer, as the log has it."""
    body: dict[str, Any] = orjson.loads(world.all(Event)[-1].body)
    assert body["v"] == 2
    data: dict[str, Any] = body["data"]
    return data


def one(world: World, **plan: Any) -> tuple[Any, dict[str, Any]]:
    """A reviewer at the desk of a batch of one, and what was sent."""
    ann = world.person("ann")
    batch = world.batch(world.person("lead", Role.LEAD), size=1, **plan)
    card: dict[str, Any] = world.claim(ann, batch, want=1).cards[0]
    return ann, card


def test_an_answer_carries_what_was_sent_in_ids_and_thousandths(world: World) -> None:
    run_id = rank(world, 0.1234)
    ann, card = one(world, audit_share=0)
    assert (card["quality"], card["difficulty"]) == (0.1234, 0.25)
    world.answer(ann, card["lease"])
    first, second, third = world.labels
    shown = {
        "options": [second, third, first],
        "suggested": second,
        "quality": 123,
        "difficulty": 250,
        "neighbours": world.examples[-2:],
    }
    said, (lease,), (row,) = told(world), world.all(Lease), world.all(Decision)
    assert said["shown"] == lease.shown == row.shown == shown
    assert (said["run"], row.run_id, said["guideline"]) == (run_id, run_id, 1)


def test_with_a_coin_in_the_batch_quality_and_difficulty_are_not_sent(world: World) -> None:
    rank(world, 0.5)
    ann, card = one(world, audit_share=50)
    assert (card["quality"], card["difficulty"], card["options"][0][1]) == (None, None, 0.7)
    world.answer(ann, card["lease"])
    assert (told(world)["shown"]["quality"], told(world)["shown"]["difficulty"]) == (None, None)


def test_what_is_sent_again_comes_from_the_same_run(world: World) -> None:
    before = rank(world, 0.5)
    ann = world.person("ann")
    batch = world.batch(world.person("lead", Role.LEAD), size=1, audit_share=0)
    card = world.claim(ann, batch, want=1).cards[0]
    rank(world, 0.9)
    again = world.claim(ann, batch, want=1).cards[0]
    assert (again["lease"], again["quality"]) == (card["lease"], 0.5)
    said = world.answer(ann, again["lease"])
    assert (told(world)["run"], told(world)["shown"]["quality"]) == (before, 500)
    with writing(world.engine) as session:
        back = undo(session, ann, key="undo-key-1", seq=said.seq, now=world.now, rng=world.rng)
    assert back.card is not None
    assert back.card["quality"] == 0.5


def test_the_revision_is_that_of_the_guideline_when_it_was_sent(world: World) -> None:
    ann, card = one(world, audit_share=0)
    with writing(world.engine) as session:
        session.execute(update(Project).values(guideline_revision=5))
    world.answer(ann, card["lease"])
    assert (told(world)["guideline"], world.all(Decision)[0].guideline_revision) == (1, 1)


def test_deciding_first_the_server_knows_what_was_said_first(world: World) -> None:
    rank(world, 0.5)
    ann, card = one(world, audit_share=0, mode=Mode.DECIDE_FIRST)
    assert "options" not in card
    with pytest.raises(Conflict, match="first answer"):
        world.answer(ann, card["lease"])
    with acting(world.engine, ann, now=world.now) as turn:
        seen = reveal(turn, card["lease"], verdict=Verdict.RELABEL, label=world.labels[2])
    assert seen["options"][0][0] == world.labels[1]
    world.answer(ann, card["lease"], Verdict.RELABEL, world.labels[1])
    first = {"verdict": "relabel", "labels": [world.labels[2]], "reason": None}
    assert told(world)["first_answer"] == first
    assert told(world)["shown"]["quality"] == 500


def test_a_second_reveal_changes_no_first_answer(world: World) -> None:
    rank(world, 0.5)
    ann, card = one(world, audit_share=0, mode=Mode.DECIDE_FIRST)
    for label in world.labels[:2]:
        with acting(world.engine, ann, now=world.now) as turn:
            reveal(turn, card["lease"], verdict=Verdict.RELABEL, label=label)
    world.answer(ann, card["lease"])
    assert told(world)["first_answer"]["labels"] == [world.labels[0]]


def test_blind_an_answer_names_its_label_and_the_server_says_whether_it_confirms(
    world: World,
) -> None:
    ann, card = one(world, audit_share=0, mode=Mode.BLIND)
    given = world.example(card["example"]).given_label_id
    bare = Submission(key="key-of-ann-1", verdict=Verdict.CONFIRM, lease=card["lease"])
    with writing(world.engine) as session, pytest.raises(Invalid, match="nothing to confirm"):
        submit(session, ann, bare, now=world.now, rng=world.rng)
    named = Submission(
        key="key-of-ann-1", verdict=Verdict.RELABEL, lease=card["lease"], label_id=given
    )
    for _ in range(2):  # the same request again answers with the first result
        with writing(world.engine) as session:
            done = submit(session, ann, named, now=world.now, rng=world.rng)
    assert done.outcome == "repeated"
    (row,) = world.all(Decision)
    assert (row.verdict, row.label_id, told(world)["labels"]) == (Verdict.CONFIRM, None, [])
