"""Import a CSV of texts while a reviewer writes: `python -m bench.imports --rows 100000`."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from multiprocessing.synchronize import Event as Flag
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import insert

from app.cli.imports import ImportRequest, run_import, usual_answer
from app.db.engine import database_now, open_engine, writing
from app.db.migrate import climb
from app.db.tables.accounts import Activity
from app.settings import Settings

WORDS = [
    "my",
    "card",
    "has",
    "not",
    "arrived",
    "yet",
    "can",
    "you",
    "tell",
    "where",
    "the",
    "money",
    "went",
    "please",
    "help",
    "now",
]
PAUSE = 0.02
FLOORS = {"seconds": 20.0, "rss_mb": 400.0, "p99_ms": 150.0}


def write_csv(path: Path, rows: int) -> None:
    rng = random.Random(1)
    with path.open("w") as file:
        file.write("id,text,label,split\n")
        for row in range(rows):
            text = " ".join(rng.choices(WORDS, k=14))
            file.write(f"ex_{row},{text} {row},label {rng.randrange(77)},train\n")


def review(url: str, over: Flag, times: Any) -> None:
    """A reviewer's process: one small durable write after another, each timed."""
    engine = open_engine(url)
    found = []
    while not over.is_set():
        began = time.perf_counter()
        with writing(engine) as session:
            row = {"at": database_now(session), "kind": "bench", "detail": {}}
            session.execute(insert(Activity), [row])
        found.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    times.put(found)


class Memory(threading.Thread):
    """Watches the resident memory of this process and of its parser."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.own = self.child = 0
        self.over = threading.Event()

    def run(self) -> None:
        here = psutil.Process()
        while not self.over.wait(0.05):
            self.own = max(self.own, here.memory_info().rss)
            for child in here.children():
                try:
                    if "app.datasets.parse_child" in " ".join(child.cmdline()):
                        self.child = max(self.child, child.memory_info().rss)
                except psutil.Error:
                    continue


def measure(rows: int, database: str, folder: Path) -> dict[str, Any]:
    settings = Settings(data=folder, database=database)
    engine = open_engine(settings.database_url)
    climb(engine)
    path = folder / "rows.csv"
    write_csv(path, rows)
    context = multiprocessing.get_context("spawn")
    over, times = context.Event(), context.Queue()
    reviewer = context.Process(target=review, args=(settings.database_url, over, times))
    reviewer.start()
    time.sleep(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})  # one core for the import
    memory = Memory()
    memory.start()
    began = time.perf_counter()
    result = run_import(engine, settings, ImportRequest("bench", path), ask=usual_answer)
    seconds = time.perf_counter() - began
    memory.over.set()
    over.set()
    waits = sorted(times.get())
    reviewer.join()
    assert result.rows_good == rows, result
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "rows_per_second": round(rows / seconds),
        "rss_mb": round(memory.own / 2**20, 1),
        "rss_parser_mb": round(memory.child / 2**20, 1),
        "writes_meanwhile": len(waits),
        "p50_ms": round(1000 * waits[len(waits) // 2], 1),
        "p95_ms": round(1000 * waits[int(len(waits) * 0.95)], 1),
        "p99_ms": round(1000 * waits[int(len(waits) * 0.99)], 1),
        "max_ms": round(1000 * waits[-1], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", default="", help="a PostgreSQL URL; SQLite without it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(chosen.rows, chosen.database, Path(folder))
    for name, value in found.items():
        floor = f"   (at most {FLOORS[name]:g})" if name in FLOORS else ""
        print(f"{name:18} {value:>12,}{floor}")
    print(json.dumps(found))
    sys.exit(any(found[name] > most for name, most in FLOORS.items()))


if __name__ == "__main__":
    main()
