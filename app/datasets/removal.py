"""A deleted project is removed for good: its rows in chunks, children before what they name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, select, text, tuple_, update
from sqlalchemy import Table as Named
from sqlalchemy.orm import Session

from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Label, Project
from app.db.types import Table
from app.progress import Progress, quiet

CHUNK = 2_000
STEP = "removing rows"

_BY_PARENT = {
    "left_out": ("import_id", "data_import"),
    "audit_key": ("epoch_id", "audit_epoch"),
    "batch_person": ("batch_id", "batch"),
    "batch_member": ("batch_id", "batch"),
    "score": ("run_id", "scoring_run"),
    "model_prediction": ("model_id", "model"),
    "test_audit_model": ("audit_id", "test_audit"),
    "test_audit_key": ("audit_id", "test_audit"),
    "split_audit_key": ("audit_id", "split_audit"),
}
"""Tables that know their project by another one's row."""

NOT_OF_A_PROJECT = frozenset(
    {"project", "person", "login_session", "signin_try", "blob", "worker", "job"}
)
"""Tables whose rows do not go with a project; its jobs go last, with the project itself."""

_LOOKED_UP = (
    "audit_key",
    "score",
    "lease",
    "decision",
    "reversal",
    "disagreement",
    "test_audit_key",
    "split_audit_key",
)
"""Tables that name an example and are not ordered by it: each would be read whole for each one."""


class InUse(RuntimeError):
    """A project that nobody deleted is never removed."""


def remove_rows(engine: Engine, project_id: int, *, progress: Progress = quiet) -> None:
    """Delete every row of a deleted project; may be killed and run again."""
    large = _has_examples(engine, project_id)
    if large:
        _order_by_example(engine, wanted=True)
    tables = [
        table
        for table in reversed(Table.metadata.sorted_tables)
        if table.name not in NOT_OF_A_PROJECT
    ]
    for place, table in enumerate(tables):
        while _delete_chunk(engine, table, project_id):
            progress(STEP, place, len(tables))
        progress(STEP, place + 1, len(tables))
    if large:
        _order_by_example(engine, wanted=False)


def _has_examples(engine: Engine, project_id: int) -> bool:
    with reading(engine) as session:
        some = select(Example.id).where(Example.project_id == project_id).limit(1)
        return session.execute(some).first() is not None


def _delete_chunk(engine: Engine, table: Named, project_id: int) -> int:
    with writing(engine) as session:
        _check_deleted(session, project_id)
        if table.name == Label.__tablename__:
            _untie_labels(session, project_id)
        keys: list[Any] = list(table.primary_key)
        some = select(*keys).where(_of(table, project_id)).limit(CHUNK)
        gone: Any = session.execute(delete(table).where(tuple_(*keys).in_(some)))
        return int(gone.rowcount)


def _check_deleted(session: Session, project_id: int) -> None:
    there = session.get(Project, project_id, with_for_update=True)
    if there is not None and there.deleted_at is None:
        raise InUse(f"project {project_id} is in use")


def _of(table: Named, project_id: int) -> ColumnElement[bool]:
    if table.name in _BY_PARENT:
        column, name = _BY_PARENT[table.name]
        parent = Table.metadata.tables[name]
        return table.c[column].in_(select(parent.c.id).where(parent.c.project_id == project_id))
    return table.c["project_id"] == project_id


def _untie_labels(session: Session, project_id: int) -> None:
    """Labels name each other."""
    session.execute(
        update(Label)
        .where(Label.project_id == project_id, Label.current_id.is_not(None))
        .values(current_id=None, replaced_by=None)
        .execution_options(synchronize_session=False)
    )


def _order_by_example(engine: Engine, *, wanted: bool) -> None:
    """An order that only a removal needs: every example that goes is looked up in these tables."""
    with writing(engine) as session:
        for table in _LOOKED_UP:
            name = f"removal_{table}_example"
            made = f"CREATE INDEX IF NOT EXISTS {name} ON {table} (example_id)"
            session.execute(text(made if wanted else f"DROP INDEX IF EXISTS {name}"))
