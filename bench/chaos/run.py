"""One run: a project, reviewers, faults, and at the end what the checker says."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app.actions import rulings
from app.actions.turn import Caller
from app.db.engine import database_now, open_engine, reading, writing
from app.db.migrate import climb
from app.db.words import Question, Verdict
from app.errors import Conflict
from app.review.answering.answers import Submission
from app.review.books.cases import open_cases
from bench.acting import caller
from bench.chaos import checker, doors, faults
from bench.chaos.dump import Dump, dump
from bench.chaos.history import History
from bench.chaos.lead import Lead
from bench.chaos.loose import loosen
from bench.chaos.postgres import Cluster
from bench.chaos.reviewer import PERSEVERANCE, Door, Reviewer, Tally
from bench.chaos.seeding import World, lead_of, make_world
from bench.chaos.site import Site
from bench.chaos.timing import LEASE

PLACES = (
    "submit.before_commit",
    "submit.after_commit",
    "claim.before_commit",
    "claim.after_commit",
)
PATIENT = LEASE.total_seconds() + 10  # how long nothing may happen at the end


@dataclass(frozen=True)
class Plan:
    """What a run is to be like."""

    backend: str = "sqlite"
    decisions: int = 1_000
    kills: int = 10
    failpoints: int = 20
    pauses: int = 1
    stops: int = 0  # of the database
    reviewers: int = 4
    seed: int = 1
    mutant: str = ""
    loose: bool = False  # on tables without uniqueness
    rest: bool = True  # let everything come to an end
    http: bool = False  # through the web app
    releases: int = 2  # of a run of the long work

    @property
    def places(self) -> str:
        """Each place so likely that the wanted deaths come in the first part of the run."""
        calls = 2.4 * self.decisions
        share = min(0.5, 1.6 * self.failpoints / calls) if calls else 0
        return ",".join(f"{place}:{share:.5f}" for place in PLACES)


@dataclass
class Outcome:
    """What a run showed."""

    plan: Plan
    verdict: checker.Verdict
    acknowledged: int
    deaths: dict[str, int]
    seconds: float
    milliseconds: list[float] = field(repr=False, default_factory=list)
    history: list[dict[str, Any]] = field(repr=False, default_factory=list)
    dump: Dump = field(repr=False, default_factory=dict)

    def quantile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[int(share * (len(ordered) - 1))] if ordered else 0.0


@dataclass
class Store:
    url: str
    engine: Engine
    folder: Path
    cluster: Cluster | None = None


@contextmanager
def store(backend: str, *, loose: bool = False) -> Iterator[Store]:
    """A fresh, migrated database; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="relabel-chaos-"))
    cluster = Cluster(folder) if backend == "postgresql" else None
    url = cluster.url if cluster else f"sqlite:///{folder / 'relabel.sqlite'}"
    engine = open_engine(url)
    try:
        climb(engine)
        if loose:
            loosen(engine)
        yield Store(url, engine, folder, cluster)
    finally:
        engine.dispose()
        if cluster is not None:
            cluster.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def run(plan: Plan) -> Outcome:
    """Disturb a project until so many answers are acknowledged, then let it come to rest."""
    begun = time.perf_counter()
    doors.preload()
    with store(plan.backend, loose=plan.loose or bool(plan.mutant)) as here:
        world = make_world(
            here.engine,
            examples=max(40, int(plan.decisions * 0.8)),
            reviewers=plan.reviewers,
            seed=plan.seed,
        )
        history, tally = History(), Tally()
        failpoints = doors.Failpoints(plan.places, plan.failpoints)
        with _ways(plan, here, failpoints) as (ways, listed):
            people = [
                Reviewer(
                    n,
                    who,
                    world,
                    ways[n],
                    history,
                    tally,
                    seed=plan.seed,
                    fresh_keys=plan.mutant == "new_key",
                    perseverance=3.0 if plan.mutant else PERSEVERANCE,
                )
                for n, who in enumerate(world.reviewers)
            ]
            assert world.lead is not None
            lead = Lead(
                len(people),
                world.lead,
                world,
                ways[-1],
                history,
                tally,
                seed=plan.seed,
                target=plan.decisions,
            )
            nemesis = faults.Nemesis(listed, tally, history, target=plan.decisions, seed=plan.seed)
            _disturbed(plan, [*people, lead], nemesis, tally)
            failpoints.wanted = 0
            if plan.rest:
                _rest(here.engine, world, people, lead)
                history.fault("drained")
        found = dump(here.engine, world.project_id)
    return Outcome(
        plan,
        checker.check(history.lines, found),
        tally.acknowledged,
        {"failpoints": failpoints.deaths, **nemesis.struck},
        time.perf_counter() - begun,
        tally.milliseconds,
        history.lines,
        found,
    )


@contextmanager
def _ways(
    plan: Plan, here: Store, failpoints: doors.Failpoints
) -> Iterator[tuple[Sequence[Door], list[faults.Fault]]]:
    """Everybody's way to the store, and what will disturb it."""
    chance = random.Random(f"faults-{plan.seed}")
    own = doors.Failpoints() if plan.http else failpoints
    store_ways = [
        doors.StoreDoor(here.url, plan.mutant, own, random.Random(f"{plan.seed}-{n}"))
        for n in range(plan.reviewers + 1)  # the last is the lead's
    ]
    kill = partial(faults.kill_one, store_ways, chance)
    pause = partial(faults.pause_one, store_ways, chance)
    ways: Sequence[Door] = store_ways
    browsers: list[doors.HttpDoor] = []
    site = Site(here.url, here.folder, failpoints) if plan.http else None
    try:
        if site is not None:
            site.ready()
            kill, pause = partial(site.kill, chance), partial(site.pause, chance)
            browsers = [
                doors.HttpDoor(site.ports, random.Random(f"http-{n}"), way)
                for n, way in enumerate(store_ways)
            ]
            ways = browsers
        listed = [
            faults.Fault("kills", plan.kills, kill),
            faults.Fault("pauses", plan.pauses, pause),
        ]
        if here.cluster is not None:
            listed.append(faults.Fault("database stops", plan.stops, here.cluster.stumble))
        yield ways, listed
    finally:
        for browser in browsers:
            browser.close()
        for way in store_ways:
            way.close()
        if site is not None:
            site.close()


def _disturbed(
    plan: Plan, reviewers: list[Reviewer], nemesis: faults.Nemesis, tally: Tally
) -> None:
    """Everybody works while things break, until enough is acknowledged."""
    last = [0, time.monotonic()]

    def enough() -> bool:
        if tally.acknowledged != last[0]:
            last[:] = [tally.acknowledged, time.monotonic()]
        return tally.acknowledged >= plan.decisions or time.monotonic() - last[1] > PATIENT

    nemesis.start()
    together([partial(who.work, enough) for who in reviewers])
    tally.calm.set()
    nemesis.join()


def together(parts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the parts at once; their results, or the first failure."""
    with ThreadPoolExecutor(len(parts)) as pool:
        return [part.result() for part in [pool.submit(part) for part in parts]]


def _rest(engine: Engine, world: World, reviewers: list[Reviewer], lead: Lead) -> None:
    """No more faults: the queue empties, the lead settles the rest, and reads what is left to them.

    All others may have given its label, or have read it before.
    """
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < PATIENT:
        some = together([who.drain for who in reviewers])
        if any(some) or settle_all(engine, world) or lead.drain():
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > LEASE.total_seconds() + 0.5:
            return
        else:
            time.sleep(0.1)


def settle_all(engine: Engine, world: World) -> int:
    """The lead rules on every open case."""
    lead = lead_of(world)
    with reading(engine) as session:
        cases = open_cases(session, world.project_id, limit=10_000)
    for case in cases:
        try:
            with writing(engine) as session:
                now = database_now(session)
                _settle(caller(session, lead.person_id, now=now), world, case)
        except Conflict as refused:
            if refused.code != "settled":  # by an answer that came since the look
                raise
    return len(cases)


def _settle(lead: Caller, world: World, case: Row[Any]) -> None:
    if case.kind in (Question.DIFFERS, Question.NOT_CONFIRMED):
        rulings.leave(lead, world.slug, case.id)
        return
    ruling = Submission(
        key=f"ruling-{case.id}",
        verdict=Verdict.RELABEL,
        example_id=case.example_id,
        label_id=world.labels[case.example_id % len(world.labels)],
    )
    rulings.settle(lead, world.slug, case.id, ruling)
