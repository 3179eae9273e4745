"""One SQLite and one PostgreSQL for every bad input; each case has a project of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.db.engine import open_engine
from tests.conftest import DATABASES
from tests.nasty.making import Case
from tests.postgres import Reused


@pytest.fixture(scope="session")
def both(
    sqlite_template: Path, postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Engine]]:
    """One SQLite and one PostgreSQL for all cases: each case has a project of its own."""
    folder = tmp_path_factory.mktemp("nasty")
    shutil.copy(sqlite_template, folder / "relabel.sqlite")
    made = Reused(postgresql_server, "relabel_nasty")
    engines = [open_engine(f"sqlite:///{folder / 'relabel.sqlite'}"), open_engine(made.url)]
    yield engines
    for engine in engines:
        engine.dispose()
    made.close()


def each_case(cases: Sequence[Case], *, turn: int) -> pytest.MarkDecorator:
    """Every case on one of the databases in turn; another door meets it on the other (`turn`)."""
    return pytest.mark.parametrize(
        ("case", "database"),
        [
            pytest.param(case, (place + turn) % 2, id=f"{case.id}-{DATABASES[(place + turn) % 2]}")
            for place, case in enumerate(cases)
        ],
    )


def on_both(engines: list[Engine], work: Callable[[Engine], None]) -> None:
    """The same on both databases, at the same time."""
    with ThreadPoolExecutor(len(engines)) as pool:
        for done in [pool.submit(work, engine) for engine in engines]:
            done.result()
