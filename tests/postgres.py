"""One PostgreSQL database for many tests, put back to empty between them."""

from __future__ import annotations

from sqlalchemy import Connection, text

from app.db.engine import open_engine
from app.db.migrate import climb

LARGE = 131_072
"""Bytes beyond which a table is truncated: a delete leaves its rows' room behind."""

_OTHERS_LEAVE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_EMPTY = f"""
DO $$
DECLARE one record;
BEGIN
  SET LOCAL session_replication_role = replica;
  SET LOCAL lock_timeout = '10s';
  FOR one IN SELECT oid, relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  LOOP
    IF pg_relation_size(one.oid) > {LARGE} THEN
      EXECUTE format('TRUNCATE %I CASCADE', one.relname);
    ELSIF pg_relation_size(one.oid) > 0 THEN
      EXECUTE format('DELETE FROM %I', one.relname);
    END IF;
  END LOOP;
  FOR one IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', one.sequencename);
  END LOOP;
END $$
"""

_SHAPE = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
  SELECT format('%s %s', relkind, relname) FROM pg_class
    WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
  UNION ALL SELECT format('%s.%s %s', attrelid::regclass, attname, atttypid) FROM pg_attribute
    WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
  UNION ALL SELECT format('%s %s', conrelid, conname) FROM pg_constraint
  UNION ALL SELECT format('%s %s', tgrelid, tgname) FROM pg_trigger
  UNION ALL SELECT format('%s', proname) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT version_num FROM alembic_version
) AS described(line)
"""


class Reused:
    """A migrated database that every test finds empty, whatever the one before did to it."""

    def __init__(self, server: str, name: str) -> None:
        self.server, self.name = server, name
        self.url = at_database(server, name)
        self._admin = open_engine(server)
        self._own = open_engine(self.url)
        self._make()

    def fresh(self) -> str:
        """Its URL, once nothing of an earlier test is left."""
        if not self._emptied():
            self._make()
        return self.url

    def close(self) -> None:
        self._own.dispose()
        self._admin.dispose()

    def _make(self) -> None:
        self._own.dispose()
        with self._admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {self.name}"))
        climb(self._own)
        with self._own.connect() as connection:
            self._shape = _shape(connection)
        self._own.dispose()

    def _emptied(self) -> bool:
        with self._own.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(_OTHERS_LEAVE))
            if _shape(connection) != self._shape:
                return False
            connection.execute(text(_EMPTY))
        return True


def _shape(connection: Connection) -> str:
    """What the tables are: a test that changes them gets no other to share its database."""
    return str(connection.execute(text(_SHAPE)).scalar_one())


def at_database(url: str, name: str) -> str:
    head, _, tail = url.partition("?")
    return head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")
