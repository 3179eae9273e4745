"""A lively project released in every way, and the means to forge it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.db.engine import open_engine
from app.db.migrate import climb
from app.db.words import Reason, Role, Verdict
from app.releases.formats.csv_file import SPREADSHEET
from app.releases.formats.format import EXACT
from app.releases.formats.jsonl_file import JSONL
from app.releases.formats.registry import FORMATS
from app.releases.options import Pending
from tests.releases.forgeries import EVENT, NOTHING, Forgery
from tests.releases.forging import Forger
from tests.releases.worlds import (
    History,
    ask_for,
    bring,
    erase,
    logged_world,
    make_alike,
    rank,
    release,
)
from tests.review.conftest import World


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A lively project in each format, and the release of a stranger's."""
    folder = tmp_path_factory.mktemp("made")
    engine = open_engine(f"sqlite:///{folder / 'relabel.sqlite'}")
    climb(engine)
    world = lively(engine)
    for format in (JSONL, *(known for known in FORMATS.values() if known is not JSONL)):
        how = {"format": format, "pending": Pending.COLUMN}
        release(world, folder / f"{format.name}-{EXACT.name}", **how)
    release(world, folder / f"csv-{SPREADSHEET.name}", flavour=SPREADSHEET, pending=Pending.COLUMN)
    engine.dispose()
    other = open_engine(f"sqlite:///{folder / 'other.sqlite'}")
    climb(other)
    release(logged_world(other, examples=5), folder / "stranger", format=JSONL)
    other.dispose()
    yield folder


def lively(engine: Engine) -> World:
    world = logged_world(engine, examples=14, confirmations=2, text="exämple")
    bring(world, examples=4, label="category")
    History(world, random.Random(5)).live(220)
    bring(world, examples=4, more={"note": "=1+1"})
    bring(world, examples=2, more={"note": ""})
    erase(world, world.examples[4])
    rank(world, random.Random(6))
    ann = world.person("ann", Role.EXPERT)
    ask_for(world, confirmations=1)
    world.answer(ann, None, Verdict.CONFIRM, example_id=world.examples[-3])
    removed = {"example_id": world.examples[-2], "reason": Reason.DUPLICATE}
    world.answer(ann, None, Verdict.REMOVE, **removed)
    world.answer(ann, None, Verdict.RELABEL, world.labels[2], example_id=world.examples[-6])
    bring(world, examples=3, more={"note": "thrice"})
    make_alike(world, world.examples[-3:])
    world.answer(ann, None, Verdict.RELABEL, world.labels[2], example_id=world.examples[-2])
    return world


@pytest.fixture
def forge(made: Path, tmp_path: Path):
    def forged(forgery: Forgery) -> Forger:
        shutil.copytree(made / "stranger", tmp_path / "stranger")
        forger = Forger(Path(shutil.copytree(made / forgery.way, tmp_path / "release")))
        forgery.edit(forger)
        if forgery.signs == NOTHING:
            return forger
        if forgery.values:
            forger.value_hashes()
        if forgery.signs == EVENT:
            forger.sign_event()
            forger.chain()
        forger.sign()
        return forger

    return forged
