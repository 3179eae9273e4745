"""What the preview of a new batch costs: `python -m bench.preview --keep DIR --rows 1000000`.

The project is that of `bench.pages`: filled once, measured again later; its examples get sources,
splits and a signal, and a view is saved. The form asks for its preview by each rule that a lead can
choose, for small and large batches, with and without a limit on each given label; the web process's
own time says what an answer costs, in steps of ten milliseconds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, case, func, insert, select, update

from app.db.engine import database_now, open_engine, writing
from app.db.tables.datasets import Example, Source
from app.db.tables.planned import SavedView
from app.db.tables.ranking import Score
from app.ranking.signal_names import Signal, bit_of
from bench.pages import filled, place
from bench.running import Web, web
from bench.seed import Seeded

SIZES = (100, 1_000, 10_000)
OF_EACH = (10, 100, 1_000)
"""Of every label or source, for each of the sizes."""

LIMITS = (5, 8, 20)
"""Parts of the size that one given label may be: a batch is full early, barely, or never."""

FILTERS = (
    "quality=0.5",
    "quality=0.001",
    "difficulty=0.999",
    "suggested=3",
    "given=3",
    "status=unreviewed",
    "split=test",
    "source=1",
    "source=2",
    "signal=leakage",
    "served=no",
    "batch=1",
    "q=payment",
    "q=Example 77",
)
RARE = 5_000
"""One example of so many comes from the first source, and has the signal; one of ten is tested."""

ROUNDS = 20
MOST_MS = 300


@dataclass(frozen=True)
class Asked:
    """One plan as the form sends it."""

    by: str
    size: int
    more: tuple[tuple[str, str | int], ...] = ()

    @property
    def words(self) -> str:
        return " ".join(
            [self.by, f"{self.size:,}", *(f"{name}={said}" for name, said in self.more)]
        )

    @property
    def payload(self) -> str:
        return json.dumps({"by": self.by, "size": self.size, **dict(self.more)})


def plans(seeded: Seeded) -> Iterator[Asked]:
    """Every rule that can be chosen, in each size."""
    one, other = seeded.labels[2], seeded.labels[6]
    for size, count in zip(SIZES, OF_EACH, strict=True):
        for by in ("priority", "audit"):
            yield Asked(by, size)
        for part in LIMITS:
            yield Asked("priority", size, (("most_each", max(1, size // part)),))
        for by in ("label", "grid"):
            yield Asked(by, size, (("label", one),))
        yield Asked("label", size)
        yield Asked("pair", size, (("label", one), ("suggested", other)))
        for by in ("spot_check", "source_check"):
            yield Asked(by, count)
        yield Asked("view", size, (("view", 1),))
        for said in FILTERS:
            yield Asked("filter", size, (("filter", said),))
            yield Asked("filter", size, (("filter", said), ("most_each", size // LIMITS[0])))


def dress(engine: Engine, seeded: Seeded) -> None:
    """Sources, splits, a signal and a saved view, where the project has none yet."""
    with writing(engine) as session:
        if session.scalar(select(func.count()).select_from(Source)):
            return
        names = [f"source {number}" for number in range(1, 5)]
        session.add_all(
            Source(project_id=seeded.project_id, origin=name, name=name) for name in names
        )
        session.flush()
        rare = Example.id % RARE == 7
        source = case((rare, 1), else_=2 + Example.id % 3)
        split = case((Example.id % 10 == 0, "test"), else_="train")
        session.execute(update(Example).values(source_id=source, split=split))
        fired = Score.example_id % RARE == 7
        session.execute(update(Score).where(fired).values(signals=bit_of(Signal.LEAKAGE)))
        view = {"project_id": seeded.project_id, "name": "Doubtful", "filter": {"quality": 0.5}}
        session.execute(insert(SavedView), [view | {"made_at": database_now(session)}])


def ask(site: Web, seeded: Seeded, plan: Asked, rounds: int) -> str:
    """One plan many times on one connection; the first is not counted."""
    assert seeded.lead is not None
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    headers = {
        "Cookie": f"relabel={seeded.lead.cookie}",
        "X-CSRF-Token": seeded.lead.csrf,
        "Content-Type": "application/json",
    }
    path = f"/api/v1/projects/{seeded.slug}/batches/preview"
    used, clock, status = [], [], 0
    for _ in range(rounds + 1):
        before, begun = site.cpu_seconds(), time.perf_counter()
        connection.request("POST", path, plan.payload, headers)
        reply = connection.getresponse()
        reply.read()
        clock.append((time.perf_counter() - begun) * 1000)
        used.append((site.cpu_seconds() - before) * 1000)
        status = reply.status
    said = [median(used[1:]), _p95(used[1:]), median(clock[1:])]
    return _line(plan.words, str(status), *(f"{value:.0f}" for value in said))


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.preview", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--answers", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", help="plans whose words hold this")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with place(asked.keep) as (url, folder):
        seeded = filled(url, folder, rows=asked.rows, answers=asked.answers)
        engine = open_engine(url)
        dress(engine, seeded)
        engine.dispose()
        print(f"{asked.rows:,} examples, {asked.answers:,} answers; at most {MOST_MS} ms at p95")
        print(_line("plan", "status", "CPU ms", "p95 CPU ms", "median ms"))
        with web(url, folder) as site:
            for plan in plans(seeded):
                if asked.only in plan.words:
                    print(ask(site, seeded, plan, asked.rounds), flush=True)


def _line(plan: str, *figures: str) -> str:
    return f"{plan:<50}" + "".join(f"{figure:>12}" for figure in figures)


if __name__ == "__main__":
    main()
