"""The `relabel` command."""

from __future__ import annotations

import sys

from app.cli.lazy import Later, typer_of
from app.errors import (
    DatabaseAway,
    DatabaseDamaged,
    DataProblem,
    DirectoryInUse,
    Failure,
    NotWritable,
    UnsafeConfiguration,
)

EXIT_CODES: tuple[tuple[type[Failure], int], ...] = (
    (DataProblem, 65),
    (DatabaseDamaged, 65),
    (DatabaseAway, 69),
    (DirectoryInUse, 75),
    (UnsafeConfiguration, 78),
    (NotWritable, 78),
    (Failure, 1),
)

COMMANDS = (
    Later(
        "demo",
        "app.cli.demo:demo",
        "Open sample projects, imported and scored, and print links that sign you in.",
    ),
    Later(
        "serve",
        "app.cli.serve:serve",
        "Start the web process and one worker; Ctrl+C stops both.",
    ),
    Later(
        "worker",
        "app.cli.serve:worker",
        "Start one worker; it is begun again if it dies. Any number may run.",
    ),
    Later(
        "import",
        "app.cli.import_file:import_file",
        "Check a file, import its good rows, and have them ranked.",
    ),
    Later(
        "withdraw",
        "app.cli.withdraw:withdraw",
        "Take an import out again that nobody has answered; then import its file otherwise.",
    ),
    Later(
        "push",
        "app.cli.push:push",
        "Check an array of your own model, and have the project ranked with it.",
    ),
    Later(
        "score",
        "app.cli.score:score",
        "Rank a project anew; the old order is served until the new one is complete.",
    ),
    Later(
        "rank",
        "app.cli.rank:rank",
        "Rank a file of labels; needs no project and no database.",
    ),
    Later(
        "estimate",
        "app.cli.estimate:estimate",
        "Say how many wrong labels are left, from the random checks given so far.",
    ),
    Later(
        "noise",
        "app.cli.noise:noise",
        "Look at what was decided: say what kind of noise it is, and which groups hold it.",
    ),
    Later(
        "test-audit",
        "app.cli.test_audit:command",
        "Compare models on right labels: say which is ahead, and what more reads would bring.",
    ),
    Later(
        "split-audit",
        "app.cli.split_audit:command",
        "Say how many labels of a split are wrong, by random reads of it alone, and their cost.",
    ),
    Later(
        "recovery",
        "app.cli.recovery:recovery",
        "Train small networks with every remedy, and score them on examples checked at random.",
    ),
    Later(
        "reviewers",
        "app.cli.reviewers:reviewers",
        "Say how far reviewers agree, and how right each of them is; sorted by name.",
    ),
    Later(
        "views",
        "app.cli.views:views",
        "List the saved views of the list of examples, and what each asks for.",
    ),
    Later(
        "batches",
        "app.cli.batches:batches",
        "See the batches of a project; make, hand over, pause, resume and close them.",
    ),
    Later(
        "recurring",
        "app.cli.recurring:recurring",
        "Have a batch made again every day, week or month.",
    ),
    Later(
        "bulk",
        "app.cli.bulk:bulk",
        "Give a group of examples another label with one act, once a sample has proved it.",
    ),
    Later(
        "labels",
        "app.cli.labels:labels",
        "See the labels of a project; rename, merge, split, retire and restore them.",
    ),
    Later(
        "release",
        "app.cli.release:release",
        "Write the cleaned dataset with removed rows, log and manifest.",
    ),
    Later(
        "compare",
        "app.cli.compare:compare",
        "Say which labels changed between two releases, and which rows came and went.",
    ),
    Later(
        "verify",
        "app.cli.release:verify",
        "Replay a release's log and compare every row, offline.",
    ),
    Later(
        "doctor",
        "app.cli.doctor:doctor",
        "Look whether every log, serve and owed read is whole; changes nothing.",
    ),
    Later(
        "delete",
        "app.cli.delete:delete",
        "Delete a project: hidden at once, removed for good after 30 days; --undo brings it back.",
    ),
    Later(
        "erase",
        "app.cli.erase:erase",
        "Erase an example or a person for ever; the log and every number stay right.",
    ),
    Later(
        "people",
        "app.cli.people:people",
        "Add a person, or give somebody a new password.",
    ),
)

relabel = typer_of(
    COMMANDS,
    name="relabel",
    help="Find the wrong labels in a dataset, and release a clean one.",
)


def run() -> None:
    """End with 0 when it is done, else with the code of what went wrong, in words."""
    try:
        relabel()
    except Exception as error:  # a command is a whole task
        from app.cli.ending import failure_met  # loads what draws bars; a list needs none

        failure = failure_met(error)
        if failure is None:
            raise
        sys.exit(next(code for kind, code in EXIT_CODES if isinstance(failure, kind)))


if __name__ == "__main__":
    run()
