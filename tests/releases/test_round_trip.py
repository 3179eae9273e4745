"""From a file through the product and back to the same file; and killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
from sqlalchemy import Engine, select

from app.db.engine import open_engine, reading, writing
from app.db.migrate import climb
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.releases import Release
from app.db.tables.review import Event
from app.db.words import EventKind, ImportState, Role, RunState, Verdict
from app.releases.formats.jsonl_file import JSONL
from app.releases.verify import verify
from app.settings import Settings
from tests.conftest import NOON
from tests.datasets.bringing import bring_in
from tests.releases.worlds import logged_world, noted, release
from tests.review.conftest import World
from tests.steps import open_epoch

CSV = (
    "id,text,label,note\n"
    'a1,"where, is it",arrival,\n'
    "a2,it is  lost ,lost,NA\n"
    'a3,"two\nlines ""quoted""",lost,001\n'
    "a4,naïve ünïcode 👋,arrival,None\n"
)


def imported(engine: Engine, place: Path, name: str, content: str, **more: object) -> World:
    file = place / name
    file.write_text(content, newline="")
    result = bring_in(engine, Settings(data=place / "data"), "Cards", file, **more)
    assert result.state is ImportState.DONE, result
    world = World(engine)
    with writing(engine) as session:
        world.project_id = session.scalars(select(Project.id)).one()
        world.labels = list(session.scalars(select(Label.id).order_by(Label.id)))
        world.examples = list(session.scalars(select(Example.id).order_by(Example.id)))
        open_epoch(session, world.project_id, reason="import", now=NOON, rng=world.rng)
    return world


def test_what_nobody_changed_comes_back_byte_for_byte(engine: Engine, tmp_path: Path) -> None:
    world = imported(engine, tmp_path, "cards.csv", CSV)
    ann = world.person("ann", Role.EXPERT)
    world.answer(ann, None, Verdict.RELABEL, world.labels[1], example_id=world.examples[0])
    made = release(world, tmp_path / "r")
    lines = (made / "data.csv").read_text().replace("\nlines", "|lines").splitlines()
    assert lines[0].startswith("id,text,label,note,relabel_given,")
    old = CSV.replace("\nlines", "|lines").splitlines()
    assert lines[1].startswith('a1,"where, is it",lost,,arrival,relabeled,')
    for before, after in zip(old[2:], lines[2:], strict=True):
        assert after.startswith(before + ",")
    assert verify(made).problems.lines() == []


def test_a_release_is_a_dataset_again(engine: Engine, tmp_path: Path) -> None:
    world = imported(engine, tmp_path, "cards.csv", CSV)
    made = release(world, tmp_path / "r", format=JSONL)
    text = (made / "data.jsonl").read_text()
    other = open_engine(f"sqlite:///{tmp_path / 'other.sqlite'}")
    climb(other)
    (tmp_path / "again").mkdir()
    again = imported(
        other, tmp_path / "again", "data.jsonl", text, text="text", label="label", id="id"
    )
    twice = release(again, tmp_path / "twice", format=JSONL)
    first = [orjson.loads(line) for line in text.splitlines()]
    second = [orjson.loads(line) for line in (twice / "data.jsonl").read_bytes().splitlines()]
    for before, after in zip(first, second, strict=True):
        assert after == before
    assert list(second[0]) == list(first[0])
    assert verify(twice).problems.lines() == []
    other.dispose()


KILLED = """
import os, signal, sys
from pathlib import Path
import app.db.tables.all
from app.datasets.blobs import BlobStore
from app.db.engine import database_now, open_engine, reading
from app.releases import build, durable

left = int(sys.argv[4])
def step(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

def watched(module, name):
    real = getattr(module, name)
    def slow(*args, **more):
        step()
        result = real(*args, **more)
        step()
        return result
    setattr(module, name, slow)

for name in ("write_data", "files_of", "lock_project", "_write_proof", "put_in_place", "_finish"):
    watched(build, name)
for name in ("sync_file", "sync_directory"):
    watched(durable, name)
engine = open_engine(sys.argv[1])
with reading(engine) as session:
    now = database_now(session)
stored = build.Stored(engine, BlobStore(Path(sys.argv[3]).parent / "blobs"))
build.build_release(stored, int(sys.argv[2]), Path(sys.argv[3]), now=now)
"""


def test_killed_at_any_step_nothing_half_is_left_and_one_release_comes_of_it(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    world = logged_world(engine, examples=6)
    ann = world.person("ann", Role.EXPERT)
    world.answer(ann, None, Verdict.RELABEL, world.labels[2], example_id=world.examples[0])
    made = noted(world)
    where = tmp_path / "releases" / "1"
    kills = 0
    while True:
        line = [sys.executable, "-c", KILLED, database_url, str(made.id), str(where), str(kills)]
        done = subprocess.run(line, capture_output=True, text=True, env=os.environ)
        if where.exists():
            assert verify(where).problems.lines() == []
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        kills += 1
    assert kills > 10
    with reading(engine) as session:
        row = session.get_one(Release, made.id)
    assert row.state is RunState.COMPLETE and row.head_hash is not None
    assert verify(where, head=row.head_hash.hex()).sound
    assert [path.name for path in where.parent.iterdir()] == ["1"]
    assert len(world.all(Event, Event.kind == EventKind.RELEASE)) == 1
