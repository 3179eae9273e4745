"""What the database or the disk refuses, as a failure that is expected: asked by every edge."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable

from sqlalchemy import exc as sql

from app.errors import (
    Busy,
    Conflict,
    DatabaseAway,
    DatabaseDamaged,
    DiskFull,
    Failure,
    Invalid,
    NotWritable,
)

RAISED = (sql.SQLAlchemyError, sqlite3.Error, OSError)
"""How it makes itself known: `failure_of` tells what it means, if anything."""

OUT_OF_RANGE = (OverflowError, UnicodeEncodeError)
"""How a value makes itself known that passed the door and that the database cannot hold."""

UNREACHED = (sql.DBAPIError, sql.TimeoutError, TimeoutError)
"""How a database that is away or busy makes itself known to a worker, which waits for it."""

UNDONE = "Nothing was stored."


def out_of_range() -> Invalid:
    return Invalid("A value is outside what can be stored.")


def busy() -> Busy:
    return Busy(UNDONE, next_step="Wait a moment and try again.")


def away() -> DatabaseAway:
    return DatabaseAway(
        UNDONE,
        next_step="Wait a moment and try again. If it stays away: start the database, or check "
        "its address, user and password.",
    )


def full() -> DiskFull:
    return DiskFull(
        UNDONE,
        next_step="Make room on the disk that holds the data, then try again. "
        "Nothing has to be restarted.",
    )


def not_writable() -> NotWritable:
    return NotWritable(
        UNDONE,
        next_step="Let the user that runs Relabel write to the data directory and the database, "
        "or name another place with --data or --database.",
    )


def damaged() -> DatabaseDamaged:
    return DatabaseDamaged(
        UNDONE,
        next_step="Stop Relabel, keep a copy of the file, and put back the newest backup.",
    )


_BY_SQLITE = {
    sqlite3.SQLITE_BUSY: busy,
    sqlite3.SQLITE_LOCKED: busy,
    sqlite3.SQLITE_PROTOCOL: busy,
    sqlite3.SQLITE_NOMEM: busy,
    sqlite3.SQLITE_FULL: full,
    sqlite3.SQLITE_IOERR: full,  # a quota or a limit of a file's size says so
    sqlite3.SQLITE_READONLY: not_writable,
    sqlite3.SQLITE_PERM: not_writable,
    sqlite3.SQLITE_CANTOPEN: not_writable,
    sqlite3.SQLITE_CORRUPT: damaged,
    sqlite3.SQLITE_NOTADB: damaged,
}
_BY_SQLSTATE = {  # https://www.postgresql.org/docs/current/errcodes-appendix.html
    "25006": not_writable,  # a server that only reads
    "40001": busy,
    "40P01": busy,
    "42501": not_writable,
    "53100": full,
    "53200": busy,
    "53300": busy,
    "55P03": busy,
    "57014": busy,  # took longer than a statement may
    "58030": full,
    "XX001": damaged,
    "XX002": damaged,
}
_BY_ERRNO = {
    errno.ENOSPC: full,
    errno.EDQUOT: full,
    errno.EFBIG: full,
    errno.EROFS: not_writable,
    errno.EACCES: not_writable,
    errno.EPERM: not_writable,
    errno.EMFILE: busy,
    errno.ENFILE: busy,
}


def failure_of(error: BaseException) -> Failure | None:
    """What a refusal of the database or the disk means; None for a mistake of ours."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, sql.DBAPIError):
        return _of_database(error)
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error, sql.TimeoutError | TimeoutError):
        return busy()
    if isinstance(error, OSError):
        return _made(_BY_ERRNO.get(error.errno or 0))
    return None


def _made(make: Callable[[], Failure] | None) -> Failure | None:
    return make() if make is not None else None


def _of_database(error: sql.DBAPIError) -> Failure | None:
    driver = error.orig
    if isinstance(error, sql.IntegrityError):
        return Conflict(
            "Someone changed the same thing at the same moment.",
            next_step="Look at it again, then repeat what you did.",
        )
    if isinstance(error, sql.DataError):
        return Invalid("A value is outside what can be stored.")
    if isinstance(driver, sqlite3.Error):
        return _of_sqlite(driver)
    known = _made(_BY_SQLSTATE.get(getattr(driver, "sqlstate", None) or ""))
    if known is not None:
        return known
    told = isinstance(error, sql.OperationalError | sql.InterfaceError)
    return away() if told or error.connection_invalidated else None


def _of_sqlite(error: sqlite3.Error) -> Failure | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of it only says where
    return _made(_BY_SQLITE.get(code))
