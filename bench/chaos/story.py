"""Short histories told through the real doors: each walks into one rule, which a bug would break.

A run by chance meets some rules seldom; here a clerk of the run performs what is written down, on a
fresh database, and the checker looks after every step.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine, insert

from app.actions import batches
from app.audit.epochs import open_epoch
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import database_now, writing
from app.db.log import lock_project
from app.db.tables.datasets import Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.words import DataType, Role, RunState
from app.review.batches.plan import BatchPlan
from bench.acting import caller
from bench.chaos import checker, doors
from bench.chaos.dump import Dump, dump
from bench.chaos.history import History, Line
from bench.chaos.run import Outcome, Plan, store
from bench.chaos.seeding import (
    LABELS,
    Person,
    World,
    add_examples,
    add_labels,
    given_labels,
    join_person,
)

CAST = {
    "lead": Role.LEAD,
    "ann": Role.REVIEWER,
    "ben": Role.REVIEWER,
    "cleo": Role.REVIEWER,
    "eva": Role.EXPERT,
}
EXAMPLES = 24
CLOCK_STEP = 100.0  # seconds


class Tale:
    """A small project with a cast; whatever is refused is passed over, as a bug may refuse it."""

    def __init__(self, engine: Engine, door: doors.StoreDoor, title: str) -> None:
        self.engine, self.door, self.history = engine, door, History()
        self.broken: dict[Any, None] = {}
        self.found: Dump = {}
        self._keys = itertools.count(1)
        with writing(engine) as session:
            now = database_now(session)
            plan = ProjectPlan(title.title(), DataType.TEXT, confirmations=2)
            project = create_project(session, plan, now=now)
            labels = add_labels(session, project.id)
            self.cast = {
                name: join_person(session, f"{title} {name}", project.id, role, now=now)
                for name, role in CAST.items()
            }
            self.examples = add_examples(session, project.id, labels, EXAMPLES, now=now)
            lock = lock_project(session, project.id)
            open_epoch(lock, reason="import", now=now, rng=random.Random(1))
            lock.save()
            given = given_labels(session, project.id)
            self.world = World(project.id, project.slug, [], labels, given, [], self.cast["lead"])

    def batch(self, size: int = 12, **plan: Any) -> int:
        people = tuple(self.cast[name].id for name in plan.pop("people", ()))
        with writing(self.engine) as session:
            lead = caller(session, self.cast["lead"].id, now=database_now(session))
            wanted = BatchPlan(size=size, audit_share=0, people=people, **plan)
            return batches.make(lead, self.world.project_id, wanted).id

    def ask(self, name: str, act: str, **body: Any) -> Line:
        """One request and its reply; nothing where it was refused."""
        who: Person = self.cast[name]
        if act in ("submit", "undo", "redo", "rule", "reopen"):
            body.setdefault("key", f"told-{next(self._keys)}")
        more = {"answer": body["key"]} if "key" in body else {}
        op = self.history.invoke(0, act, body, person=who.id, **more)
        phase, reply = self.door.ask(who, act, body)
        self.history.hear(op, phase, reply)
        self.found = dump(self.engine, self.world.project_id)
        self.broken |= dict.fromkeys(checker.check(self.history.lines, self.found).violations)
        return reply if phase == "ok" else {}

    def claim(self, name: str, batch: int, *, want: int = 1, **more: Any) -> list[Any]:
        asked = {"batch": batch, "want": want, "held": [], **more}
        return list(self.ask(name, "claim", **asked).get("examples", []))

    def change(self, name: str, card: list[Any], label: int | None = None) -> Line:
        """Say another label than the given one, the same whoever says it."""
        lease, example, *_ = card
        said = self.other(example) if label is None else label
        return self.ask(name, "submit", lease=lease, verdict="relabel", label=said)

    def confirm(self, name: str, card: list[Any]) -> Line:
        lease, example, blind, _ = card
        named = {"verdict": "relabel", "label": self.world.given[example]}
        return self.ask(name, "submit", lease=lease, **(named if blind else {"verdict": "confirm"}))

    def other(self, example: int) -> int:
        labels = self.world.labels
        return labels[(labels.index(self.world.given[example] or 0) + 1) % LABELS]

    def rank(self, number: int) -> None:
        """A complete ranking, which says of every example something of its own."""
        labels = self.world.labels
        with writing(self.engine) as session:
            now = database_now(session)
            made = ScoringRun(
                project_id=self.world.project_id,
                number=number,
                state=RunState.COMPLETE,
                seed=number,
                counts={"examples": len(self.examples)},
                started_at=now,
                finished_at=now,
            )
            session.add(made)
            session.flush()
            rows = [
                {
                    "run_id": made.id,
                    "example_id": example,
                    "priority": 1.0 / (place + number),
                    "quality": 0.1 * number,
                    "difficulty": 0.2 * number,
                    "suggestions": [[label, 0.5] for label in labels[number : number + 2]],
                }
                for place, example in enumerate(self.examples, start=1)
            ]
            session.execute(insert(Score), rows)
            session.get_one(Project, self.world.project_id).run_id = made.id


def serve_step(tale: Tale) -> None:
    """An expert answers, and a lead rules on, what was never served."""
    batch = tale.batch(size=3)
    tale.ask("eva", "submit", example=tale.examples[0], verdict="confirm")
    asked = {"project": tale.world.project_id, "verdict": "relabel", "label": tale.world.labels[0]}
    tale.ask("lead", "rule", example=tale.examples[1], **asked)
    tale.ask("ann", "submit", example=tale.examples[2], verdict="confirm")  # refused
    for card in tale.claim("ann", batch):
        tale.confirm("ann", card)


def skipped(tale: Tale) -> None:
    """What one person skips is the next one's first; skipped by both it is a lead's."""
    batch = tale.batch()
    for card in tale.claim("ann", batch):
        tale.ask("ann", "skip", lease=card[0])
    tale.claim("ann", batch)
    for card in tale.claim("ben", batch, want=2):
        tale.confirm("ben", card)


def redone(tale: Tale) -> None:
    """Undone and redone, an answer still asks for the reads that follow it."""
    batch = tale.batch(reads=3)
    for card in tale.claim("ann", batch):
        said = tale.change("ann", card)
        for act in ("undo", "redo"):
            tale.ask("ann", act, example=card[1], seq=said.get("seq", 0))
    for name in ("ben", "cleo"):
        for card in tale.claim(name, batch):
            tale.change(name, card)


def one_read_each(tale: Tale) -> None:
    """Three reads of an example are three people's."""
    batch = tale.batch(reads=3)
    for name in ("ann", "ben", "ben", "cleo", "cleo"):
        for card in tale.claim(name, batch):
            tale.change(name, card)


def behind_others(tale: Tale) -> None:
    """Five reads that Ben may not give stand before one that he may."""
    batch = tale.batch()
    cards = tale.claim("ann", batch)
    for card in tale.claim("ben", batch, want=5):
        tale.change("ben", card)
    for card in cards:
        tale.change("ann", card)
    for card in tale.claim("ben", batch):
        tale.change("ben", card)


def coins_fall(tale: Tale) -> None:
    """A change, its second read, and what the coins ask for."""
    batch = tale.batch(second_share=100)
    for name in ("ann", "ben", "cleo"):
        for card in tale.claim(name, batch):
            tale.change(name, card)


def as_shown(tale: Tale) -> None:
    """A new ranking comes while an example is out: it is sent again and answered as it was."""
    tale.rank(1)
    batch = tale.batch(size=4)
    tale.claim("ann", batch)
    tale.rank(2)
    for card in tale.claim("ann", batch):
        said = tale.confirm("ann", card)
        tale.ask("ann", "undo", example=card[1], seq=said.get("seq", 0))


def put_away(tale: Tale) -> None:
    """Ann is taken off the batch; then the project is away for a while."""
    batch = tale.batch(people=("ann", "ben"))
    first, second = (tale.claim(name, batch) for name in ("ann", "ben"))
    tale.ask("lead", "people", batch=batch, people=[tale.cast["ben"].id])
    tale.claim("ann", batch)
    for card in first:
        tale.change("ann", card)
    slug = tale.world.slug
    tale.ask("lead", "archive", slug=slug, archived=True)
    tale.claim("ben", batch)
    for card in second:
        tale.change("ben", card)
    tale.ask("lead", "archive", slug=slug, archived=False)
    for card in tale.claim("ben", batch):
        tale.confirm("ben", card)


def retired(tale: Tale) -> None:
    """Two readers mean the same by a label and by the one it was retired into."""
    batch = tale.batch()
    for card in tale.claim("ann", batch):
        old = tale.other(card[1])
        new = next(n for n in tale.world.labels if n not in (old, tale.world.given[card[1]]))
        tale.change("ann", card, old)
        tale.ask("lead", "retire", slug=tale.world.slug, label=old, replaced_by=new)
        for again in tale.claim("ben", batch):
            tale.change("ben", again, new)


def clock_steps(tale: Tale) -> None:
    """Ann's lease is from a clock ahead of the one by which Ben reads the same example."""
    batch = tale.batch()
    cards = tale.claim("ann", batch, shift=CLOCK_STEP)
    tale.ask("ann", "give_back", leases=[card[0] for card in cards])
    for card in tale.claim("ben", batch):
        tale.confirm("ben", card)
    for card in cards:
        tale.change("ann", card)


CHAPTERS: dict[str, Callable[[Tale], None]] = {
    chapter.__name__: chapter
    for chapter in (
        serve_step, skipped, redone, one_read_each, behind_others,
        coins_fall, as_shown, put_away, retired, clock_steps,
    )
}  # fmt: skip


def tell(plan: Plan, chapters: Sequence[str] = tuple(CHAPTERS)) -> Outcome:
    """Tell these chapters, each in a project of its own; what is kept is of the last broken one."""
    begun = time.perf_counter()
    doors.preload()
    verdict, kept = checker.Verdict(), None
    with store(plan.backend, loose=plan.loose or bool(plan.mutant)) as here:
        chance = random.Random(f"story-{plan.seed}")
        door = doors.StoreDoor(here.url, plan.mutant, doors.Failpoints(), chance, hurried=False)
        try:
            for name in chapters:
                tale = Tale(here.engine, door, name.replace("_", " "))
                CHAPTERS[name](tale)
                verdict.violations += list(tale.broken)
                if kept is None or tale.broken:
                    kept = tale
        finally:
            door.close()
    assert kept is not None
    answers = sum(line.get("name") == "submit" for line in kept.history.lines)
    seconds = time.perf_counter() - begun
    return Outcome(plan, verdict, answers, {}, seconds, [], kept.history.lines, kept.found)
