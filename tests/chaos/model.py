"""A small project with a standing cast, for the state machine: one database, a project a run."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.datasets.labels import label_mapping
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Example, Label, Project
from app.db.tables.review import Lease
from app.db.words import DataType, Mode, Role, Verdict
from app.errors import Conflict, Forbidden, NotFound
from app.labels import mapped
from bench.chaos import (
    check_answers,
    check_leases,
    check_log,
    check_reads,
    check_rules,
    check_serves,
)
from bench.chaos.dump import Dump, dump
from tests.conftest import NOON
from tests.review.conftest import World, add_examples, source_of
from tests.steps import open_epoch

_numbers = itertools.count(1)


@dataclass
class Cast:
    """A world with a lead, three reviewers and perhaps an expert; Ben gave some of the labels."""

    world: World
    lead: Member
    people: list[Member] = field(default_factory=list)


def make_cast(engine: Engine, *, confirmations: int, expert: bool, examples: int = 9) -> Cast:
    number = next(_numbers)
    world = World(engine, rng=random.Random(7))  # the same in each run
    with writing(engine) as session:
        project = Project(
            slug=f"model-{number}",
            name="Model",
            data_type=DataType.TEXT,
            confirmations=confirmations,
            created_at=NOON,
            log_hash=bytes(32),
        )
        session.add(project)
        session.flush()
        labels = [
            Label(project_id=project.id, name=name, position=place, synonyms=[])
            for place, name in enumerate(["alpha", "beta", "gamma"])
        ]
        session.add_all(labels)
        session.flush()
        world.project_id, world.labels = project.id, [label.id for label in labels]
    lead = world.person(f"{number}lead", Role.LEAD)
    people = [world.person(f"{number}{name}") for name in ("anna", "ben", "cleo")]
    if expert:
        people.append(world.person(f"{number}eva", Role.EXPERT))
    with writing(engine) as session:
        source = source_of(session, world.project_id, people[1].person_id)
        given = (session, world.project_id, world.labels)
        world.examples = add_examples(*given, count=examples - 2)
        world.examples += add_examples(*given, count=2, source_id=source)
        for made in session.scalars(
            select(DataImport).where(DataImport.project_id == world.project_id)
        ):
            made.rows_read = made.rows_good = _rows(session, made.id)
        open_epoch(session, world.project_id, reason="import", now=NOON, rng=world.rng)
    return Cast(world, lead, [*people, lead])


def _rows(session: Session, import_id: int) -> int:
    query = select(func.count()).where(Example.import_id == import_id)
    return session.execute(query).scalar_one()


def attempt(step: Callable[[], Any]) -> Any:
    """What is refused in plain words is no failure; whatever else is raised is one."""
    try:
        return step()
    except (Conflict, Forbidden, NotFound) as refused:
        return refused


def said_at_the_desk(engine: Engine, token: str) -> dict[str, Any]:
    """A confirm in the words of the desk: who is shown no label names the one in use."""
    with reading(engine) as session:
        mode, given, project = session.execute(
            select(Lease.mode, Example.given_label_id, Example.project_id)
            .join(Example, Example.id == Lease.example_id)
            .where(Lease.token == token)
        ).one()
        if mode is not Mode.BLIND:
            return {}
        label = mapped([given], label_mapping(session, project))[0]
        return {"verdict": Verdict.RELABEL, "label": label}


def violations(found: Dump) -> list[Any]:
    """What the checkers of `bench.chaos` say of a database alone."""
    return [
        *check_log.check([], found),
        *check_serves.check([], found),
        *check_reads.check([], found),
        *check_leases.check([], found),
        *check_answers._fenced(found),
        *check_rules.check([], found),
    ]


def look(cast: Cast) -> Dump:
    return dump(cast.world.engine, cast.world.project_id)
