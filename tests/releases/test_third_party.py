"""A verifier that knows the documentation alone comes to the same end."""

from __future__ import annotations

import ast
import random
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.datasets.labels import retire_label
from app.db.engine import writing
from app.db.log import lock_project
from app.db.words import Reason, Role, Verdict
from app.errors import Failure
from app.releases.formats.csv_file import CSV, SPREADSHEET
from app.releases.formats.format import EXACT
from app.releases.formats.jsonl_file import JSONL
from app.releases.options import Pending, What
from app.releases.verify import verify
from tests.releases import third_party
from tests.releases.forgeries import FORGERIES, REWRITTEN
from tests.releases.worlds import History, bring, erase, logged_world, make_alike, rank, release
from tests.review.conftest import World

LONGEST = 295
WAYS = [(CSV, EXACT), (CSV, SPREADSHEET), (JSONL, EXACT)]
UNSEEN = ("csv-", "data.jsonl: ", "parquet: ")
UNASKED = {
    "manifest: another key",
    "manifest: another key in the release",
    "manifest: a key less in the release",
    "manifest: a number is true",
    "labels: another key",
    "log: no policy",
    "log: an undo of another's answer",
    "event in other bytes: a key of other letters",
    "rows: an empty text for none",
    "rows: none for an empty text",
    "rows: too fine a quality",
}
"""It holds the values of the rows against the log. How their files are written, and whether an
object has other fields, it does not ask."""


def test_it_is_short_and_imports_nothing_but_the_standard_library() -> None:
    source = Path(third_party.__file__).read_text()
    nodes = list(ast.walk(ast.parse(source)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names
    assert len(source.splitlines()) < LONGEST


def seen(name: str) -> bool:
    return not name.startswith(UNSEEN) and name not in UNASKED


def lived(engine: Engine, seed: int) -> World:
    """Whatever a project may live through."""
    rng = random.Random(seed)
    codes = seed % 3 == 0
    world = logged_world(
        engine, examples=8, confirmations=rng.choice([1, 2]), unlabelled=1, codes=codes
    )
    odd = rng.choice(['say "x"', "a\rb", "x\ny, z", "=1", "", "👋 é"])
    bring(world, examples=3, label="category", more={"relabel_by": "me", "odd": odd})
    if seed % 2 == 0:
        make_alike(world, rng.sample(world.examples, 6))
    History(world, rng).live(150)
    if seed % 2:
        erase(world, rng.choice(world.examples))
        rank(world, rng)
    ann = world.person(f"ann{seed}", Role.EXPERT)
    for example in world.examples[-3:]:
        with suppress(Failure):
            world.answer(ann, None, Verdict.REMOVE, example_id=example, reason=Reason.PRIVATE)
    if seed % 3 == 1:
        with writing(engine) as session:
            a, b, _ = world.labels
            lock = lock_project(session, world.project_id)
            retire_label(lock, b, replaced_by=a, actor=None, now=world.now)
            lock.save()
    return world


def test_it_agrees_with_releases_of_random_histories(engine: Engine, tmp_path: Path) -> None:
    seeds = 12 if engine.dialect.name == "sqlite" else 2
    for seed in range(seeds):
        world, rng = lived(engine, seed), random.Random(seed)
        for number, (format, flavour) in enumerate(WAYS):
            made = release(
                world,
                tmp_path / f"{seed}-{number}",
                format=format,
                flavour=flavour,
                what=rng.choice(list(What)),
                pending=rng.choice(list(Pending)),
                unreviewed=rng.random() < 0.7,
            )
            ours = verify(made)
            assert ours.problems.lines() == []
            third_party.verify(made, head=ours.head)


@pytest.mark.parametrize("name", [name for name in FORGERIES if seen(name)])
def test_it_finds_forgeries(forge, name: str) -> None:
    place = forge(FORGERIES[name]).place
    with pytest.raises((ValueError, LookupError, TypeError, OSError, StopIteration)):
        third_party.verify(place)


@pytest.mark.parametrize("name", REWRITTEN)
def test_it_needs_the_head_for_a_log_written_anew(made: Path, forge, name: str) -> None:
    place = forge(REWRITTEN[name]).place
    third_party.verify(place)
    with pytest.raises(ValueError, match="another log"):
        third_party.verify(place, head=verify(made / REWRITTEN[name].way).head)
