"""A whole project driven through the domain functions: noisy readers, skips, tabs left open."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert, select, update

from app.accounts.membership import Member
from app.actions.erasing import erase_from_console
from app.db.engine import reading, writing
from app.db.tables.accounts import Membership
from app.db.tables.audit import AuditKey, Serve
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import BatchMember
from app.db.words import FINAL, DataType, Question, Reason, Role, RunState, Status, Stream, Verdict
from app.errors import ExampleErased
from app.noise.left import Left, wrong_left
from app.noise.serves import Serves
from app.review.answering.answers import Submission
from app.review.books import cases as listed
from app.review.books.forgotten import forgotten, misled, misread
from tests import steps
from tests.conftest import NOON
from tests.review.conftest import World, add_examples, source_of

DECIDED = FINAL | {Status.ERASED}
SIZE, BATCH = 240, 80
ALIKE, MOST_ALIKE = 45, 5  # examples that have copies, and the most of one content
WRONG, READER_ERROR, BARRED = 0.03, 0.03, 0.2
ROUNDS = 60  # of one batch; more means that something is stuck


@dataclass
class Simulation:
    """One seeded project and its people."""

    world: World
    lead: Member
    readers: list[Member]
    given: dict[int, int | None]
    truth: dict[int, int]
    rng: random.Random
    left_open: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    rulings: int = 0
    steps: int = 0
    erases: bool = False
    look_each: int = 1  # steps between two looks at the whole project
    open_then: list[tuple[int, set[int]]] = field(default_factory=list)
    """After each round: how many serves there were, and which of their examples were undecided."""

    def read(self, example: int) -> tuple[Verdict, int | None]:
        """What a reader makes of an example: mostly what is true."""
        others = [label for label in self.world.labels if label != self.truth[example]]
        error = self.rng.random() < READER_ERROR
        seen = self.rng.choice(others) if error else self.truth[example]
        given = self.given[example]
        return (Verdict.CONFIRM, None) if seen == given else (Verdict.RELABEL, seen)

    def submit(self, who: Member, lease: str, example: int) -> None:
        verdict, label = self.read(example)
        self.world.answer(who, lease, verdict, label)
        self.look()

    def look(self, *, surely: bool = False) -> None:
        """Nothing waits for nobody, and nobody reads what they may not."""
        self.steps += 1
        if self.steps % self.look_each and not surely:
            return
        with reading(self.world.engine) as session:
            project_id = self.world.project_id
            assert forgotten(session, project_id) == []
            assert misread(session, project_id) == []
            assert misled(session, project_id) == []

    def put_aside(self, who: Member, lease: str) -> None:
        """Skip it, or send it to the experts."""
        with writing(self.world.engine) as session:
            if self.rng.random() < 0.9:
                steps.skip(session, who, lease, now=self.world.now)
            else:
                steps.refer(session, who, lease, note="?", now=self.world.now)
        self.look(surely=True)

    def round(self, batch: Any) -> bool:
        """Everybody claims and works through it; False when nobody had anything to do."""
        some = False
        for who in self.readers:
            self.come_back(who)
            cards = [
                (card["lease"], card["example"]) for card in self.world.claim(who, batch).cards
            ]
            some |= bool(cards)
            if self.rng.random() < 0.08:
                self.left_open[who.person_id] = cards
                self.look(surely=True)
                self.world.later(minutes=self.rng.choice([5, 40]))
                continue
            for lease, example in cards:
                self.world.later(seconds=self.rng.uniform(2, 20))
                if self.rng.random() < 0.05:
                    self.put_aside(who, lease)
                else:
                    self.submit(who, lease, example)
        self.note_open()
        self.erase()
        return self.settle() or some

    def note_open(self) -> None:
        with reading(self.world.engine) as session:
            served = session.execute(
                select(Serve.example_id, Example.status)
                .join(Example, Example.id == Serve.example_id)
                .where(Serve.project_id == self.world.project_id)
            ).all()
        undecided = {example for example, status in served if status not in DECIDED}
        self.open_then.append((len(served), undecided))

    def come_back(self, who: Member) -> None:
        """Whoever went away with a tab open answers some of it after all, perhaps late."""
        for lease, example in self.left_open.pop(who.person_id, []):
            if self.rng.random() < 0.5:
                with suppress(ExampleErased):
                    self.submit(who, lease, example)

    def erase(self) -> None:
        """Now and then somebody asks for an example to go, whatever stands about it."""
        if not self.erases or self.rng.random() > 0.3:
            return
        example = self.world.example(self.rng.choice(self.world.examples))
        if example.status is Status.ERASED:
            return
        with writing(self.world.engine) as session:
            slug = session.get_one(Project, self.world.project_id).slug
            erase_from_console(session, slug, example.key, now=self.world.now)
        self.look(surely=True)

    def settle(self) -> bool:
        """The lead rules on what is listed."""
        with reading(self.world.engine) as session:
            cases = listed.open_cases(session, self.world.project_id)
        for case in cases:
            with writing(self.world.engine) as session:
                if case.kind in (Question.DIFFERS, Question.NOT_CONFIRMED):
                    steps.leave(session, self.lead, case.id, now=self.world.now)
                    continue
                self.rulings += 1
                verdict, label = self.read(case.example_id)
                key = f"ruling-{self.rulings}"
                ruling = Submission(
                    key=key, verdict=verdict, example_id=case.example_id, label_id=label
                )
                steps.settle(session, self.lead, ruling, now=self.world.now)
            self.look(surely=True)
        return bool(cases)

    def read_what_is_left(self, batch: Any) -> None:
        """A lead who is a member reads what no reviewer may."""
        if not self.lead.is_admin:
            for card in self.world.claim(self.lead, batch).cards:
                self.submit(self.lead, card["lease"], card["example"])

    def finish(self, batch: Any) -> int:
        """Work until the batch has ended; how many rounds it took."""
        idle = 0
        for rounds in range(ROUNDS):
            if self.round(batch):
                idle = 0
                continue
            idle += 1
            self.world.later(minutes=40)
            self.read_what_is_left(batch)
            if idle == 3:
                return rounds
        raise AssertionError("the batch does not end")


def simulate(engine: Engine, seed: int, *, alike: bool = False) -> Simulation:
    """A project of its own in a database of many; some examples of it are identical, if asked."""
    rng = random.Random(f"simulation-{seed}")
    world = World(engine, rng=random.Random(seed))
    _project(world, seed)
    # Every other project is led by an admin who is no member: nobody else reads what is left over.
    lead = world.person(f"{seed}lead", Role.LEAD) if seed % 2 else _admin(world, seed)
    readers = [world.person(f"{seed}r{n}") for n in range(2 + seed % 2)]
    own = round(SIZE * BARRED)
    with writing(engine) as session:
        source = source_of(session, world.project_id, readers[0].person_id)
        world.examples = add_examples(
            session, world.project_id, world.labels, count=SIZE - own
        ) + add_examples(session, world.project_id, world.labels, count=own, source_id=source)
        given = dict(
            session.execute(
                select(Example.id, Example.given_label_id).where(
                    Example.project_id == world.project_id
                )
            ).all()
        )
        truth = {example: label or 0 for example, label in given.items()}
        for example in rng.sample(sorted(truth), round(SIZE * WRONG)):
            truth[example] = rng.choice([one for one in world.labels if one != truth[example]])
        if alike:
            _make_alike(session, truth, rng)
        _rank(session, world, {e: truth[e] != given[e] for e in truth}, rng)
        steps.open_epoch(session, world.project_id, reason="import", now=NOON, rng=rng)
    return Simulation(world, lead, readers, given, truth, rng, erases=seed % 5 == 1)


def _make_alike(session: Any, truth: dict[int, int], rng: random.Random) -> None:
    """Groups of the same content, which have one true label whatever labels they came with."""
    chosen = rng.sample(sorted(truth), ALIKE)
    while chosen:
        group = [chosen.pop() for _ in range(min(len(chosen), rng.randint(2, MOST_ALIKE)))]
        truth.update(dict.fromkeys(group, truth[group[0]]))
        same = {"content_hash": f"{group[0]:064x}"}
        session.execute(update(Example).where(Example.id.in_(group)).values(same))


def _project(world: World, seed: int) -> None:
    with writing(world.engine) as session:
        project = Project(
            slug=f"simulation-{seed}",
            name="Simulation",
            data_type=DataType.TEXT,
            confirmations=2,
            created_at=NOON,
            log_hash=bytes(32),
        )
        session.add(project)
        session.flush()
        rows = [
            Label(project_id=project.id, name=name, position=place, synonyms=[])
            for place, name in enumerate(["alpha", "beta", "gamma"])
        ]
        session.add_all(rows)
        session.flush()
        world.project_id, world.labels = project.id, [row.id for row in rows]


def _admin(world: World, seed: int) -> Member:
    made = world.person(f"{seed}admin", Role.LEAD)
    with writing(world.engine) as session:
        session.execute(
            update(Membership).where(Membership.person_id == made.person_id).values(left_at=NOON)
        )
    return Member(made.person_id, made.pseudonym, made.name, True, world.project_id, Role.LEAD)


def _rank(session: Any, world: World, wrong: dict[int, bool], rng: random.Random) -> None:
    """A ranking that is better than chance."""
    run = ScoringRun(
        project_id=world.project_id, number=1, state=RunState.COMPLETE, seed=1, started_at=NOON
    )
    session.add(run)
    session.flush()
    rows = [
        {"run_id": run.id, "example_id": example, "priority": 1.5 * is_wrong + rng.gauss(0, 1)}
        for example, is_wrong in wrong.items()
    ]
    session.execute(insert(Score), rows)
    session.get_one(Project, world.project_id).run_id = run.id
    session.flush()


@dataclass(frozen=True)
class Told:
    """What the tables tell at the end: serves in order, each with its outcome."""

    serves: list[tuple[Stream, int, bool]]  # stream, unserved before it, judged wrong
    undecided: list[int]  # places of serves without a final answer
    waiting: int
    size: int
    examples: list[int]  # of each serve

    def widening(self, upto: int, undecided: set[int]) -> float | None:
        """Width of the interval while these were open, over that with nothing open."""
        now, then = self.interval(upto, undecided), self.interval(upto)
        width = (then.high or 0) - (then.low or 0)
        return ((now.high or 0) - (now.low or 0)) / width if width else None

    def interval(self, upto: int, undecided: set[int] | frozenset[int] = frozenset()) -> Left:
        """As it stood after so many serves, with these examples open."""
        rows = self.serves[:upto]
        assert [unserved for _, unserved, _ in rows] == [self.size - n for n in range(upto)]
        outcome = [
            -1 if example in undecided else int(wrong)
            for example, (_, _, wrong) in zip(self.examples[:upto], rows, strict=True)
        ]
        drawn = np.array([stream is Stream.AUDIT for stream, _, _ in rows], dtype=np.bool_)
        return wrong_left(Serves(self.size, drawn, np.array(outcome, dtype=np.int8)))

    def wrong(self, upto: int) -> int:
        return sum(wrong for _, _, wrong in self.serves[:upto])


def told(simulation: Simulation) -> Told:
    world = simulation.world
    with reading(world.engine) as session:
        rows = session.execute(
            select(
                Serve.example_id,
                Serve.stream,
                Serve.unserved_before,
                Example.status,
                Example.final_label_id,
                Example.removed_reason,
                AuditKey.label_at_open,
            )
            .join(Example, Example.id == Serve.example_id)
            .join(
                AuditKey,
                (AuditKey.epoch_id == Serve.epoch_id) & (AuditKey.example_id == Serve.example_id),
            )
            .where(Serve.project_id == world.project_id)
            .order_by(Serve.serve_seq)
        ).all()
        waiting = session.scalars(
            select(BatchMember.example_id)
            .join(Example, Example.id == BatchMember.example_id)
            .where(Example.project_id == world.project_id, BatchMember.waiting)
        ).all()
    bad = (Reason.NO_LABEL, Reason.SEVERAL_LABELS)
    serves = [
        (
            row.stream,
            row.unserved_before,
            row.removed_reason in bad
            if row.status is Status.REMOVED
            else row.status is not Status.ERASED and row.final_label_id != row.label_at_open,
        )
        for row in rows
    ]
    undecided = [place for place, row in enumerate(rows) if row.status not in DECIDED]
    return Told(serves, undecided, len(waiting), SIZE, [row.example_id for row in rows])
