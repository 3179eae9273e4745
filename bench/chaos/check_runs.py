"""I13 releases, I14 every ranking served is one complete run, I15 a job's effect is there once."""

from __future__ import annotations

from collections import Counter

from bench.chaos.check_leases import handed_at
from bench.chaos.dump import Dump
from bench.chaos.findings import Violation, operations
from bench.chaos.history import Line


def check(history: list[Line], dump: Dump) -> list[Violation]:
    runs = {run["id"]: run for run in dump["scoring_run"]}
    complete = {number for number, run in runs.items() if run["state"] == "complete"}
    found = []
    served = dump["project"][0]["run_id"]
    if served is not None and served not in complete:
        found.append(Violation("I14 scores", f"run {served} is served and not complete"))
    for lease in dump["lease"]:
        run = lease["run_id"]
        if run is not None and run not in complete:
            found.append(Violation("I14 scores", f"lease {lease['id']} shows run {run}"))
    for row in dump["score_count"]:
        wanted = runs[row["run_id"]]["counts"].get("examples")
        if row["run_id"] in complete and row["scores"] != wanted:
            said = f"run {row['run_id']} has {row['scores']} scores of {wanted}"
            found.append(Violation("I14 scores", said))
    # Not `created_at`: that is when it was asked for, and a request may wait long for its turn.
    handed = handed_at(operations(history))
    for lease in dump["lease"]:
        run, shown = runs.get(lease["run_id"]), handed.get(lease["token"])
        if run is not None and shown is not None and (run["finished_at"] or 0) > shown:
            found.append(Violation("I14 scores", f"lease {lease['id']} shows a run not yet there"))
    done = Counter(runs[number]["settings"].get("job") for number in complete)
    for job in dump["job"]:
        # A worker that dies between its last two steps leaves a run, and another makes one more.
        times = done[job["id"]]
        if job["task"] == "score" and job["state"] == "done" and not 1 <= times <= job["attempts"]:
            said = f"job {job['id']} is done and left {times} runs"
            found.append(Violation("I15 jobs", said))
    return [*found, *_looked(history), *_visible(history), *_releases(dump)]


def _looked(history: list[Line]) -> list[Violation]:
    """Whoever looks sees a complete ranking or none."""
    seen = [line for line in history if "ranking" in line.get("reply", {})]
    return [
        Violation("I14 scores", f"op {line['op']} saw a ranking that is {line['reply']['ranking']}")
        for line in seen
        if line["reply"]["ranking"] not in (None, "complete")
    ]


def _visible(history: list[Line]) -> list[Violation]:
    """Of an import either no row is visible or every one."""
    allowed = next((line["rows"] for line in history if line.get("name") == "imports"), None)
    if allowed is None:
        return []
    seen = {line["reply"]["rows"] for line in history if "rows" in line.get("reply", {})}
    return [
        Violation("I9 conservation", f"{rows} rows were visible, never one of {allowed}")
        for rows in seen - set(allowed)
    ]


def _releases(dump: Dump) -> list[Violation]:
    """A release that is done verifies: it is the fold of the log at the seq it names."""
    return [
        Violation("I13 snapshot export", f"release {row['number']}: {row['said']}")
        for row in dump.get("release_problem", [])
    ]
