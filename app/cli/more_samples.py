"""Beside a running demo: `python -m app.cli.more_samples LEAD_ID REVIEWER_ID`."""

from __future__ import annotations

import sys

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app.cli.ending import failure_met
from app.cli.place import existing_database
from app.cli.sample_projects import Cast, make_project, measure_remedies, missing_samples
from app.cli.screen import hold_logs, step
from app.db.failures import RAISED
from app.errors import Failure
from app.settings import Settings


def main() -> int:
    """Make ready what the demo opened without; the demo's own worker scores."""
    try:
        _make_all(Settings(), Cast(*map(int, sys.argv[1:3])))
    except (Failure, *RAISED) as error:
        if failure_met(error) is None:
            raise
        return 1
    return 0


def _make_all(settings: Settings, cast: Cast) -> None:
    hold_logs(settings)
    with existing_database(settings) as engine:
        missing = missing_samples(engine)
        for number, name in enumerate(missing, start=1):
            step(f"Sample {number} of {len(missing)} more: {name}")
            make_project(engine, settings, name, cast)
        measure_remedies(engine, cast)
    step("Every sample is ready: reload the list of projects.")


if __name__ == "__main__":
    sys.exit(main())
