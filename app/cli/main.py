"""The `relabel` command."""

from __future__ import annotations

import sys

import typer

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app.cli.demo import demo
from app.cli.import_file import import_file
from app.cli.people import people
from app.cli.push import push
from app.cli.rank import rank
from app.cli.release import release, verify
from app.cli.score import score
from app.cli.screen import errors
from app.cli.serve import serve, worker
from app.errors import DataProblem, DirectoryInUse, Failure, UnsafeConfiguration

EXIT_CODES: tuple[tuple[type[Failure], int], ...] = (
    (DataProblem, 65),
    (DirectoryInUse, 75),
    (UnsafeConfiguration, 78),
    (Failure, 1),
)

relabel = typer.Typer(
    name="relabel",
    help="Find the wrong labels in a dataset, and release a clean one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
relabel.command()(demo)
relabel.command()(serve)
relabel.command()(worker)
relabel.command("import")(import_file)
relabel.command("push")(push)
relabel.command()(score)
relabel.command()(rank)
relabel.command()(release)
relabel.command()(verify)
relabel.add_typer(people, name="people")


def run() -> None:
    """Exit 0 done, 1 failed, 2 wrong usage, 65 data error, 75 directory in use, 78 unsafe."""
    try:
        relabel()
    except Failure as failure:
        errors.print(failure.detail, markup=False)
        if failure.next_step:
            errors.print(failure.next_step, markup=False)
        sys.exit(next(code for kind, code in EXIT_CODES if isinstance(failure, kind)))


if __name__ == "__main__":
    run()
