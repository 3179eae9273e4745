"""One SQLite and one PostgreSQL for every bad input; each case has a project of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.db.engine import open_engine


@pytest.fixture(scope="module")
def both(
    sqlite_template: Path, postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Engine]]:
    """One SQLite and one PostgreSQL for all cases: each case has a project of its own."""
    folder = tmp_path_factory.mktemp("nasty")
    shutil.copy(sqlite_template, folder / "relabel.sqlite")
    admin = open_engine(postgresql_server)
    name = f"nasty_{os.getpid()}_{id(folder)}"
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE relabel_template"))
    admin.dispose()
    head, _, tail = postgresql_server.partition("?")
    url = head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")
    engines = [open_engine(f"sqlite:///{folder / 'relabel.sqlite'}"), open_engine(url)]
    yield engines
    for engine in engines:
        engine.dispose()


def on_both(engines: list[Engine], work: Callable[[Engine], None]) -> None:
    """The same on both databases, at the same time."""
    with ThreadPoolExecutor(len(engines)) as pool:
        for done in [pool.submit(work, engine) for engine in engines]:
            done.result()
