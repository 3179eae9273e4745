"""Alembic's way in: the tables of the app, and a connection handed over or made from the URL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from app.db.engine import open_engine
from app.db.tables.all import metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    context.run_migrations()


handed = context.config.attributes.get("connection")
if handed is not None:
    _run(handed)
else:
    engine = open_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.begin() as opened:
        _run(opened)
    engine.dispose()
