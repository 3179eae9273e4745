"""What the answers to an example make of it, written a second time from the rules of deciding.

Plain rows in, plain values out: nothing of the product is asked.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.chaos.dump import Dump, Row

OPENS = ("reopen", "erase")
FINAL = ("confirmed", "relabeled", "removed")
Label = int | None
REMOVED = "removed"


class Stand(NamedTuple):
    """How an example stands after its answers: its label where it is final."""

    status: str
    label: Label
    decided_seq: int | None

    @property
    def final(self) -> bool:
        return self.status in FINAL


@dataclass
class Story:
    """Everything that was said about one example, in the order of the log."""

    given: Label
    decisions: list[Row] = field(default_factory=list)
    reversals: list[Row] = field(default_factory=list)

    def up_to(self, seq: int) -> Story:
        """The same as it was after that event."""
        return Story(
            self.given,
            [row for row in self.decisions if row["seq"] <= seq],
            [row for row in self.reversals if row["seq"] <= seq],
        )

    @property
    def opened(self) -> int:
        """The event that last opened it anew; 0 where none did."""
        return max((row["seq"] for row in self.reversals if row["kind"] in OPENS), default=0)

    @property
    def undone(self) -> set[int]:
        """Answers whose last word is an undo."""
        last = {row["decision_seq"]: row["kind"] for row in self.reversals}
        return {seq for seq, kind in last.items() if kind == "undo" and seq is not None}

    def standing(self) -> list[Row]:
        """Neither undone nor replaced by their giver, since it was last opened."""
        undone, before = self.undone, {row["seq"]: row["supersedes"] for row in self.decisions}
        replaced: set[int] = set()
        for row in self.decisions:
            earlier = None if row["seq"] in undone else row["supersedes"]
            while earlier is not None and earlier not in replaced:
                replaced.add(earlier)
                earlier = before.get(earlier)
        return [
            row
            for row in self.decisions
            if row["seq"] > self.opened and row["seq"] not in undone | replaced
        ]

    def stand(self, labels: Mapping[Label, Label]) -> Stand:
        """Fold the answers that count; `labels` says which label stands for which."""
        if any(row["kind"] == "erase" for row in self.reversals):
            return Stand("erased", None, self.opened)
        given = labels.get(self.given)
        now, pending = Stand("unreviewed", None, None), None
        for row in self.standing():
            said = _said(row, given, labels)
            if row["adjudicates"]:
                now, pending = _final(said, given, row), None
            elif row["read_reason"] == "late" or now.final or now.status == "disagreement":
                continue
            elif pending is None or pending["person_id"] == row["person_id"]:
                now, pending = _first(said, given, row)
            else:
                first = _said(pending, given, labels)
                agreed = said in (first, given) or row["confirmations"] == 1
                now = _final(said, given, row) if agreed else Stand("disagreement", None, None)
                pending = None
        return now


def _said(row: Row, given: Label, labels: Mapping[Label, Label]) -> Label | str:
    if row["verdict"] == "remove":
        return REMOVED
    return given if row["verdict"] == "confirm" else labels.get(row["label_id"])


def _first(said: Label | str, given: Label, row: Row) -> tuple[Stand, Row | None]:
    """With two confirmations a change waits for a second read; what stays as given does not."""
    if said == given or row["confirmations"] == 1:
        return _final(said, given, row), None
    return Stand("pending", None, None), row


def _final(said: Label | str, given: Label, row: Row) -> Stand:
    if isinstance(said, str):
        return Stand("removed", None, row["seq"])
    return Stand("confirmed" if said == given else "relabeled", said, row["seq"])


def stories(dump: Dump) -> dict[int, Story]:
    """What was said about each example."""
    found = {row["id"]: Story(row["given_label_id"]) for row in dump["example"]}
    for row in sorted(dump["decision"], key=lambda row: row["seq"]):
        found[row["example_id"]].decisions.append(row)
    for row in sorted(dump["reversal"], key=lambda row: row["seq"]):
        found[row["example_id"]].reversals.append(row)
    return found


def current_labels(dump: Dump) -> dict[Label, Label]:
    """The label that stands for each one now."""
    return _current((row["id"], row["replaced_by"]) for row in dump["label"])


def labels_at(dump: Dump) -> dict[int, dict[Label, Label]]:
    """The same after each event that changed the labels; after 0, before any was retired."""
    found = {0: _current((row["id"], None) for row in dump["label"])}
    for event in dump["event"]:
        if event["kind"] == "schema":
            listed = json.loads(event["body"])["data"]["labels"]
            found[event["seq"]] = found[0] | _current(
                (one["id"], one["replaced_by"]) for one in listed
            )
    return found


def _current(replaced: Iterable[tuple[int, Label]]) -> dict[Label, Label]:
    after = dict(replaced)
    found: dict[Label, Label] = {}
    for label in after:
        now = label
        for _ in after:
            now = after.get(now) or now
        found[label] = now
    return found


def by_example(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["example_id"]].append(row)
    return found
