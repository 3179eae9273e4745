"""What differs between SQLite and PostgreSQL, in one place."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Text,
    TextClause,
    any_,
    bindparam,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Insert

_Query = TypeVar("_Query", bound="Select[*tuple[Any, ...]]")

BUSY_SECONDS = 30
_SHORTLY = 0.02  # seconds between tries, where SQLite does not wait by itself
_LOOK_AGAIN = 0.002  # seconds between looks whether another process has written
_PATIENT = f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}"
STATEMENT_SECONDS = 60
_CACHE = "PRAGMA cache_size=-65536"
_CHECKPOINT_PAGES = 4_000  # 16 MB: an answer dirties the same few pages again and again
_CLIMBING = int.from_bytes(b"relabel")  # names the advisory lock of whoever climbs the schema


def is_sqlite(session: Session | Connection | Engine) -> bool:
    bind = session.get_bind() if isinstance(session, Session) else session
    return bind.dialect.name == "sqlite"


def locked(query: _Query, *, of: Any = None) -> _Query:
    """Hold the selected rows until the transaction ends (SQLite holds its one writer already)."""
    return query.with_for_update(of=of)


def among(session: Session, column: Any, values: list[str]) -> ColumnElement[bool]:
    """The column has one of many texts.

    PostgreSQL gets one array: a long IN list under a generic plan compares every row with every
    value (100,000 rows and 2,000 keys took a second each time).
    """
    if is_sqlite(session):
        return cast("ColumnElement[bool]", column.in_(values))
    many = bindparam(None, values, type_=postgresql.ARRAY(Text))
    return cast("ColumnElement[bool]", column == any_(many))


def insert_or_skip(session: Session, table: Any, *, index: list[str] | None = None) -> Insert:
    """An insert that leaves rows alone that are there already."""
    statement = sqlite.insert(table) if is_sqlite(session) else postgresql.insert(table)
    return statement.on_conflict_do_nothing(index_elements=index)


def one_snapshot(engine: Engine) -> Engine:
    """Transactions of this engine see one moment throughout (SQLite's always do)."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def climb_alone(connection: Connection) -> None:
    """Let one process climb at a time (SQLite's transaction holds its one writer's turn)."""
    if not is_sqlite(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _CLIMBING})


@contextmanager
def small_cache(session: Session) -> Iterator[None]:
    """For reading a whole table once: SQLite keeps few pages, which nothing asks for again."""
    if not is_sqlite(session):
        yield
        return
    session.execute(text("PRAGMA cache_size=-4096"))
    try:
        yield
    finally:
        session.execute(text(_CACHE))


def _write_ahead(raw: sqlite3.Connection) -> None:
    """Turn WAL on. Of two that do so first, SQLite refuses one at once, without waiting."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as problem:
            if not _is_busy(problem) or time.monotonic() > until:
                raise
            time.sleep(_SHORTLY)


def _tell(connection: Connection, word: str) -> None:
    """Send a word that needs no cursor; a refusal is raised as SQLAlchemy raises it."""
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    try:
        driver.execute(word)
    except sqlite3.Error as error:
        raise DBAPIError.instance(
            word, None, error, sqlite3.Error, dialect=connection.dialect
        ) from error


def _take_turn(connection: Connection) -> None:
    """Begin to write as soon as no other process does."""
    until = time.monotonic() + BUSY_SECONDS
    _tell(connection, "PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                _tell(connection, "BEGIN IMMEDIATE")
                return
            except DBAPIError as problem:
                if not _is_busy(problem.orig) or time.monotonic() > until:
                    raise
            time.sleep(_LOOK_AGAIN)
    finally:
        _tell(connection, _PATIENT)


def _is_busy(problem: BaseException | None) -> bool:
    return (
        isinstance(problem, sqlite3.OperationalError)
        and problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    )


def prepare_sqlite(engine: Engine) -> None:
    """WAL, FULL, foreign keys, and one writer at a time, from `BEGIN IMMEDIATE` on.

    SQLite's own waiting polls with growing pauses; a lock of this process hands the turn on at
    once. For the turn of another process one thread of ours at most looks, every two milliseconds:
    who writes a lot of parts has to pause no longer than that for others to get in between.
    """
    writing = threading.Lock()

    @event.listens_for(engine, "connect")
    def _connect(raw: sqlite3.Connection, record: object) -> None:
        raw.isolation_level = None
        raw.execute(_PATIENT)
        _write_ahead(raw)
        for line in (
            "PRAGMA synchronous=FULL",
            "PRAGMA foreign_keys=ON",
            f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}",
            "PRAGMA temp_store=MEMORY",
            _CACHE,
        ):
            raw.execute(line)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("read_only"):
            _tell(connection, "BEGIN")
            return
        if not writing.acquire(timeout=BUSY_SECONDS):
            raise TimeoutError("the database is busy")
        connection.info["writing"] = True
        try:
            _take_turn(connection)
        except BaseException:
            _end(connection)
            raise

    def _end(connection: Connection) -> None:
        if connection.info.pop("writing", False):
            writing.release()

    @event.listens_for(engine, "commit")
    def _commit(connection: Connection) -> None:
        _finish(connection, "COMMIT")

    @event.listens_for(engine, "rollback")
    def _rollback(connection: Connection) -> None:
        _end(connection)

    def _finish(connection: Connection, word: str) -> None:
        """Commit before the turn is handed on: the next writer never waits on the file's lock."""
        try:
            driver = connection.connection.dbapi_connection
            if driver is not None and driver.in_transaction:
                _tell(connection, word)
        finally:
            _end(connection)


def prepare_postgresql(engine: Engine) -> None:
    """Commits are durable, nothing waits for ever, and times are UTC."""

    @event.listens_for(engine, "connect")
    def _connect(raw: DBAPIConnection, record: object) -> None:
        with closing(raw.cursor()) as cursor:
            cursor.execute("SET synchronous_commit = on")
            cursor.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")
            cursor.execute("SET timezone = 'UTC'")
        raw.commit()


def database_now_query(dialect: str) -> TextClause:
    if dialect == "sqlite":
        return text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
    return text("SELECT clock_timestamp()")
