"""Both databases climb from nothing to the schema the tables describe."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.db.migrate import climb, current, head
from app.db.tables.all import APPEND_ONLY, metadata
from app.errors import DataProblem


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
        "adjudicates, verdict, mode, read_reason, confirmations, shown, seconds, "
        "guideline_revision, at) VALUES (1, 1, 1, 'k', 'h', 1, 1, false, 'confirm', 'blind', "
        "'first', 1, '[]', 0, 1, '2026-05-04 12:00:00')",
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
