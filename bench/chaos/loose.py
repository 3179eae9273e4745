"""The tables without the rules that would stop a planted bug: the database holds them twice over.

The store keeps its promises by its code and, once more, by constraints. A planted bug shows only
where the second hold is taken away; the control run, without a bug, runs on such tables too.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Engine, text

TABLES = ("event", "decision", "reversal", "serve", "lease", "example", "left_out", "score")
_RULE = re.compile(r",\s*(CONSTRAINT \w+\s+)?(UNIQUE|PRIMARY KEY) \((?!id\))[^)]*\)")


def loosen(engine: Engine) -> None:
    """Take the uniqueness from an empty, migrated database; keys called `id` stay."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            _sqlite(connection)
        else:
            _postgresql(connection)


def _sqlite(connection: Connection) -> None:
    for table in TABLES:
        query = text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :t AND sql IS NOT NULL")
        found: list[Any] = list(connection.execute(query, {"t": table}))
        connection.exec_driver_sql(f"DROP TABLE {table}")
        for kind in ("table", "index"):
            for line in (sql for word, sql in found if word == kind):
                loose = _RULE.sub("", line) if kind == "table" else line.replace("UNIQUE ", "")
                connection.exec_driver_sql(loose)


def _postgresql(connection: Connection) -> None:
    for table in TABLES:
        query = text(
            "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:t AS regclass) "
            "AND (contype = 'u' OR (contype = 'p' AND NOT EXISTS (SELECT 1 FROM pg_attribute "
            "WHERE attrelid = conrelid AND attname = 'id')))"
        )
        for (name,) in list(connection.execute(query, {"t": table})):
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        plain = text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :t "
            "AND indexdef LIKE 'CREATE UNIQUE INDEX%' AND indexname NOT LIKE '%pkey'"
        )
        for name, line in list(connection.execute(plain, {"t": table})):
            connection.exec_driver_sql(f"DROP INDEX {name}")
            connection.exec_driver_sql(line.replace("UNIQUE ", ""))
