"""Fifty reviewers at once: is an example read too often, is somebody idle while work is left?

Each is a thread with sessions of its own, and claims and answers by the actions. A claim that
brings nothing is looked into before its transaction ends, so that nothing can change in between,
and by a statement that is not the one of serving.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeVar

from sqlalchemy import Engine, exists, func, insert, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.accounts.people import who_of
from app.actions.answering import Wanted, answer, claim
from app.actions.turn import Caller
from app.db.engine import database_now, open_engine, reading, writing
from app.db.tables.accounts import Person
from app.db.tables.audit import ReviewerSkill
from app.db.tables.datasets import Project
from app.db.tables.review import Batch, BatchMember, Decision, Lease, ReadDue
from app.db.words import ReadReason, Routing, Verdict
from app.errors import Failure
from app.review.answering.answers import Submission
from app.review.serving.cards import Card
from app.review.serving.hand_out import DONE
from bench.ranking.tables import aligned
from bench.running import database
from bench.seed import Seeded, seed

REVIEWERS, EXAMPLES = 50, 1_000
HELD = 8
LOOKS, PAUSE = (0.005, 0.05), 0.02
"""Seconds that a look takes, and that somebody waits for whom nothing was free."""
BESIDE = (ReadReason.RECHECK, ReadReason.KNOWN, ReadReason.LATE)
"""Reads that measure what is final: they are beside the number asked for."""


@dataclass(frozen=True)
class Case:
    backend: str
    reads: int
    routing: Routing


@dataclass
class Seen:
    """What the reviewers met, together; a thread adds under the lock."""

    answers: int = 0
    idle: int = 0  # claims that brought nothing while something was free for this person
    others: int = 0  # claims that brought nothing because others held the rest
    busy: int = 0  # acts that waited too long for the database, and were sent again
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


_Came = TypeVar("_Came")


class Reader(threading.Thread):
    """One reviewer, until nothing is left."""

    def __init__(self, engine: Engine, seeded: Seeded, person: int, seen: Seen) -> None:
        super().__init__()
        self.engine, self.seeded, self.person, self.seen = engine, seeded, person, seen
        self.rng = random.Random(person)
        self.held: list[Card] = []

    def run(self) -> None:
        try:
            while self._patiently(self._fill):
                while self.held:
                    time.sleep(self.rng.uniform(*LOOKS))
                    self._answer()
        except Failure as failure:
            with self.seen.lock:
                self.seen.failures.append(f"{failure.code}: {failure.detail}")

    def _caller(self, session: Session) -> Caller:
        who = who_of(session.get_one(Person, self.person))
        return Caller(session, who, database_now(session), self.rng)

    @property
    def _wanted(self) -> Wanted:
        return Wanted(HELD, [card["lease"] for card in self.held])

    def _patiently(self, act: Callable[[], _Came]) -> _Came:
        """A desk sends again what the database had no time for."""
        while True:
            try:
                return act()
            except (TimeoutError, OperationalError):
                with self.seen.lock:
                    self.seen.busy += 1

    def _fill(self) -> bool:
        """Claim; whether anything can still come."""
        with writing(self.engine) as session:
            caller = self._caller(session)
            handed = claim(caller, self.seeded.batch_id, self._wanted).handed
            free = 0 if handed.cards else free_for(session, self.seeded, self.person)
        self.held += handed.cards
        if handed.cards:
            return True
        with self.seen.lock:
            self.seen.idle += free > 0
            self.seen.others += free == 0 and handed.state != DONE
        time.sleep(PAUSE)
        return handed.state != DONE

    def _answer(self) -> None:
        card = self.held.pop(0)
        change = card.get("given") is None or self.rng.random() < 0.2
        label = self.rng.choice(self.seeded.labels) if change else None
        said = Submission(
            key=str(uuid.uuid4()),
            verdict=Verdict.RELABEL if change else Verdict.CONFIRM,
            lease=card["lease"],
            label_id=label,
        )
        self.held += self._patiently(lambda: self._send(said))
        with self.seen.lock:
            self.seen.answers += 1

    def _send(self, said: Submission) -> list[Card]:
        with writing(self.engine) as session:
            return answer(self._caller(session), said, self._wanted).handed.cards


def free_for(session: Session, seeded: Seeded, person: int) -> int:
    """First reads that wait, and owed reads nobody holds of examples this person has not read."""
    waiting = select(func.count()).where(
        BatchMember.batch_id == seeded.batch_id, BatchMember.waiting
    )
    held = exists().where(Lease.example_id == ReadDue.example_id, Lease.ended_at.is_(None))
    read = exists().where(Decision.example_id == ReadDue.example_id, Decision.person_id == person)
    owed = select(func.count()).where(
        ReadDue.project_id == seeded.project_id,
        ReadDue.done_at.is_(None),
        ReadDue.for_role == "",
        or_(ReadDue.for_person.is_(None), ReadDue.for_person == person),
        ~held,
        ~read,
    )
    return (session.scalar(waiting) or 0) + (session.scalar(owed) or 0)


def prepare(engine: Engine, case: Case, examples: int) -> Seeded:
    """Fifty people, a batch of all examples, and skills that differ by label."""
    seeded = seed(engine, examples=examples, reviewers=REVIEWERS, audit_share=0)
    chance = random.Random(5)
    skills = [
        {
            "project_id": seeded.project_id,
            "label_id": label,
            "person_id": one.person_id,
            "lower": chance.uniform(0.5, 0.95),
        }
        for one in seeded.reviewers
        for label in seeded.labels
    ]
    with writing(engine) as session:
        session.execute(update(Project).values(confirmations=case.reads))
        session.execute(update(Batch).values(reads=case.reads, routing=case.routing))
        session.execute(insert(ReviewerSkill), skills)
    return seeded


def reads_of_each(session: Session) -> list[int]:
    """Reads asked for by the batch, of each example that has any."""
    counted = (
        select(func.count())
        .where(Decision.read_reason.not_in(BESIDE))
        .group_by(Decision.example_id)
    )
    return list(session.scalars(counted))


def measure(case: Case, examples: int) -> list[str]:
    """One line of the table."""
    with database(case.backend) as (url, _):
        engine = open_engine(url)
        seeded, seen = prepare(engine, case, examples), Seen()
        readers = [Reader(engine, seeded, one.person_id, seen) for one in seeded.reviewers]
        began = time.monotonic()
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        took = time.monotonic() - began
        with reading(engine) as session:
            reads = reads_of_each(session)
        engine.dispose()
    for line in seen.failures[:5]:
        print(line)
    return _line(case, seen, reads, took, unread=examples - len(reads))


def _line(case: Case, seen: Seen, reads: Sequence[int], took: float, *, unread: int) -> list[str]:
    over = sum(count > case.reads for count in reads)
    under = unread + sum(count < case.reads for count in reads)
    numbers = (case.reads, seen.answers, over, under, seen.idle, seen.others, seen.busy)
    return [case.backend, case.routing.value, *map(str, numbers), f"{took:.0f}"]


def main(runs: int | None) -> None:
    lines = [
        ["database", "routing", "reads", "answers", "over", "under", "idle", "wait", "busy", "s"]
    ]
    for backend, routing, reads in product(
        ("sqlite", "postgresql"), (Routing.SKILL, Routing.ANYONE), (1, 2)
    ):
        case = Case(backend, reads, routing)
        lines += [measure(case, EXAMPLES) for _ in range(runs or 1)]
        print(*lines[-1], flush=True)
    print(aligned(lines))
    print(f"{REVIEWERS} reviewers, {EXAMPLES:,} examples. over, under: examples with more or fewer")
    print(
        "reads than asked for; idle: claims that brought nothing while something was free for who"
    )
    print("claimed; wait: the same, all that was left was in the hands of others; busy: acts sent")
    print("again, for the database had no time in 30 s", flush=True)
