"""The short form of `python -m bench.chaos`: nothing is lost, and the checker would see it."""

from __future__ import annotations

import json
import multiprocessing
from multiprocessing.connection import Connection

import pytest

from app.review.answering import lease_look
from bench import compiled
from bench.chaos import checker, doors, report
from bench.chaos.hunt import hunt
from bench.chaos.mutants import MUTANTS
from bench.chaos.run import Outcome, Plan, run
from bench.chaos.story import tell
from bench.chaos.works import HEAVY, works

BACKENDS = ("sqlite", "postgresql")
PLANTED = (
    "no_key", "ack_before_commit", "racy_claim", "lease_off_by_one", "lost_update",
    "two_snapshots", "seq_from_count", "other_bytes", "no_recheck", "new_key",
    "replayed_import", "half_switched", "past_serve", "skip_freezes", "redo_forgets",
    "reads_twice", "late_filter", "coins_twice", "shown_anew", "still_served", "labels_by_id",
    "by_clock",
)  # fmt: skip

doors.preload(*HEAVY)


def clean(outcome: Outcome) -> None:
    """No violation; otherwise the history is kept for `--replay`."""
    if outcome.verdict.violations:
        kept = report.keep("test", outcome)
        pytest.fail(f"{outcome.verdict.violations[:5]}; the history is kept in {kept}")


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_answer_is_lost_doubled_or_given_to_two(backend: str) -> None:
    stops = int(backend == "postgresql")
    outcome = run(Plan(backend, decisions=200, kills=4, failpoints=10, pauses=0, stops=stops))
    clean(outcome)
    assert outcome.deaths["failpoints"] >= 8
    assert outcome.deaths["kills"] == 4
    assert outcome.acknowledged >= 200


def test_nor_by_the_web_app() -> None:
    outcome = run(Plan(decisions=80, kills=1, failpoints=2, pauses=0, reviewers=3, http=True))
    clean(outcome)
    assert outcome.deaths["kills"] + outcome.deaths["failpoints"] >= 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_imports_rankings_and_releases_are_whole_whoever_dies(backend: str) -> None:
    outcome = works(Plan(backend, kills=1, failpoints=4))
    clean(outcome)
    assert {job["state"] for job in outcome.dump["job"]} == {"done"}
    assert len(outcome.dump["example"]) == 300


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_stories_are_told_without_a_fault(backend: str) -> None:
    clean(tell(Plan(backend)))


def tell_what_is_there(pipe: Connection) -> None:
    """In a clerk's place, before it was asked for anything."""
    pipe.send((compiled.count(), lease_look._statement.cache_info().currsize))


def test_a_clerk_begins_with_compiled_statements_but_builds_its_own() -> None:
    """So a planted bug has its word in each statement that is built once and kept."""
    ours, theirs = multiprocessing.Pipe()
    doors.started(tell_what_is_there, (theirs,)).join()
    statements, built = ours.recv()
    assert statements > 100
    assert built == 0


def test_there_are_twenty_two_planted_bugs() -> None:
    assert sorted(PLANTED) == sorted(MUTANTS)
    assert len(PLANTED) == 22


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_caught(name: str) -> None:
    assert hunt(MUTANTS[name], Plan(seed=1)).caught


def test_a_kept_history_is_checked_again() -> None:
    outcome = run(Plan(decisions=40, kills=0, failpoints=2, pauses=0, reviewers=2, rest=False))
    kept = json.loads(report.keep("again", outcome).read_text())
    assert checker.check(kept["history"], kept["dump"]).violations == []
    lost = next(row for row in kept["dump"]["decision"] if row["lease_token"])
    kept["dump"]["decision"].remove(lost)
    found = checker.check(kept["history"], kept["dump"])
    assert found.counts[checker.LOST] == 1
