"""The engine, sessions for reading and writing, and the database's clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import orjson
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from app.db.dialects import (
    database_now_query,
    is_sqlite,
    prepare_postgresql,
    prepare_sqlite,
)
from app.db.sqlite_file import bring_into_one_file
from app.errors import UnsafeConfiguration

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1  # seconds; others look every two thousandths
_PARTS_TO_A_PAUSE = 10  # a tenth of what a part took is left to others


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def database_url(text: str) -> URL:
    """The address of a database of a kind that is known here."""
    try:
        url = make_url(text)
        known = url.get_backend_name() in ("sqlite", "postgresql")
    except (ArgumentError, ValueError):
        known = False
    if not known:
        raise UnsafeConfiguration(
            "The address of the database is none that Relabel knows.",
            next_step="Write it as postgresql://user:password@host/name, or leave it out to use "
            "SQLite in the data directory.",
            code="database_url",
        )
    return url


def open_engine(url: str, *, pool_size: int = 24) -> Engine:
    """Connect to either database with the settings that keep an acknowledged answer stored."""
    sqlite = database_url(url).get_backend_name() == "sqlite"
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False} if sqlite else {},
        pool_pre_ping=not sqlite,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        pool_size=pool_size,
        max_overflow=40,
        pool_timeout=30,
    )
    prepare = prepare_sqlite if sqlite else prepare_postgresql
    prepare(engine)
    return engine


def close(engine: Engine) -> None:
    """Let go of the database; of SQLite all that was stored is in its one file then."""
    engine.dispose()
    if is_sqlite(engine):
        bring_into_one_file(engine)
        engine.dispose()


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction that may write: committed at the end, rolled back on any failure."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def writing_a_part(engine: Engine) -> Iterator[Session]:
    """One of many transactions in a row, which leaves the file free for a moment afterwards.

    On SQLite a writer in another process looks again and again, and gets its turn only then; on a
    machine that is busy it also has to wait for a core, and so the longer the part took.
    """
    began = time.monotonic()
    with writing(engine) as session:
        yield session
    if is_sqlite(engine):
        pause = max(_SHORTEST_PAUSE, (time.monotonic() - began) / _PARTS_TO_A_PAUSE)
        time.sleep(min(pause, _LONGEST_PAUSE))


def quiet(engine: Engine) -> Engine:
    """The same engine, whose transactions cannot take the writer's turn."""
    return engine.execution_options(read_only=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One consistent look at the database that cannot take the writer's turn."""
    with Session(quiet(engine), expire_on_commit=False, autoflush=False) as session:
        yield session


def database_now(session: Session | Engine) -> datetime:
    """Read the database's time; the edge does this once a request or task."""
    if is_sqlite(session):
        return datetime.now(UTC)  # its time is this machine's
    assert isinstance(session, Session)  # another machine's time is asked in the transaction
    now = session.execute(database_now_query("postgresql")).scalar_one()
    assert isinstance(now, datetime)
    return now.astimezone(UTC)
