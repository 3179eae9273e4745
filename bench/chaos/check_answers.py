"""I1 durability, I2 exactly once, I3 no ghost, I6 fencing, I11 and I12 reads that follow writes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from bench.chaos.deciding import current_labels
from bench.chaos.dump import Dump, Row
from bench.chaos.findings import Operation, Violation, operations
from bench.chaos.history import Line

KEYED = {"submit": "decision", "undo": "reversal", "redo": "reversal"}


def check(history: list[Line], dump: Dump) -> list[Violation]:
    tries = operations(history)
    rows = _by_key(dump)
    return [
        *_durable(tries, rows, dump),
        *_once(tries, rows),
        *_no_ghost(tries, dump),
        *_fenced(dump),
        *_followed(tries),
        *_settled(tries, history),
    ]


def _by_key(dump: Dump) -> dict[tuple[int, str], list[Row]]:
    found: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for table in ("decision", "reversal"):
        for row in dump[table]:
            found[row["person_id"], row["idempotency_key"]].append(row)
    return found


def _same(asked: Line, row: Row, given: dict[int, int | None]) -> bool:
    if "verdict" not in asked:
        return True
    said, stored = (asked["verdict"], asked.get("label")), (row["verdict"], row["label_id"])
    if row["mode"] == "blind" and row["verdict"] == "confirm":
        stored = ("relabel", given[row["example_id"]])  # who sees no label names it
    return (
        said == stored
        and row["reason"] == asked.get("reason")
        and row["lease_token"] == asked.get("lease")
        and row["supersedes"] == asked.get("supersedes")
        and asked.get("example") in (None, row["example_id"])
    )


def _given(dump: Dump) -> dict[int, int | None]:
    """The given label of each example, or what stands for it since it was retired."""
    now = current_labels(dump)
    return {row["id"]: now.get(row["given_label_id"]) for row in dump["example"]}


def _durable(tries: list[Operation], rows: dict[Any, list[Row]], dump: Dump) -> list[Violation]:
    """What was acknowledged is there, as it was sent, at the seq that was named."""
    given = _given(dump)
    found = []
    for one in tries:
        if not one.ok or one.name not in KEYED:
            continue
        there = rows.get((one.asked["person"], one.asked["key"]), [])
        good = [r for r in there if r["seq"] == one.reply["seq"] and _same(one.asked, r, given)]
        if not good:
            said = f"op {one.op}: {one.name} {one.asked['key']} was acknowledged and is not there"
            found.append(Violation("I1 durability", said))
    return found


def _once(tries: list[Operation], rows: dict[Any, list[Row]]) -> list[Violation]:
    """One row for a key, one row for an answer whatever its keys, none for a refused one."""
    found = [
        Violation("I2 exactly once", f"key {key[1]} has {len(there)} rows")
        for key, there in rows.items()
        if len(there) > 1
    ]
    answers: dict[tuple[int, str], list[Operation]] = defaultdict(list)
    for one in tries:
        if one.name in KEYED:
            answers[one.asked["person"], one.asked["answer"]].append(one)
    for (person, answer), several in answers.items():
        keys = {one.asked["key"] for one in several}
        stored = sum(len(rows.get((person, key), [])) for key in keys)
        last = max(several, key=lambda one: one.op)
        if len(keys) > 1 and stored > 1:
            found.append(Violation("I2 exactly once", f"answer {answer} is stored {stored} times"))
        if last.phase == "fail" and stored:
            said = f"answer {answer} was refused ({last.reply.get('code')}) and yet is stored"
            found.append(Violation("I2 exactly once", said))
        if any(one.reply.get("code") == "key_reused" for one in several):
            found.append(Violation("I2 exactly once", f"answer {answer}: its key was refused"))
        seqs = {one.reply["seq"] for one in several if one.ok}
        if len(seqs) > 1:
            found.append(Violation("I2 exactly once", f"answer {answer} has the seqs {seqs}"))
    return found


def _no_ghost(tries: list[Operation], dump: Dump) -> list[Violation]:
    """Every row goes back to something somebody asked for."""
    asked = {
        (one.asked["person"], one.asked["key"]): one.asked for one in tries if one.name in KEYED
    }
    leads = {row["person_id"] for row in dump["membership"] if row["role"] == "lead"}
    members = {row["person_id"] for row in dump["membership"]}
    given = _given(dump)
    found = []
    for table in ("decision", "reversal"):
        for row in dump[table]:
            key = (row["person_id"], row["idempotency_key"])
            if row["person_id"] not in members:
                found.append(Violation("I16 permissions", f"{table} {row['seq']} by a stranger"))
            if row["person_id"] in leads:
                continue
            if key not in asked or not _same(asked[key], row, given):
                said = f"{table} {row['seq']} ({key[1]}) was never asked for like this"
                found.append(Violation("I3 no ghost", said))
    return found


def _fenced(dump: Dump) -> list[Violation]:
    """An answer belongs to a lease of its giver, and a lease has one answer that counts."""
    leases = {row["token"]: row for row in dump["lease"]}
    found, counted = [], set()
    for row in dump["decision"]:
        token = row["lease_token"]
        if token is None:
            continue
        lease = leases.get(token)
        if (
            lease is None
            or lease["person_id"] != row["person_id"]
            or lease["example_id"] != row["example_id"]
        ):
            found.append(Violation("I6 fencing", f"decision {row['seq']}: not its giver's lease"))
            continue
        if row["read_reason"] == "late":
            continue
        if token in counted or lease["ended_why"] != "answered":
            said = f"decision {row['seq']} counts, its lease was {lease['ended_why'] or 'live'}"
            found.append(Violation("I6 fencing", said))
        counted.add(token)
    return found


def _followed(tries: list[Operation]) -> list[Violation]:
    """A look sees every answer acknowledged before it, and never less than an earlier look."""
    events: list[tuple[float, int, Operation]] = []
    for one in tries:
        if one.ok and one.name in KEYED:
            events.append((one.ended, 0, one))
        elif one.ok and one.name == "look":
            events.append((one.began, 1, one))
            events.append((one.ended, 2, one))
    newest, seen = 0, 0
    wanted: dict[int, tuple[int, int]] = {}
    found = []
    for _, kind, one in sorted(events, key=lambda event: event[:2]):
        if kind == 0:
            newest = max(newest, one.reply["seq"])
        elif kind == 1:
            wanted[one.op] = (newest, seen)
        else:
            acknowledged, before = wanted[one.op]
            if one.reply["head"] < acknowledged:
                found.append(Violation("I12 read your writes", f"op {one.op} misses an answer"))
            if one.reply["head"] < before:
                found.append(Violation("I11 monotonic reads", f"op {one.op} went back in time"))
            seen = max(seen, one.reply["head"])
    return found


def _settled(tries: list[Operation], history: list[Line]) -> list[Violation]:
    """When faults have stopped, every answer has had a clear reply."""
    if not any(line.get("name") == "drained" for line in history):
        return []
    last: dict[tuple[int, str], Operation] = {}
    for one in tries:
        if one.name in KEYED:
            last[one.asked["person"], one.asked["answer"]] = one
    return [
        Violation("I7 progress", f"answer {answer} never had a clear reply: {one.reply}")
        for (_, answer), one in last.items()
        if one.phase == "info"
    ]
