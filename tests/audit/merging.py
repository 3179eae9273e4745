"""Random histories over three labels, and every number the product makes of one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, insert, select

from app.accounts.membership import Member
from app.audit.accuracy import given_accuracy, measured_eps, reviewer_accuracy
from app.audit.wrong import is_wrong
from app.db.engine import reading, writing
from app.db.tables.audit import AuditKey
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Batch
from app.db.words import FINAL, Mode, Role, RunState, Verdict
from app.insights.batches import rows_of
from app.insights.counts import counts
from app.insights.health import Viewer
from app.insights.overview import overview
from app.insights.planted import planted_errors, sidecar
from app.insights.signals import signals_found
from app.labels import current
from app.review.answering.grid import confused_with
from app.review.answering.look_again import look_again
from app.review.batches.filters import Filter
from app.review.books.progress import people_in_batch, progress
from app.review.serving.known import is_settled
from tests.review.conftest import World, make_world
from tests.steps import retire
from tests.web.cast import NOON

ALPHA, BETA, GAMMA = 0, 1, 2
REMOVED = -1
Says = Callable[[int, random.Random], int]
"""What a reader says of the example at a place: the place of a label, or REMOVED."""


@dataclass
class Told:
    """A project, its people and the batch they read."""

    world: World
    people: list[Member]
    lead: Member
    batch: Batch
    merged: dict[int, int] = field(default_factory=dict)

    def merge(self, old: int, new: int) -> None:
        labels = self.world.labels
        with writing(self.world.engine) as session:
            retire(session, self.lead, labels[old], replaced_by=labels[new], now=self.world.now)
        self.merged[old] = new

    def tell(self, says: Says, *, seed: int, claims: int = 10) -> None:
        """Everybody reads what they are given, in turn."""
        world, chance = self.world, random.Random(seed)
        for turn in range(claims):
            who = self.people[turn % len(self.people)]
            for card in world.claim(who, self.batch, want=6).cards:
                world.later(seconds=5)
                said = says(world.examples.index(card["example"]), chance)
                if said == REMOVED:
                    world.answer(who, card["lease"], Verdict.REMOVE)
                    continue
                label = world.labels[current(said, self.merged)]
                if card["mode"] != Mode.BLIND and card["given"] == label:
                    world.answer(who, card["lease"])
                else:
                    world.answer(who, card["lease"], Verdict.RELABEL, label)


def told(world: World, **plan: Any) -> Told:
    """A batch that draws at random, reads twice and asks known answers, with its readers."""
    people = [world.person(f"{name}{world.project_id}") for name in ("ann", "bob", "cid")]
    lead = world.person(f"lea{world.project_id}", Role.LEAD)
    usual: dict[str, Any] = {"size": 24, "audit_share": 50, "reads": 2}
    return Told(world, people, lead, world.batch(lead, **usual | plan))


def scored_world(engine: Any, data: Path, *, confirmations: int, seed: int) -> World:
    """With a ranking whose signals fired at random, and errors planted at random."""
    world, chance = (
        make_world(engine, examples=36, confirmations=confirmations),
        random.Random(seed),
    )
    run = {"signals": {"outlier": 9, "loss": 9}}
    with writing(engine) as session:
        made = ScoringRun(
            project_id=world.project_id,
            number=1,
            state=RunState.COMPLETE,
            seed=1,
            counts=run,
            started_at=world.now,
        )
        session.add(made)
        session.flush()
        rows = [
            {
                "run_id": made.id,
                "example_id": example,
                "priority": -float(place),
                "signals": chance.randrange(16),
                "suggested_id": world.labels[place % 3],
            }
            for place, example in enumerate(world.examples)
        ]
        session.execute(insert(Score), rows)
        project = session.get_one(Project, world.project_id)
        project.run_id, project.slug = made.id, f"letters-{made.id}"
        keys = session.scalars(
            select(Example.key).where(Example.project_id == project.id).order_by(Example.id)
        ).all()
    names = ["alpha", "beta", "gamma"]
    planted = {
        key: names[(place + chance.randrange(3)) % 3] for place, key in enumerate(keys) if place % 4
    }
    path = sidecar(data, world.project_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps({"kind": "swapped", "rate": 0.3, "truth": planted}))
    return world


def measures(one: Told, data: Path) -> dict[str, Any]:
    """What is told of the project: accuracies, shares, tables and counts, in no label's name."""
    world = one.world
    ids = {person.person_id: person.name[:3] for person in one.people}
    with reading(world.engine) as session:
        project = session.get_one(Project, world.project_id)
        batch = session.get_one(Batch, one.batch.id)
        accuracy = reviewer_accuracy(session, project.id, list(ids))
        wrong = (
            select(func.count().filter(is_wrong()), func.count().filter(_given_wrong()))
            .select_from(Example)
            .join(AuditKey, AuditKey.example_id == Example.id)
            .where(Example.project_id == project.id, Example.status.in_(FINAL))
        )
        settled = session.scalars(
            select(Example.id)
            .where(Example.project_id == project.id, Example.status.in_(FINAL), is_settled())
            .order_by(Example.id)
        )
        seen = overview(session, project, Viewer(0, NOON))
        row = rows_of(session, [batch])[0]
        return {
            "accuracy": {ids[person]: share for person, share in accuracy.items()},
            "eps": measured_eps(session, project.id),
            "given": given_accuracy(session, project.id),
            "wrong": tuple(session.execute(wrong).one()),
            "settled": [world.examples.index(example) for example in settled],
            "statuses": seen.statuses,
            "questions": seen.questions,
            "batch": (row.done, row.changed),
            "signals": asdict(signals_found(session, project)),
            "planted": planted_errors(session, project.id, data=data),
            "progress": {
                ids[p.person_id]: asdict(progress(session, batch, p.person_id)) for p in one.people
            },
            "in batch": [
                (ids[p.person_id], p.answers, p.changes) for p in people_in_batch(session, batch)
            ],
            "known": {
                ids[p.person_id]: (found.known, found.as_settled)
                for p in one.people
                if (found := look_again(session, batch, p.person_id))
            },
        }


def _given_wrong() -> Any:
    return is_wrong(Example.given_label_id)


def by_label(one: Told) -> dict[str, Any]:
    """What is told label by label."""
    world = one.world
    names = {label: world.labels.index(label) for label in world.labels}
    with reading(world.engine) as session:
        project = session.get_one(Project, world.project_id)
        told: dict[str, Any] = {}
        for place, label in enumerate(world.labels):
            for name in ("given", "label", "suggested"):
                wanted = Filter(**{name: label})
                told[f"{name} {place}"] = counts(session, project, wanted, [])[0].matching
            confused = confused_with(session, project.id, label)
            told[f"confused {place}"] = [names[other] for other in confused]
        every = counts(session, project, Filter(), [])[0].given
        told["given"] = {names[label]: number for label, number in every.items() if label}
        return told
