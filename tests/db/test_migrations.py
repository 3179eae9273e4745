"""Both databases climb from nothing to the schema the tables describe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, make_url, select, text, update
from sqlalchemy.exc import DBAPIError

from app.db.engine import open_engine, reading, writing
from app.db.migrate import climb, configuration, current, head
from app.db.tables.all import APPEND_ONLY, metadata
from app.db.tables.datasets import Example, Label
from app.errors import DataProblem
from tests.review.conftest import make_world

CLIMBERS = 4
CLIMB = """
import sys
from app.db.engine import open_engine
from app.db.migrate import climb, head
head()
print("ready", flush=True)
sys.stdin.readline()
engine = open_engine(sys.argv[1], pool_size=1)
climb(engine)
"""


@pytest.fixture
def empty_url(database_url: str) -> str:
    """A database of either kind without a table."""
    if database_url.startswith("sqlite"):
        Path(make_url(database_url).database or "").unlink()
        return database_url
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return database_url


def test_processes_that_climb_an_empty_database_at_once_all_succeed(empty_url: str) -> None:
    climbers = [
        subprocess.Popen(
            [sys.executable, "-c", CLIMB, empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(CLIMBERS)
    ]
    for climber in climbers:
        assert climber.stdout is not None and climber.stdout.readline() == "ready\n"
    for climber in climbers:
        assert climber.stdin is not None
        climber.stdin.write("\n")
        climber.stdin.flush()
    said = [climber.communicate(timeout=120)[1] for climber in climbers]
    assert [climber.returncode for climber in climbers] == [0] * CLIMBERS, said
    engine = open_engine(empty_url)
    assert current(engine) == head()
    engine.dispose()


def test_the_schema_has_not_drifted_from_the_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_climbing_twice_changes_nothing(engine: Engine) -> None:
    climb(engine)
    assert current(engine) == head()


def test_a_newer_database_is_refused_and_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataProblem, match="newer than this program"):
        climb(engine)
    assert current(engine) == "9999"


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_log_and_its_copies_refuse_update_and_delete(engine: Engine, table: str) -> None:
    """SQLite's triggers fire for each row, so each table gets one row first."""
    columns = {
        "event": "(project_id, seq, kind, body, hash) VALUES (1, 1, 'undo', '{}', 'x')",
        "decision": "(id, project_id, seq, idempotency_key, content_hash, example_id, person_id, "
        "adjudicates, verdict, mode, read_reason, confirmations, seconds, "
        "guideline_revision, at) VALUES (1, 1, 1, 'k', 'h', 1, 1, false, 'confirm', 'blind', "
        "'first', 1, 0, 1, '2026-05-04 12:00:00')",
        "reversal": "(id, project_id, seq, kind, example_id, idempotency_key, at) "
        "VALUES (1, 1, 1, 'undo', 1, 'k', '2026-05-04 12:00:00')",
    }
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(f"INSERT INTO {table} {columns[table]}"))
        if not sqlite:
            connection.execute(text("SET session_replication_role = origin"))
        for change in (f"UPDATE {table} SET seq = 7", f"DELETE FROM {table}"):
            with pytest.raises(DBAPIError, match="append only"), connection.begin_nested():
                connection.execute(text(change))
        connection.rollback()


def go_back(engine: Engine, revision: str) -> None:
    """The schema as it was then, with what is in it."""
    with engine.begin() as connection:
        config = configuration("")
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_labels_retired_before_name_what_stands_for_them_now(engine: Engine) -> None:
    """The first became the second, the second the last; examples carry all three."""
    world = make_world(engine, examples=3)
    first, second, last = world.labels
    with writing(engine) as session:
        for old, new in ((first, second), (second, last)):
            session.execute(update(Label).where(Label.id == old).values(replaced_by=new))
    go_back(engine, "0006")
    climb(engine)
    with reading(engine) as session:
        now = dict(session.execute(select(Label.id, Label.current_id)).all())
        given = session.scalars(select(Example.given_label_id).order_by(Example.id)).all()
    assert now == {first: last, second: last, last: None}
    assert given == [first, second, last]
