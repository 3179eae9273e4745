"""I13 releases, I14 every ranking served is one complete run, I15 a job's effect is there once."""

from __future__ import annotations

from collections import Counter

from bench.chaos.dump import Dump
from bench.chaos.findings import Violation
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
    for row in dump.get("score_count", []):
        if row["run_id"] in complete and row["scores"] != row["wanted"]:
            said = f"run {row['run_id']} has {row['scores']} scores of {row['wanted']}"
            found.append(Violation("I14 scores", said))
    done = Counter(runs[number]["settings"].get("job") for number in complete)
    for job in dump["job"]:
        if job["task"] == "score" and job["state"] == "done" and done[job["id"]] != 1:
            said = f"job {job['id']} is done and left {done[job['id']]} runs"
            found.append(Violation("I15 jobs", said))
    return found
