"""Climb the schema to its head, or refuse a database that is newer than this program."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from app.db.dialects import climb_alone
from app.errors import DataProblem
from app.settings import shipped


def configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def head() -> str:
    revision = ScriptDirectory.from_config(configuration("")).get_current_head()
    assert revision is not None
    return revision


def current(engine: Engine) -> str | None:
    quiet = engine.execution_options(read_only=True)
    with quiet.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def climb(engine: Engine) -> None:
    """Bring the schema to head in one transaction; does nothing when it is there already.

    Of several processes that start together one climbs; the others wait and find it done.
    """
    if _at_head(current(engine)):
        return
    with engine.begin() as connection:
        climb_alone(connection)
        if _at_head(MigrationContext.configure(connection).get_current_revision()):
            return
        config = configuration("")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _at_head(revision: str | None) -> bool:
    """Whether nothing is left to climb; a revision that this program does not know is refused."""
    scripts = ScriptDirectory.from_config(configuration(""))
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise DataProblem(
            f"The database is newer than this program: it is at {revision}.",
            next_step="Install the newer Relabel, or restore a backup made by this version.",
            code="database_newer",
        )
    return revision == scripts.get_current_head()
