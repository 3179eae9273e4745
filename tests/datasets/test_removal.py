"""A project that was deleted is removed with every row it had, and no other's."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from app.actions.deleting import remove_for_good
from app.datasets.removal import _BY_PARENT, NOT_OF_A_PROJECT, InUse
from app.db.engine import reading, writing
from app.db.tables.datasets import Project
from app.db.types import Table
from tests.conftest import NOON
from tests.releases.conftest import lively
from tests.releases.worlds import logged_world, release


def counts(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Table.metadata.sorted_tables
        }


def test_every_table_knows_its_project_or_has_none() -> None:
    for table in Table.metadata.sorted_tables:
        known = table.name in _BY_PARENT or "project_id" in table.c
        assert known or table.name in NOT_OF_A_PROJECT, table.name


def test_all_its_rows_go_and_those_of_another_stay(engine: Engine, tmp_path: Path) -> None:
    other = logged_world(engine, examples=6)
    release(other, tmp_path / "other")
    before = counts(engine)
    world = lively(engine)
    release(world, tmp_path / "made")
    with pytest.raises(InUse):
        remove_for_good(engine, world.project_id)
    with writing(engine) as session:
        session.get_one(Project, world.project_id).deleted_at = NOON
    remove_for_good(engine, world.project_id)
    remove_for_good(engine, world.project_id)  # as after a worker that was killed
    left = counts(engine)
    people = {"person"}  # accounts stay
    assert {name: count for name, count in left.items() if name not in people} == {
        name: count for name, count in before.items() if name not in people
    }


@pytest.mark.parametrize("table", ["event", "decision", "serve", "audit_key"])
def test_nothing_of_a_project_in_use_can_be_deleted(engine: Engine, table: str) -> None:
    lively(engine)
    with engine.connect() as connection:
        with pytest.raises(DBAPIError, match=r"append only|open epoch"), connection.begin_nested():
            connection.execute(text(f"DELETE FROM {table}"))
        connection.rollback()
