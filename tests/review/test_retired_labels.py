"""A retired label: what is stored of an example stays the fold of its log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.actions.tasks.registry import TASKS
from app.db.engine import reading, writing
from app.db.tables.jobs import Job
from app.db.tables.review import Disagreement, ReadDue
from app.db.words import FINAL, Due, Role, Status, Verdict
from app.errors import Forbidden, LabelRetired
from app.jobs.queue import claim
from app.jobs.task import AtWork
from app.progress import quiet
from app.review.answering.retired_labels import AT_ONCE, FOLD_AGAIN
from app.review.books.standing import folded
from app.settings import Settings
from tests.review.conftest import World, make_world
from tests.steps import retire

ALPHA, BETA, GAMMA = 0, 1, 2


def retire_into(world: World, who: Any, old: int, new: int) -> None:
    with writing(world.engine) as session:
        retire(session, who, world.labels[old], replaced_by=world.labels[new], now=world.now)


def stored(world: World, place: int) -> tuple[Status, int | None]:
    """Status and final label of the example at `place`, whose given label is `place % 3`."""
    example = world.example(world.examples[place])
    final = example.final_label_id
    return example.status, None if final is None else world.labels.index(final)


def differing(world: World) -> list[int]:
    """Examples whose stored state is not what their log says."""
    found = []
    with reading(world.engine) as session:
        for example_id in world.examples:
            state = folded(session, world.project_id, example_id)
            label = state.labels[0] if state.final and state.labels else None
            example = world.example(example_id)
            if (example.status, example.final_label_id) != (state.status, label):
                found.append(example_id)
    return found


def say(world: World, who: Any, place: int, label: int | None = None) -> Any:
    """A direct answer about the example at `place`: this label, or what was given."""
    verdict = Verdict.CONFIRM if label is None else Verdict.RELABEL
    chosen = None if label is None else world.labels[label]
    return world.answer(who, None, verdict, chosen, example_id=world.examples[place])


def test_decided_examples_carry_what_replaced_their_label(world: World) -> None:
    lea = world.person("lea", Role.LEAD)
    say(world, lea, 0, BETA)
    say(world, lea, 1)
    say(world, lea, 2, BETA)
    say(world, lea, 3)
    say(world, lea, 4, GAMMA)
    retire_into(world, lea, BETA, ALPHA)
    assert stored(world, 0) == (Status.CONFIRMED, ALPHA), "the change is none any more"
    assert stored(world, 1) == (Status.CONFIRMED, ALPHA)
    assert stored(world, 2) == (Status.RELABELED, ALPHA)
    assert stored(world, 3) == (Status.CONFIRMED, ALPHA)
    assert stored(world, 4) == (Status.RELABELED, GAMMA)
    assert stored(world, 7) == (Status.UNREVIEWED, None)
    assert differing(world) == [] and world.all(Job) == []


def test_labels_retired_one_after_the_other_lead_to_the_last(world: World) -> None:
    lea = world.person("lea", Role.LEAD)
    say(world, lea, 2)
    say(world, lea, 0, GAMMA)
    retire_into(world, lea, GAMMA, BETA)
    assert (stored(world, 2), stored(world, 0)) == (
        (Status.CONFIRMED, BETA),
        (Status.RELABELED, BETA),
    )
    retire_into(world, lea, BETA, ALPHA)
    assert (stored(world, 2), stored(world, 0)) == (
        (Status.CONFIRMED, ALPHA),
        (Status.CONFIRMED, ALPHA),
    )
    assert differing(world) == []


def test_what_waited_is_settled_when_the_answers_now_agree(team: World) -> None:
    lea, ann, bob = team.person("lea", Role.LEAD), team.person("ann"), team.person("bob")
    batch = team.batch(lea, by="hand", example_ids=tuple(team.examples[:4:3]), audit_share=0)
    for card in team.claim(ann, batch).cards:
        team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[BETA])
    again = next(c for c in team.claim(bob, batch).cards if c["example"] == team.examples[3])
    team.answer(bob, again["lease"], Verdict.RELABEL, team.labels[GAMMA])
    assert (stored(team, 0)[0], stored(team, 3)[0]) == (Status.PENDING, Status.DISAGREEMENT)
    retire_into(team, lea, GAMMA, BETA)
    assert stored(team, 3) == (Status.RELABELED, BETA)
    assert [case for case in team.all(Disagreement) if case.settled_at is None] == []
    assert stored(team, 0)[0] is Status.PENDING
    retire_into(team, lea, BETA, ALPHA)
    assert stored(team, 0) == stored(team, 3) == (Status.CONFIRMED, ALPHA)
    owed = [due for due in team.all(ReadDue) if due.done_at is None]
    assert [due for due in owed if due.reason is Due.CONFIRM] == []
    assert differing(team) == []


@pytest.mark.parametrize("label", [None, ALPHA])
def test_a_first_answer_sees_that_the_given_label_was_retired(
    team: World, label: int | None
) -> None:
    lea, ann = team.person("lea", Role.LEAD), team.person("ann")
    retire_into(team, lea, BETA, ALPHA)
    batch = team.batch(lea, by="hand", example_ids=(team.examples[1],), audit_share=0)
    lease = team.claim(ann, batch).cards[0]["lease"]
    verdict = Verdict.CONFIRM if label is None else Verdict.RELABEL
    team.answer(ann, lease, verdict, None if label is None else team.labels[label])
    assert stored(team, 1) == (Status.CONFIRMED, ALPHA)
    assert differing(team) == []


def test_many_examples_follow_by_a_job_that_may_run_twice(engine: Engine, tmp_path: Path) -> None:
    world = make_world(engine, examples=3 * AT_ONCE + 6)
    lea = world.person("lea", Role.LEAD)
    for place in range(0, len(world.examples), 3):
        say(world, lea, place)
    retire_into(world, lea, ALPHA, BETA)
    assert len(differing(world)) == 2
    with writing(engine) as session:
        job = claim(session, "worker", TASKS, now=world.now)
    assert job is not None and job.task == FOLD_AGAIN.name
    at = AtWork(engine, Settings(data=tmp_path), job, quiet)
    for _ in range(2):
        TASKS[job.task].work(at)
        assert differing(world) == []
    assert stored(world, 0) == (Status.CONFIRMED, BETA)
    assert all(stored(world, place)[0] in FINAL for place in (0, 3, len(world.examples) - 3))


def test_only_leads_retire_and_only_labels_in_use(world: World) -> None:
    lea, ann = world.person("lea", Role.LEAD), world.person("ann")
    with pytest.raises(Forbidden):
        retire_into(world, ann, BETA, ALPHA)
    retire_into(world, lea, BETA, ALPHA)
    with pytest.raises(LabelRetired):
        retire_into(world, lea, ALPHA, BETA)
