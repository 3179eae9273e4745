"""Climb the schema to its head, or refuse a database that is newer than this program."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from app.errors import DataProblem
from app.settings import shipped


def configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def head() -> str:
    found = ScriptDirectory.from_config(configuration("")).get_current_head()
    assert found is not None
    return found


def current(engine: Engine) -> str | None:
    quiet = engine.execution_options(read_only=True)
    with quiet.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def climb(engine: Engine) -> None:
    """Bring the schema to head in one transaction; does nothing when it is there already."""
    config = configuration("")
    scripts = ScriptDirectory.from_config(config)
    now = current(engine)
    if now is not None and now not in {script.revision for script in scripts.walk_revisions()}:
        raise DataProblem(
            f"The database is newer than this program: it is at {now}.",
            next_step="Install the newer Relabel, or restore a backup made by this version.",
            code="database_newer",
        )
    if now == scripts.get_current_head():
        return
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
