"""I4 reads asked for, I7 progress at the end, I9 nothing goes missing."""

from __future__ import annotations

from collections import Counter, defaultdict

from bench.chaos.dump import Dump, Row
from bench.chaos.findings import Violation
from bench.chaos.history import Line

FINAL = ("confirmed", "relabeled", "removed")
OF_DUE = {
    "confirm": ("confirm",),
    "coin": ("coin",),
    "third": ("third",),
    "expert": ("expert",),
    "recheck": ("recheck",),
}


def check(history: list[Line], dump: Dump) -> list[Violation]:
    drained = any(line.get("name") == "drained" for line in history)
    found = [*_reads(dump), *_whole(dump)]
    return found + (_progress(dump) if drained else [])


def standing(dump: Dump) -> dict[int, list[Row]]:
    """Decisions that count, by example: not undone, not replaced, not late, not before a reopen."""
    undone: dict[int, bool] = {}
    reopened: dict[int, int] = {}
    for row in sorted(dump["reversal"], key=lambda row: row["seq"]):
        if row["kind"] == "reopen":
            reopened[row["example_id"]] = row["seq"]
        else:
            undone[row["decision_seq"]] = row["kind"] == "undo"
    rows = [row for row in dump["decision"] if not undone.get(row["seq"])]
    earlier = {row["seq"]: row["supersedes"] for row in dump["decision"]}
    replaced: set[int] = set()
    for row in rows:
        before = row["supersedes"]
        while before is not None and before not in replaced:
            replaced.add(before)
            before = earlier.get(before)
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        late = row["read_reason"] == "late"
        if row["seq"] in replaced or late or row["seq"] < reopened.get(row["example_id"], 0):
            continue
        found[row["example_id"]].append(row)
    return found


def _reads(dump: Dump) -> list[Violation]:
    """No more reads that count than were asked for, each by somebody else."""
    asked: Counter[tuple[int, str]] = Counter()
    for due in dump["read_due"]:
        asked[due["example_id"], due["reason"]] += 1
    redone = Counter(row["example_id"] for row in dump["reversal"] if row["kind"] == "redo")
    found = []
    for example, rows in standing(dump).items():
        reasons = Counter(row["read_reason"] for row in rows if not row["adjudicates"])
        for reason, count in reasons.items():
            # An answer that is redone stands beside the one that was given meanwhile.
            wanted = 1 if reason == "first" else asked[example, reason]
            most = wanted + redone[example]
            if count > most:
                said = f"example {example}: {count} {reason} reads of {most}"
                found.append(Violation("I4 reads", said))
        first = {row["person_id"] for row in rows if row["read_reason"] == "first"}
        second = {row["person_id"] for row in rows if row["read_reason"] in ("confirm", "coin")}
        if first & second:
            found.append(Violation("I4 reads", f"example {example}: one person read it twice"))
    return found


def _progress(dump: Dump) -> list[Violation]:
    """When nothing disturbs any more, everything that was served becomes final."""
    found = []
    statuses = {row["id"]: row["status"] for row in dump["example"]}
    for serve in dump["serve"]:
        status = statuses[serve["example_id"]]
        if status not in FINAL:
            found.append(
                Violation("I7 progress", f"example {serve['example_id']} is stuck: {status}")
            )
    waiting = Counter(row["batch_id"] for row in dump["batch_member"] if row["waiting"])
    found += [
        Violation("I7 progress", f"batch {batch}: {count} members were never served")
        for batch, count in waiting.items()
    ]
    owed = [due for due in dump["read_due"] if due["done_at"] is None]
    found += [
        Violation("I7 progress", f"example {due['example_id']}: a {due['reason']} read is owed")
        for due in owed
    ]
    cases = [case for case in dump["disagreement"] if case["settled_at"] is None]
    found += [
        Violation("I7 progress", f"example {case['example_id']}: {case['kind']} is open")
        for case in cases
    ]
    return found


def _whole(dump: Dump) -> list[Violation]:
    """Rows in the file = imported + left out; every example is there once; batches keep count."""
    found = []
    rows = Counter(row["import_id"] for row in dump["example"])
    out = Counter(row["import_id"] for row in dump["left_out"])
    for made in dump["data_import"]:
        here = made["id"]
        if made["state"] == "done" and (
            rows[here] != made["rows_good"]
            or out[here] != made["rows_left_out"]
            or made["rows_read"] != rows[here] + out[here]
        ):
            said = f"import {here}: {made['rows_read']} rows became {rows[here]} and {out[here]}"
            found.append(Violation("I9 conservation", said))
    places = Counter((row["import_id"], row["row"]) for row in dump["example"])
    found += [
        Violation("I9 conservation", f"row {row} of import {made} is there {count} times")
        for (made, row), count in places.items()
        if count > 1
    ]
    served: dict[int, set[int]] = defaultdict(set)
    for serve in dump["serve"]:
        if serve["stream"] in ("queue", "audit", "probe"):
            served[serve["batch_id"]].add(serve["example_id"])
    waiting = Counter(row["batch_id"] for row in dump["batch_member"] if row["waiting"])
    for batch in dump["batch"]:
        together = len(served[batch["id"]]) + waiting[batch["id"]]
        if together > batch["size"]:
            said = f"batch {batch['id']}: {together} first reads of {batch['size']}"
            found.append(Violation("I9 conservation", said))
    return found
