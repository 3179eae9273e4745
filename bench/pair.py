"""Two checkouts under the same load, in turn: what is measured beside each other is comparable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.answers import cpu_of
from bench.running import Web, database, web
from bench.seed import Seeded, read_seeded

# Each checkout has a schema of its own, so each makes and fills its own database.
_FILL = """
import dataclasses, json, sys
from app.db.engine import open_engine
from app.db.migrate import climb
from bench.seed import seed
engine = open_engine(sys.argv[1])
climb(engine)
seeded = seed(engine, examples=int(sys.argv[2]), reviewers=int(sys.argv[3]))
print(json.dumps(dataclasses.asdict(seeded)))
"""


@dataclass(frozen=True)
class Comparison:
    """How two checkouts are compared: runs of so many seconds, so many of each."""

    backend: str
    examples: int
    seconds: float
    rounds: int


@dataclass
class Side:
    """One checkout that serves, and the figures of its runs."""

    checkout: Path
    site: Web
    seeded: Seeded
    cpu_ms: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def run(self, reviewers: int, seconds: float) -> None:
        measured, cpu = cpu_of(self.site, self.seeded, reviewers=reviewers, seconds=seconds)
        self.cpu_ms.append(cpu)
        self.p50_ms.append(measured.quantile(0.5))
        self.rate.append(measured.answers_a_second)
        self.failures += measured.failures


def compare(checkouts: tuple[Path, Path], asked: Comparison, *, reviewers: int) -> str:
    """Runs A B A B, after one of each that is not counted: medians, and the first's share."""
    with (
        _serving(checkouts[0], asked, reviewers) as a,
        _serving(checkouts[1], asked, reviewers) as b,
    ):
        for side in (a, b):
            cpu_of(side.site, side.seeded, reviewers=reviewers, seconds=asked.seconds / 2)
        for _ in range(asked.rounds):
            for side in (a, b):
                side.run(reviewers, asked.seconds)
        return _table(a, b, reviewers)


@contextmanager
def _serving(checkout: Path, asked: Comparison, reviewers: int) -> Iterator[Side]:
    with database(asked.backend, migrated=False) as (url, folder):
        line = [sys.executable, "-c", _FILL, url, str(asked.examples), str(reviewers)]
        around = os.environ | {"PYTHONPATH": str(checkout)}
        filled = subprocess.run(line, env=around, cwd=checkout, check=True, stdout=subprocess.PIPE)
        seeded = read_seeded(json.loads(filled.stdout))
        with web(url, folder, checkout=checkout) as site:
            yield Side(checkout, site, seeded)


def _table(a: Side, b: Side, reviewers: int) -> str:
    lines = [f"{reviewers} reviewers: {a.checkout} against {b.checkout}"]
    for name, one, other in (
        ("CPU ms an answer", a.cpu_ms, b.cpu_ms),
        ("p50 ms", a.p50_ms, b.p50_ms),
        ("answers a second", a.rate, b.rate),
    ):
        ratio = median(x / y for x, y in zip(one, other, strict=True))
        lines.append(f"{name:>20}  {median(one):8.2f} {median(other):8.2f}  x {ratio:.3f}")
    return "\n".join([*lines, *(a.failures + b.failures)[:5]])
