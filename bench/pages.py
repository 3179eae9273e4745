"""Pages of a large project: `python -m bench.pages --rows 1000000 --answers 50000`.

Fills a project, has reviewers answer over HTTP, lets the worker tell the estimate and the kind of
noise, then asks for each page as the lead. The web process's own time says what a page costs on a
machine that does other work too. `--keep DIR` fills the project once and measures it again later.
"""

from __future__ import annotations

import argparse
import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
from sqlalchemy import Engine, bindparam, func, select, update
from sqlalchemy.orm import aliased

from app.db.engine import open_engine, reading, writing
from app.db.migrate import climb
from app.db.tables.datasets import Example
from app.db.tables.jobs import Job
from app.db.tables.ranking import Score, ScoringRun
from app.jobs.queue import UNFINISHED
from app.ranking.runs import SCORE
from app.ranking.signal_names import SIGNALS, Signal, bit_of
from bench.answers import load_while
from bench.ranking.tables import aligned
from bench.running import Web, database, web, worker
from bench.seed import Reviewer, Seeded, read_seeded, seed

PAGES = (
    "",
    "/insights/noise",
    "/insights/slices",
    "/insights/sources",
    "/insights/duplicates",
    "/insights/bulk",
    "/scoring",
    "/examples",
    "/batches",
    "/batches/new",
    "/disagreements",
    "/reviewers",
    "/labels",
    "/log",
    "/test-audit",
    "/recovery",
    "/releases",
)
ROUNDS = 40
MOST_MS = 200
REVIEWERS = 4
FIRES = 0.02  # of the examples, for each signal
TIRED = 900  # seconds until the worker is not waited for any more


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one page: of the processor on the mean, and of each answer by the clock."""

    page: str
    status: int
    cpu: float
    clock: list[float]

    def row(self) -> list[str]:
        p95 = sorted(self.clock)[int(0.95 * (len(self.clock) - 1))]
        said = [f"{value:.0f}" for value in (self.cpu, median(self.clock), p95)]
        return [self.page or "overview", str(self.status), *said]


@contextmanager
def place(kept: Path | None) -> Iterator[tuple[str, Path]]:
    """A database for this run, or one that stays in `kept`."""
    if kept is None:
        with database("sqlite") as found:
            yield found
        return
    kept.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{kept / 'relabel.sqlite'}"
    engine = open_engine(url)
    climb(engine)
    engine.dispose()
    yield url, kept


def filled(url: str, folder: Path, *, rows: int, answers: int) -> Seeded:
    """The project, answered; what a former run left is taken as it is."""
    note = folder / "seeded.json"
    if note.exists():
        return read_seeded(json.loads(note.read_text()))
    engine = open_engine(url)
    seeded = seed(engine, examples=rows, reviewers=REVIEWERS, batch=min(rows, 2 * answers))
    tell_signals(engine, seeded)
    engine.dispose()
    with web(url, folder) as site:
        done = 0

        def going() -> bool:
            nonlocal done
            done += 1
            return done <= answers

        answered = load_while(site.port, seeded, REVIEWERS, going)
        if answered.failures:
            raise SystemExit(f"reviewers stopped: {answered.failures[:3]}")
    with worker(url, folder):
        _wait_for_worker(url, seeded.project_id)
    note.write_text(json.dumps(asdict(seeded)))
    return seeded


def tell_signals(engine: Engine, seeded: Seeded) -> None:
    """What a ranking leaves beside its scores, for pages that show it: in one of a hundred examples
    a copy of the one before it with another label, signals that fire, and what was found first."""
    rng = np.random.default_rng(1)
    other = aliased(Example)
    before = select(other.content_hash).where(other.id == Example.id - 1).scalar_subquery()
    copies = update(Example).where(Example.id % 100 == 0).values(content_hash=before)
    with writing(engine) as session:
        session.execute(copies.execution_options(synchronize_session=False))
        run = session.scalars(select(ScoringRun)).one()
        every = session.scalars(select(Score.example_id).order_by(Score.example_id)).all()
        masks = np.zeros(len(every), dtype=np.int64)
        for signal in SIGNALS:
            fires = rng.random(len(every)) < FIRES
            if signal is Signal.DUPLICATES:
                fires = np.isin(np.asarray(every) % 100, (99, 0))
            masks |= np.where(fires, bit_of(signal), 0)
        own = update(Score.__table__).where(  # type: ignore[arg-type]
            Score.run_id == run.id, Score.example_id == bindparam("example")
        )
        session.connection().execute(
            own.values(signals=bindparam("mask")),
            [
                {"example": example, "mask": int(mask)}
                for example, mask in zip(every, masks, strict=True)
            ],
        )
        fired: dict[str, int | None] = {
            signal: int((masks & bit_of(signal) != 0).sum()) for signal in SIGNALS
        }
        run.counts = {"examples": len(every), "scored": len(every), "signals": fired}
        pairs = [(one, other, 400) for one in seeded.labels for other in seeded.labels]
        run.findings = {
            "labels": len(every),
            "otherwise": len(every) // 10,
            "doubt": len(every) / 10,
            "qualities": [(len(every) // 20, len(every) // 200)] * 20,
            "pairs": [pair for pair in pairs if pair[0] != pair[1]][:40],
            "pairs_in_all": 90,
            "samples": {signal: list(every[:3]) for signal in SIGNALS},
        }


def _wait_for_worker(url: str, project_id: int) -> None:
    """Until nothing but a new ranking waits or runs in two looks, ten seconds apart."""
    engine, idle, until = open_engine(url), 0, time.monotonic() + TIRED
    query = select(func.count()).where(
        Job.project_id == project_id, Job.state.in_(UNFINISHED), Job.task != SCORE.name
    )
    while idle < 2:
        if time.monotonic() > until:
            raise SystemExit(f"the worker was still busy after {TIRED} seconds")
        time.sleep(10)
        with reading(engine) as session:
            idle = 0 if session.scalar(query) else idle + 1
    engine.dispose()


def ask(site: Web, seeded: Seeded, lead: Reviewer, page: str) -> Cost:
    """One page many times, on one connection; the first is not counted."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    clock, status, used = [], 0, 0.0
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        path = f"/p/{seeded.slug}{page}"
        connection.request("GET", path, headers={"Cookie": f"relabel={lead.cookie}"})
        reply = connection.getresponse()
        reply.read()
        clock.append((time.perf_counter() - begun) * 1000)
        status, used = reply.status, used or site.cpu_seconds()
    return Cost(page, status, (site.cpu_seconds() - used) * 1000 / ROUNDS, clock[1:])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--answers", type=int, default=50_000)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with place(asked.keep) as (url, folder):
        seeded = filled(url, folder, rows=asked.rows, answers=asked.answers)
        assert seeded.lead is not None
        with web(url, folder) as site:
            ask(site, seeded, seeded.lead, "/log")  # templates are compiled beside the first pages
            costs = [ask(site, seeded, seeded.lead, page) for page in PAGES]
    print(f"{asked.rows:,} examples, {asked.answers:,} answers; at most {MOST_MS} ms at p95")
    head = ["page", "status", "CPU ms", "median ms", "p95 ms"]
    print(aligned([head, *(one.row() for one in costs)]))


if __name__ == "__main__":
    main()
