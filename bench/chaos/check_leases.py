"""I5: two people never hold the same example; I14: what a lease shows is one complete ranking."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from bench.chaos.dump import Dump, Row
from bench.chaos.findings import Operation, Violation, operations
from bench.chaos.history import Line

ENDINGS = ("submit", "skip", "refer", "give_back", "redo", "undo")
BY_LEAD = {"taken off": "people", "batch closed": "close", "archived": "archive"}
NAME = "I5 lease exclusion"


def check(history: list[Line], dump: Dump) -> list[Violation]:
    tries = operations(history)
    handed, ended = handed_at(tries), _ended(tries, dump["lease"])
    by_example: dict[int, list[Row]] = defaultdict(list)
    for lease in dump["lease"]:
        by_example[lease["example_id"]].append(lease)
    found = []
    for example, leases in by_example.items():
        ordered = sorted(leases, key=lambda lease: lease["id"])
        for before, after in pairwise(ordered):
            said = _overlap(before, after, handed, ended)
            if said:
                found.append(Violation(NAME, f"example {example}: {said}"))
    return found


def handed_at(tries: list[Operation]) -> dict[str, float]:
    """When each token reached its holder."""
    found: dict[str, float] = {}
    for one in tries:
        if one.ok:
            for card in one.reply.get("examples", []):
                found.setdefault(card[0], one.ended)
    return found


def _ended(tries: list[Operation], leases: list[Row]) -> dict[str, float]:
    """When its holder first asked for something that ends it, or a lead for what did.

    What a lead's act ended is said to be answered once its late answer has come after all.
    """
    found: dict[str, float] = {}
    acts = [(one.name, one.began) for one in tries if one.name in BY_LEAD.values()]
    for lease in leases:
        if lease["ended_why"] == "answered":
            until = lease["ended_at"]
            began = [when for _, when in acts if lease["created_at"] < when < until]
        else:
            began = [when for name, when in acts if name == BY_LEAD.get(lease["ended_why"])]
        if began:
            found[lease["token"]] = min(began)
    for one in tries:
        if one.name in ENDINGS:
            for token in [*one.asked.get("leases", []), one.asked.get("lease")]:
                if token:
                    found[token] = min(one.began, found.get(token, one.began))
    return found


def _overlap(
    before: Row, after: Row, handed: dict[str, float], ended: dict[str, float]
) -> str | None:
    """Two leases of one example, one after the other in the order of their ids."""
    if before["ended_at"] is None:
        return f"lease {after['id']} began while {before['id']} was live"
    if before["ended_why"] == "expired":
        if before["expires_at"] > before["ended_at"]:
            early = before["expires_at"] - before["ended_at"]
            return f"lease {before['id']} was taken {early:.3f} s before it ran out"
        return None
    if before["expires_at"] <= after["created_at"]:
        return None  # it had run out; its late answer counted, so it ended a second time
    if before["person_id"] == after["person_id"] or before["token"] not in ended:
        return None
    if after["token"] in handed and handed[after["token"]] < ended[before["token"]]:
        return f"lease {after['id']} was out before anybody ended {before['id']}"
    return None
