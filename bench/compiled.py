"""Statements are compiled once, as in a process that runs; engines of tests and runs come and go.

A process of Relabel opens its database once, and compiles a statement when it is first sent. Each
test opens one anew: all of a kind share what was compiled, which was a tenth of the tests' time.
So do the clerks of a run of `bench.chaos`, which are forked from a process that compiled for them.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_MOST = 2_000  # statements
_compiled: LRUCache[object, object] = LRUCache(_MOST)


def share() -> None:
    """From now on engines of one kind are alike to SQLAlchemy's memories of statements."""
    for kind in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        setattr(kind, "__eq__", _alike)  # noqa: B010  # what is compiled is kept by dialect
        setattr(kind, "__hash__", _of_kind)  # noqa: B010
    event.listen(Engine, "engine_connect", _remember)


def count() -> int:
    """How many statements are compiled."""
    return len(_compiled)


def _alike(one: object, other: object) -> bool:
    return type(one) is type(other)


def _of_kind(one: object) -> int:
    return hash(type(one))


def _remember(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_compiled)
