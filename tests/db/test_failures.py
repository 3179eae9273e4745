"""What either database or the disk refuses is told in words, whoever asks."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import database_url, open_engine, reading, writing
from app.db.failures import failure_of
from app.db.tables.accounts import Activity, Person
from app.errors import (
    Busy,
    DatabaseAway,
    DatabaseDamaged,
    DiskFull,
    Failure,
    NotWritable,
    UnsafeConfiguration,
)
from tests.conftest import NOON
from tests.outages import NOBODY_THERE, damage, full_disk


def met(act: Callable[[], object]) -> Failure | None:
    with pytest.raises((SQLAlchemyError, OSError)) as raised:
        act()
    return failure_of(raised.value)


def write_much(engine: Engine) -> None:
    detail = {"much": "x" * 4_000}
    with writing(engine) as session:
        row = {"at": NOON, "kind": "joined", "detail": detail}
        session.execute(insert(Activity), [row] * 200)


def look(engine: Engine) -> None:
    with reading(engine) as session:
        session.execute(select(Person.id)).all()


def test_a_full_disk_is_told_and_mended_without_a_restart(engine: Engine) -> None:
    with full_disk(engine):
        assert isinstance(met(lambda: write_much(engine)), DiskFull)
        look(engine)
    write_much(engine)


def test_a_database_that_is_away_is_told() -> None:
    engine = open_engine(NOBODY_THERE)
    assert isinstance(met(lambda: look(engine)), DatabaseAway)
    engine.dispose()


def test_a_statement_that_took_too_long_is_busy(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no limit of a statement's time")

    def wait() -> None:
        with reading(engine) as session:
            session.execute(text("SET LOCAL statement_timeout = '10ms'"))
            session.execute(text("SELECT pg_sleep(5)"))

    assert isinstance(met(wait), Busy)


def test_a_database_that_only_reads_is_told(engine: Engine, database_url: str) -> None:
    if engine.dialect.name == "sqlite":
        file = database_url.removeprefix("sqlite:///")
        look(engine)
        reader = open_engine(f"sqlite:///file:{file}?mode=ro&uri=true")
    else:
        reader = open_engine(f"{database_url}&options=-c%20default_transaction_read_only%3Don")
    assert isinstance(met(lambda: write_much(reader)), NotWritable)
    reader.dispose()


@pytest.mark.parametrize("how", ["not a database", "malformed"])
def test_a_damaged_file_is_told(sqlite_template: Path, tmp_path: Path, how: str) -> None:
    file = tmp_path / "relabel.sqlite"
    shutil.copy(sqlite_template, file)
    damage(file, how)
    engine = open_engine(f"sqlite:///{file}")
    assert isinstance(met(lambda: look(engine)), DatabaseDamaged)
    engine.dispose()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EROFS, NotWritable),
        (errno.EACCES, NotWritable),
        (errno.EMFILE, Busy),
    ],
)
def test_the_disk_speaks_for_itself(number: int, kind: type[Failure]) -> None:
    failure = failure_of(OSError(number, os.strerror(number)))
    assert isinstance(failure, kind)
    assert failure.next_step and "Nothing was stored." in failure.in_full


def test_a_mistake_of_ours_is_no_outage() -> None:
    assert failure_of(ValueError("ours")) is None
    assert failure_of(FileNotFoundError(errno.ENOENT, "gone")) is None


@pytest.mark.parametrize("odd", ["nonsense", "mysql://a@b/c", "postgresql://a:b@c:many/d", ""])
def test_an_address_of_no_database_is_refused(odd: str) -> None:
    with pytest.raises(UnsafeConfiguration) as refused:
        database_url(odd)
    assert "postgresql://" in refused.value.next_step
