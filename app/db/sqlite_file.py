"""SQLite keeps what was written in one file and, for a while, in a log beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

from sqlalchemy import Engine

from app.db.dialects import is_sqlite

_LAST_WAIT = 1_000  # milliseconds that a process which leaves waits for others


def bring_into_one_file(engine: Engine) -> None:
    """Move what SQLite's log holds into the database's file, as far as others let it.

    Whoever closes it last takes the emptied log away. A file that cannot be opened stays as it is.
    """
    with suppress(sqlite3.Error), closing(engine.raw_connection()) as pooled:
        driver = pooled.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute(f"PRAGMA busy_timeout={_LAST_WAIT}")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def rewrite(engine: Engine) -> bool:
    """Write SQLite's file anew, so that nothing of deleted rows is left between those that stay.

    Deleting only marks a place as free, in the file and in the log beside it. False where somebody
    else read on meanwhile, so that the log could not be emptied. PostgreSQL does it by itself.
    """
    if not is_sqlite(engine):
        return True
    with closing(engine.raw_connection()) as pooled:
        driver = pooled.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        try:
            driver.execute("PRAGMA temp_store=FILE")  # the copy may be larger than the memory
            driver.execute("VACUUM")
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            driver.execute("PRAGMA temp_store=MEMORY")
    return not busy
