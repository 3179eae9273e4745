"""What Relabel stands on, made to fail by itself: nothing of ours is replaced."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, event, text

from app.db.engine import writing

NOBODY_THERE = "postgresql+psycopg://nobody:secret@127.0.0.1:1/none"

_FULL = """
CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$ LANGUAGE plpgsql;
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP
    EXECUTE format('CREATE TRIGGER full_disk BEFORE INSERT ON %I '
      'EXECUTE FUNCTION full_disk()', one.relname);
  END LOOP;
END $$
"""


@contextmanager
def full_disk(engine: Engine) -> Iterator[None]:
    """The database says that its disk is full: SQLite once it has to grow, PostgreSQL at once."""
    if engine.dialect.name == "sqlite":

        def no_more(raw: sqlite3.Connection, *more: object) -> None:
            raw.execute("PRAGMA max_page_count=1")  # never below what is used

        event.listen(engine, "checkout", no_more)
        yield
        event.remove(engine, "checkout", no_more)
        engine.dispose()
        return
    with writing(engine) as session:
        session.execute(text(_FULL))
    yield
    with writing(engine) as session:
        session.execute(text("DROP FUNCTION full_disk CASCADE"))


@contextmanager
def no_file_larger_than(most: int) -> Iterator[None]:
    """As on a disk with little room: what writes beyond that is refused."""
    usual, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (usual, hard))


def damage(file: Path, how: str) -> None:
    """Make of a database one that is "malformed", or "not a database"."""
    content = bytearray(file.read_bytes())
    if how == "malformed":
        content[4_096:] = b"\x55" * (len(content) - 4_096)
    else:
        content[:100] = b"\x55" * 100
    file.write_bytes(content)
