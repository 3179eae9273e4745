"""For containers: `python -m app.cli.alive` is 0 while a worker of this machine speaks."""

from __future__ import annotations

import sys
from datetime import timedelta

from sqlalchemy import select

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app.db.engine import database_now, open_engine, reading
from app.db.failures import UNREACHED, failure_of
from app.db.tables.jobs import Worker
from app.jobs.queue import TAKEOVER_SECONDS
from app.settings import Settings
from app.worker import machine_name


def main() -> int:
    engine = open_engine(Settings().database_url, pool_size=1)
    try:
        with reading(engine) as session:
            since = database_now(session) - timedelta(seconds=TAKEOVER_SECONDS)
            names = session.execute(select(Worker.name).where(Worker.seen_at >= since)).scalars()
            return 0 if any(name.startswith(f"{machine_name()}:") for name in names) else 1
    except UNREACHED as error:
        failure = failure_of(error)
        sys.stderr.write(f"{failure.in_full if failure else error}\n")
        return 1
    finally:
        engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
