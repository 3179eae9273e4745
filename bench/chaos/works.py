"""A run of the long work: import, scoring and release, by workers that die, beside reviewers."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import Engine, select

from app.actions import batches
from app.actions.importing import commit_file
from app.actions.releasing import make_release_at_console
from app.actions.storage import Storage
from app.datasets.asking import COMMIT, ImportArguments
from app.datasets.blobs import BlobStore
from app.datasets.labels import labels_of
from app.datasets.mapping import StoredFile
from app.datasets.projects import ProjectPlan, create_project
from app.datasets.stage import FileToImport, check_import, stage_file
from app.db.engine import database_now, reading, writing
from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import DataType, JobState, Role
from app.jobs.queue import UNFINISHED, enqueue
from app.jobs.task import AskedBy
from app.releases.options import ReleaseSpec
from app.releases.verify import verify
from app.review.batches.plan import BatchPlan
from app.settings import Settings
from bench.acting import caller
from bench.chaos import checker, doors, steps
from bench.chaos.dump import dump
from bench.chaos.history import History
from bench.chaos.labour import TAKEOVER, labour
from bench.chaos.reviewer import Reviewer, Tally
from bench.chaos.run import Outcome, Plan, Store, store, together
from bench.chaos.seeding import World, given_labels, join_person, join_reviewers, lead_of

FIRST, SECOND = 100, 200  # rows
PLACES = "import.chunk:0.15,score.chunk:0.1,release.before_rename:0.5"
LONGEST = 120.0  # seconds
HEAVY = ("bench.chaos.labour", "app.ranking.run", "app.releases.build")


@dataclass
class Crew:
    """Two workers; one that dies is replaced."""

    url: str
    folder: str
    plan: Plan
    rng: random.Random
    workers: list[BaseProcess] = field(default_factory=list)
    deaths: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("failpoints", "kills", "pauses"), 0)
    )
    asleep: list[tuple[float, int]] = field(default_factory=list)

    def keep(self) -> None:
        alive = []
        for worker in self.workers:
            if worker.is_alive():
                alive.append(worker)
            elif worker.exitcode == 137:
                self.deaths["failpoints"] += 1
            elif worker.exitcode != -signal.SIGKILL:
                raise RuntimeError(f"a worker ended by itself: {worker.exitcode}")
        self.workers = alive
        while len(self.workers) < 2:
            armed = PLACES if self.deaths["failpoints"] < self.plan.failpoints else ""
            given = (self.url, self.folder, self.plan.mutant, armed, self.rng.getrandbits(32))
            self.workers.append(doors.started(labour, given))

    def kill(self) -> None:
        worker = self.rng.choice(self.workers)
        if worker.is_alive():
            worker.kill()
            self.deaths["kills"] += 1

    def pause(self) -> None:
        """Stop one for longer than its job is kept for it: its word is void when it wakes."""
        worker = self.rng.choice(self.workers)
        if worker.is_alive() and worker.pid is not None:
            os.kill(worker.pid, signal.SIGSTOP)
            self.asleep.append((time.monotonic() + 2 * TAKEOVER, worker.pid))
            self.deaths["pauses"] += 1

    def wake(self, *, everybody: bool = False) -> None:
        for due, pid in list(self.asleep):
            if everybody or time.monotonic() > due:
                self.asleep.remove((due, pid))
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def end(self) -> None:
        self.wake(everybody=True)
        for worker in self.workers:
            worker.kill()
            worker.join()


def works(plan: Plan) -> Outcome:
    """Import, score and release while workers die and people answer."""
    begun = time.perf_counter()
    doors.preload(*HEAVY)
    with store(plan.backend, loose=plan.loose or bool(plan.mutant)) as here:
        blobs = BlobStore(Settings(data=here.folder).blob_directory)
        world = _world(here.engine, blobs)
        history, tally = History(), Tally()
        history.fault("imports", rows=[FIRST, FIRST + SECOND])
        _enqueue_import(here.engine, blobs, world)
        crew = Crew(here.url, str(here.folder), plan, random.Random(f"crew-{plan.seed}"))
        ways = _ways(plan, here)
        people = [
            Reviewer(n, who, world, ways[n], history, tally, seed=plan.seed)
            for n, who in enumerate(world.reviewers)
        ]
        shift = Shift(len(people))
        watch = partial(_watch, here, world, crew, shift, history)
        together([watch, *(partial(shift.of, who) for who in people)])
        for way in ways:
            way.close()
        found = dump(here.engine, world.project_id)
        found["release_problem"] = _problems(here, found["release"])
    verdict = checker.check(history.lines, found)
    seconds = time.perf_counter() - begun
    return Outcome(
        plan,
        verdict,
        tally.acknowledged,
        dict(crew.deaths),
        seconds,
        tally.milliseconds,
        history.lines,
        found,
    )


def _ways(plan: Plan, here: Store) -> list[doors.StoreDoor]:
    none = doors.Failpoints()
    return [
        doors.StoreDoor(here.url, "", none, random.Random(f"{plan.seed}-{n}")) for n in range(2)
    ]


def _world(engine: Engine, blobs: BlobStore) -> World:
    """A project whose first rows were imported by the real import, with nobody disturbing."""
    with writing(engine) as session:
        now = database_now(session)
        project = create_project(
            session, ProjectPlan("Works", DataType.TEXT, confirmations=2), now=now
        )
        lead = join_person(session, "Lead", project.id, Role.LEAD, now=now)
        people = join_reviewers(session, project.id, 2, now=now)
        project_id, slug = project.id, project.slug
    first = _staged(engine, blobs, project_id, "first", FIRST)
    commit_file(Storage(engine, blobs), first, by=None, now=now)
    with writing(engine) as session:
        labels = [label.id for label in labels_of(session, project_id)]
        plan = BatchPlan(size=FIRST, audit_share=20, second_share=10)
        batch = batches.make(caller(session, lead.id, now=now), project_id, plan).id
        given = given_labels(session, project_id)
    return World(project_id, slug, [batch], labels, given, people, lead)


def _staged(engine: Engine, blobs: BlobStore, project_id: int, name: str, rows: int) -> int:
    rng = random.Random(name)
    words = [
        "red",
        "blue",
        "green",
        "warm",
        "cold",
        "fast",
        "slow",
        "late",
        "early",
        "small",
        "large",
        "round",
    ]
    lines = ["id,text,label"]
    for row in range(rows):
        label = row % 4
        said = " ".join([words[label * 3 + rng.randrange(3)], *rng.sample(words, 3)])
        lines.append(f"{name}-{row},{said} {row},label {label}")
    content = "\n".join(lines).encode()
    with writing(engine) as session:
        given = FileToImport(StoredFile(f"{name}.csv", blobs.put(content), len(content)))
        found = stage_file(session, project_id, given, by=None, now=database_now(session))
    return check_import(engine, blobs, found.id).id


def _enqueue_import(engine: Engine, blobs: BlobStore, world: World) -> None:
    second = _staged(engine, blobs, world.project_id, "second", SECOND)
    with writing(engine) as session:
        enqueue(
            session,
            COMMIT,
            ImportArguments(second),
            asked_by=AskedBy(world.project_id),
            now=database_now(session),
        )


class Shift:
    """People work until they are told that it is over; the last answer may ask for a job yet."""

    def __init__(self, people: int) -> None:
        self.over = threading.Event()
        self._ended = [threading.Event() for _ in range(people)]

    def of(self, who: Reviewer) -> None:
        try:
            who.work(self.over.is_set)
        finally:
            self._ended[who.number].set()

    def ended(self) -> bool:
        return all(one.is_set() for one in self._ended)


def _watch(here: Store, world: World, crew: Crew, shift: Shift, history: History) -> None:
    """Replace the dead, kill some of the living, ask for one release after another; at last see
    to what the people asked for who went home meanwhile."""
    begun, asked = time.monotonic(), 0
    due = [(crew.rng.uniform(0.3, 2.5), crew.kill) for _ in range(crew.plan.kills)]
    due += [(crew.rng.uniform(0.3, 2.5), crew.pause) for _ in range(crew.plan.pauses)]
    due.sort(key=lambda pair: pair[0])
    try:
        while time.monotonic() - begun < LONGEST:
            crew.keep()
            _look(here.engine, world, history)
            crew.wake()
            while due and time.monotonic() - begun > due[0][0]:
                due.pop(0)[1]()
            ended = shift.ended()
            if not _unfinished(here.engine):
                if ended:
                    return
                if asked == crew.plan.releases:
                    shift.over.set()
                    time.sleep(TAKEOVER / 20)
                    continue
                asked += 1
                with writing(here.engine) as session:
                    now = database_now(session)
                    make_release_at_console(session, world.project_id, ReleaseSpec(), now=now)
            time.sleep(TAKEOVER / 20)
        raise TimeoutError(f"the jobs were not done in {LONGEST:.0f} s")
    finally:
        shift.over.set()
        crew.end()


def _look(engine: Engine, world: World, history: History) -> None:
    """What anybody would see now."""
    lead = lead_of(world)
    op = history.invoke(-1, "look", {"project": world.project_id}, person=lead.person_id)
    history.hear(op, "ok", steps.look(engine, world.project_id, lead.person_id))


def _unfinished(engine: Engine) -> bool:
    with reading(engine) as session:
        query = select(Job.id).where(Job.state.in_(UNFINISHED)).limit(1)
        return session.scalar(query) is not None


def _problems(here: Store, releases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What `verify` says of each release; a job that gave up is a problem too."""
    found: list[dict[str, Any]] = []
    with reading(here.engine) as session:
        dead = select(Job.task, Job.message).where(Job.state == JobState.DEAD)
        found += [
            {"number": 0, "said": f"{task}: {why[-200:]}"} for task, why in session.execute(dead)
        ]
        rows = session.scalars(select(Release).order_by(Release.id)).all()
    for row in rows:
        checked = verify(Settings(data=here.folder).data / "releases" / str(row.id))
        for problem in checked.problems.listed[:3]:
            found.append({"number": row.number, "said": str(problem)})
    return found
