"""Serves: numbered without gaps, the pool counted right, the draws in the order of their keys."""

from __future__ import annotations

from collections import defaultdict

from bench.chaos.dump import Dump, Row
from bench.chaos.findings import Violation
from bench.chaos.history import Line

NAME = "serves"


def check(history: list[Line], dump: Dump) -> list[Violation]:
    serves = sorted(dump["serve"], key=lambda serve: (serve["serve_seq"], serve["id"]))
    found = []
    if [serve["serve_seq"] for serve in serves] != list(range(1, len(serves) + 1)):
        found.append(Violation(NAME, "the serves are not numbered 1, 2, 3, …"))
    if dump["project"][0]["serve_seq"] != len(serves):
        found.append(Violation(NAME, "the project's count of serves is wrong"))
    of_epoch: dict[int, list[Row]] = defaultdict(list)
    for serve in serves:
        of_epoch[serve["epoch_id"]].append(serve)
    keys: dict[int, list[Row]] = defaultdict(list)
    for row in dump["audit_key"]:
        keys[row["epoch_id"]].append(row)
    for epoch in dump["audit_epoch"]:
        if epoch["opened_at"] is not None:
            found += _epoch(epoch, of_epoch[epoch["id"]], keys[epoch["id"]])
    return found


def _epoch(epoch: Row, serves: list[Row], keys: list[Row]) -> list[Violation]:
    """Walk an epoch's serves and count what is left of its pool."""
    pool = {row["example_id"]: row["key"] for row in keys}
    order = sorted(pool, key=lambda example: pool[example])
    found, served, place = [], set(), 0
    left = epoch["pool_size"]
    for serve in serves:
        example = serve["example_id"]
        if example in served:
            found.append(Violation(NAME, f"example {example} is served twice"))
        if serve["unserved_before"] != left:
            said = f"serve {serve['serve_seq']}: {serve['unserved_before']} unserved, {left} it is"
            found.append(Violation(NAME, said))
            left = serve["unserved_before"]
        while place < len(order) and order[place] in served:
            place += 1
        if serve["stream"] == "audit" and (place == len(order) or order[place] != example):
            found.append(Violation(NAME, f"serve {serve['serve_seq']} is not the next random draw"))
        served.add(example)
        left -= example in pool
    return found
