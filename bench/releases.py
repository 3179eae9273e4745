"""Making and verifying a release: `python -m bench.releases --rows 100000 [--backend sqlite]`."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, insert, select

import app.db.tables.all  # noqa: F401
from app.datasets.file_form import form_of
from app.datasets.labels import write_schema
from app.datasets.publish import lines_hash
from app.db.canonical import Loggable
from app.db.engine import database_now, open_engine, reading, writing
from app.db.log import lock_project
from app.db.tables.accounts import Person
from app.db.tables.datasets import DataImport, Example, Label
from app.db.tables.review import Decision
from app.db.words import EventKind, Mode, ReadReason, Verdict
from app.releases.formats.registry import FORMATS
from app.releases.options import ReleaseSpec
from app.releases.under_way import note_release
from bench.running import database, fsync_milliseconds
from bench.seed import seed

CHUNK = 5_000
DECIDED = 0.3

MAKE = """
import sys, time
from pathlib import Path
import psutil
import pyarrow.parquet  # its own 50 MB are not the release's
import app.db.tables.all
from app.datasets.blobs import BlobStore
from app.db.engine import database_now, open_engine, reading
from app.releases.build import Stored, build_release

def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 2**10 for line in file if line.startswith("VmHWM"))

engine = open_engine(sys.argv[1])
with reading(engine) as session:
    now = database_now(session)
before = psutil.Process().memory_info().rss / 2**20
begun, used = time.perf_counter(), time.process_time()
stored = Stored(engine, BlobStore(Path(sys.argv[3]).parent / "blobs"))
build_release(stored, int(sys.argv[2]), Path(sys.argv[3]), now=now)
took = time.perf_counter() - begun
print(took, time.process_time() - used, peak() - before)
"""
CHECK = """
import sys, time
from pathlib import Path
from app.releases.verify import verify

def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 2**10 for line in file if line.startswith("VmHWM"))

begun, used = time.perf_counter(), time.process_time()
found = verify(Path(sys.argv[1]))
took = time.perf_counter() - begun
assert found.sound, found.problems.lines()
print(took, time.process_time() - used, peak())
"""


def fill(engine: Engine, rows: int) -> int:
    """A seeded project with the events an import writes, and answers to a third of it."""
    seeded = seed(engine, examples=rows, reviewers=1)
    project_id = seeded.project_id
    with reading(engine) as session:
        now = database_now(session)
        import_id = session.scalars(
            select(DataImport.id).where(DataImport.project_id == project_id)
        ).one()
    with writing(engine) as session:
        found = session.get_one(DataImport, import_id)
        found.report = {
            "columns": ["text", "label"],
            "roles": {"text": "text", "label": "label"},
            "label_map": {f"label {n}": f"label {n}" for n in range(10)},
            "separator": ",",
        }
    lines = lines_hash(engine, import_id)
    with writing(engine) as session:
        held = lock_project(session, project_id)
        found = session.get_one(DataImport, import_id)
        write_schema(session, held, actor=None, now=now)
        data: dict[str, Loggable] = {
            "import": import_id,
            "rows": rows,
            "left_out": 0,
            "sha256": found.sha256,
            "lines": lines,
            "form": form_of(session, found).hash,
        }
        found.seq = held.append(EventKind.IMPORT, data, actor=None, now=now).seq
        held.save()
    _answer(engine, project_id, now)
    return project_id


def _answer(engine: Engine, project_id: int, now: datetime) -> None:
    rng = random.Random(2)
    with reading(engine) as session:
        examples = session.scalars(select(Example.id).where(Example.project_id == project_id)).all()
        labels = session.scalars(select(Label.id).where(Label.project_id == project_id)).all()
        person = session.execute(select(Person.id, Person.pseudonym).limit(1)).one()
    chosen = [example for example in examples if rng.random() < DECIDED]
    for start in range(0, len(chosen), CHUNK):
        rows = []
        with writing(engine) as session:
            held = lock_project(session, project_id)
            for example in chosen[start : start + CHUNK]:
                change = rng.random() < 0.2
                label = rng.choice(labels) if change else None
                verdict = Verdict.RELABEL if change else Verdict.CONFIRM
                data: dict[str, Loggable] = {
                    "example": example,
                    "verdict": verdict.value,
                    "labels": [label] if label else [],
                    "reason": None,
                    "read": "first",
                    "shown": [1, 2, 3, 4, 5, 6],
                    "guideline": 1,
                    "supersedes": None,
                    "key": f"k{example}",
                }
                entry = held.append(
                    EventKind.DECISION, data, actor=person.pseudonym, now=now, example_id=example
                )
                rows.append(
                    {
                        "project_id": project_id,
                        "seq": entry.seq,
                        "idempotency_key": f"k{example}",
                        "content_hash": "0",
                        "example_id": example,
                        "person_id": person.id,
                        "verdict": verdict,
                        "label_id": label,
                        "mode": Mode.EVERYTHING,
                        "read_reason": ReadReason.FIRST,
                        "confirmations": 2,
                        "guideline_revision": 1,
                        "at": now,
                    }
                )
            session.execute(insert(Decision), rows)
            held.save()


def _child(code: str, *arguments: object) -> list[float]:
    """Seconds, seconds of processor time, megabytes."""
    line = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(line, check=True, capture_output=True, text=True, env=os.environ)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--backend", choices=["sqlite", "postgresql"], default="sqlite")
    asked = parser.parse_args()
    found: dict[str, object] = {"rows": asked.rows, "backend": asked.backend}
    with database(asked.backend) as (url, folder):
        engine = open_engine(url)
        begun = time.perf_counter()
        project_id = fill(engine, asked.rows)
        print(f"seeded {asked.rows:,} rows in {time.perf_counter() - begun:.0f} s")
        found["fsync_ms"] = round(fsync_milliseconds(folder), 2)
        for format in FORMATS.values():
            with writing(engine) as session:
                now = database_now(session)
                spec = ReleaseSpec(format=format)
                lock = lock_project(session, project_id)
                made, _ = note_release(lock, spec, created_by=None, now=now)
            where = Path(folder) / f"release-{format.name}"
            seconds, used, growth = _child(MAKE, url, made.id, where)
            checked, checking, peak = _child(CHECK, where)
            size = sum(path.stat().st_size for path in where.iterdir()) / 2**20
            print(
                f"{format.name:8} release {seconds:5.1f} s ({used:.1f} s CPU),"
                f" RSS +{growth:3.0f} MB, {size:3.0f} MB;"
                f" verify {checked:4.1f} s ({checking:.1f} s CPU), peak {peak:3.0f} MB"
            )
            found[format.name] = {
                "release_s": round(seconds, 2),
                "release_cpu_s": round(used, 2),
                "rss_growth_mb": round(growth),
                "verify_s": round(checked, 2),
                "verify_cpu_s": round(checking, 2),
                "verify_peak_mb": round(peak),
            }
        engine.dispose()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
