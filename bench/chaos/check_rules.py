"""The rules of reading and deciding, told from the rows alone: nothing of the product is asked.

I17 nobody is forgotten, I18 reads are independent, I19 nobody judges an own label, I20 one way out
of the pool, I21 coins fall once, I22 what is recorded was shown, I23 redo brings back what is owed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bench.chaos.deciding import (
    Label,
    Story,
    by_example,
    current_labels,
    labels_at,
    stories,
)
from bench.chaos.dump import Dump, Row
from bench.chaos.findings import Violation
from bench.chaos.history import Line

UNDECIDED = ("unreviewed", "pending", "disagreement")
FIRST = ("first", "expert")
LEVEL = {"": 0, "reviewer": 0, "expert": 1, "lead": 2}
MOST_SKIPS = 2
AS_LEASED = ("shown", "guideline_revision", "run_id", "mode", "first_answer", "serve_seq", "stream")


def check(history: list[Line], dump: Dump) -> list[Violation]:
    told = stories(dump)
    return [
        *_folded(told, dump),
        *_forgotten(told, dump),
        *_independent(told),
        *_own_label(dump),
        *_direct(dump),
        *_served_first(dump),
        *_coins(told, dump),
        *_as_shown(dump),
        *_redone(told, dump),
    ]


def _folded(told: Mapping[int, Story], dump: Dump) -> Iterator[Violation]:
    labels = current_labels(dump)
    for row in dump["example"]:
        stand = told[row["id"]].stand(labels)
        stored = (row["status"], row["final_label_id"], row["decided_seq"])
        if tuple(stand) != stored:
            said = f"example {row['id']}: its answers make it {tuple(stand)}, stored {stored}"
            yield Violation("I8 fold", said)


class Readers:
    """Who takes part, and who may still read what."""

    def __init__(self, told: Mapping[int, Story], dump: Dump) -> None:
        closed = {row["id"] for row in dump["person"] if row["disabled_at"] is not None}
        self.admins = {row["id"] for row in dump["person"] if row["is_admin"]}
        self.roles = {
            row["person_id"]: row["role"]
            for row in dump["membership"]
            if row["left_at"] is None and row["person_id"] not in closed
        }
        self.own = own_labels(dump)
        self.skips = by_example(row for row in dump["lease"] if row["ended_why"] == "skipped")
        self.told = told

    def may_read(self, person: int, example: int) -> bool:
        story = self.told[example]
        skips = [
            row
            for row in self.skips[example]
            if row["person_id"] == person and (row["ended_seq"] or 0) >= story.opened
        ]
        saw = any(row["person_id"] == person and saw_or_said(row) for row in story.standing())
        return (person, example) not in self.own and not saw and len(skips) < MOST_SKIPS

    def may_give(self, person: int, due: Row) -> bool:
        return (
            due["first_by"] != person
            and due["for_person"] in (None, person)
            and LEVEL[self.roles[person]] >= LEVEL[due["for_role"]]
            and self.may_read(person, due["example_id"])
        )


def saw_or_said(row: Row) -> bool:
    """A late answer to a lease saw nothing; every other bars its giver from reading again."""
    return bool(row["read_reason"] != "late" or row["lease_token"] is None)


def own_labels(dump: Dump) -> set[tuple[int, int]]:
    """Who gave the label of which example."""
    people = {row["id"]: row["person_id"] for row in dump["source"] if row["person_id"] is not None}
    return {
        (people[row["source_id"]], row["id"])
        for row in dump["example"]
        if row["source_id"] in people
    }


def _forgotten(told: Mapping[int, Story], dump: Dump) -> Iterator[Violation]:
    """Served and undecided: somebody holds it, may be handed it, or a lead is asked about it."""
    readers = Readers(told, dump)
    live = [row for row in dump["lease"] if row["ended_at"] is None]
    held = {row["example_id"] for row in live if row["read_reason"] in FIRST}
    held_dues = {row["read_due_id"] for row in live}
    asked = {row["example_id"] for row in dump["disagreement"] if row["settled_at"] is None}
    dues = by_example(row for row in dump["read_due"] if row["done_at"] is None)
    served = {row["example_id"] for row in dump["serve"]}
    for row in dump["example"]:
        example = row["id"]
        if example not in served or row["status"] not in UNDECIDED or example in held | asked:
            continue
        given_some_day = any(
            due["id"] in held_dues or any(readers.may_give(who, due) for who in readers.roles)
            for due in dues[example]
        )
        if not given_some_day:
            said = f"example {example} is {row['status']}, and nobody holds, owes or is asked it"
            yield Violation("I17 forgotten", said)


def _independent(told: Mapping[int, Story]) -> Iterator[Violation]:
    """Who answered an example, ruled on it or saw its answers gives no further read of it."""
    for example, story in told.items():
        before: set[int] = set()
        for row in story.standing():
            counts = not row["adjudicates"] and row["read_reason"] != "late"
            if counts and row["person_id"] in before:
                said = f"example {example}: answer {row['seq']} is its giver's second read"
                yield Violation("I18 independent reads", said)
            if saw_or_said(row):
                before.add(row["person_id"])


def _own_label(dump: Dump) -> Iterator[Violation]:
    own = own_labels(dump)
    for row in dump["decision"]:
        if (row["person_id"], row["example_id"]) in own and row["read_reason"] != "late":
            yield Violation("I19 own label", f"decision {row['seq']} judges its giver's own label")
    for row in dump["lease"]:
        if (row["person_id"], row["example_id"]) in own and row["ended_at"] is None:
            yield Violation("I19 own label", f"lease {row['id']} is of its holder's own label")


def _direct(dump: Dump) -> Iterator[Violation]:
    """Outside a lease answers a lead or an expert; a reviewer only in place of an own answer."""
    reviewers = {row["person_id"] for row in dump["membership"] if row["role"] == "reviewer"}
    admins = {row["id"] for row in dump["person"] if row["is_admin"]}
    for row in dump["decision"]:
        outside = row["lease_token"] is None and row["supersedes"] is None
        if outside and row["person_id"] in reviewers - admins:
            yield Violation("I16 permissions", f"decision {row['seq']}: a reviewer's, to no lease")


def _served_first(dump: Dump) -> Iterator[Violation]:
    """An example of an open pool is decided, held or owed only once it was served there."""
    name = "I20 serve step"
    pools: dict[int, set[int]] = {row["id"]: set() for row in dump["audit_epoch"]}
    for row in dump["audit_key"]:
        pools[row["epoch_id"]].add(row["example_id"])
    served = {(row["epoch_id"], row["example_id"]) for row in dump["serve"]}
    opened = [
        (event["seq"], json.loads(event["body"])["data"]["epoch"])
        for event in sorted(dump["event"], key=lambda event: event["seq"])
        if event["kind"] == "epoch"
    ]
    for row in dump["decision"]:
        epoch = next((epoch for seq, epoch in reversed(opened) if seq < row["seq"]), None)
        if epoch is None or row["example_id"] not in pools[epoch]:
            continue
        if (epoch, row["example_id"]) not in served or row["serve_seq"] is None:
            said = f"decision {row['seq']} is on example {row['example_id']}, which was not served"
            yield Violation(name, said)
    epoch = dump["project"][0]["epoch_id"]
    if epoch is None:
        return
    waiting = {example for example in pools[epoch] if (epoch, example) not in served}
    for table, over in (("lease", "ended_at"), ("read_due", "done_at")):
        for row in dump[table]:
            if row[over] is None and row["example_id"] in waiting:
                said = f"{table} {row['id']} is about example {row['example_id']}, never served"
                yield Violation(name, said)


def _coins(told: Mapping[int, Story], dump: Dump) -> Iterator[Violation]:
    """They fall with the answer that makes an example final, once until it is opened anew."""
    labels = labels_at(dump)
    for story in told.values():
        fallen: set[tuple[Any, Any]] = set()
        opened = 0
        for row in story.decisions:
            then = story.up_to(row["seq"])
            if then.opened != opened:
                opened, fallen = then.opened, set()
            coins = (row["coin_second"], row["coin_recheck"])
            if coins != (None, None):
                fallen.add(coins)
            said = _badly_thrown(row, then, labels[max(seq for seq in labels if seq < row["seq"])])
            if said is None and len(fallen) > 1:
                said = "throws what had fallen before"
            if said is not None:
                yield Violation("I21 coins", f"decision {row['seq']} {said}")


def _badly_thrown(row: Row, then: Story, labels: Mapping[Label, Label]) -> str | None:
    thrown = row["coin_recheck"] is not None
    stand = then.stand(labels)
    decides = stand.final and stand.decided_seq == row["seq"]
    if thrown and not decides:
        return f"throws coins and leaves the example {stand.status}"
    if thrown and row["read_reason"] == "recheck":
        return "throws coins after a re-check"
    if decides and not thrown and row["read_reason"] != "recheck":
        return "makes the example final without coins"
    return None


def _as_shown(dump: Dump) -> Iterator[Violation]:
    """An answer to a lease carries what was sent with it, in the row and in the log."""
    name = "I22 as shown"
    leases = {row["token"]: row for row in dump["lease"]}
    bodies = {event["seq"]: event["body"] for event in dump["event"]}
    for row in dump["decision"]:
        if row["lease_token"] is None:
            continue
        lease = leases.get(row["lease_token"])
        data = json.loads(bodies.get(row["seq"], "{}")).get("data", {})
        if row["shown"] is None:
            yield Violation(name, f"decision {row['seq']} does not say what was shown")
        if lease is not None:
            for column in AS_LEASED:
                if row[column] != lease[column]:
                    said = f"decision {row['seq']}: {column} {row[column]}, sent {lease[column]}"
                    yield Violation(name, said)
        logged = tuple(data.get(name) for name in ("shown", "guideline", "run", "mode"))
        if logged != (row["shown"], row["guideline_revision"], row["run_id"], row["mode"]):
            yield Violation(name, f"decision {row['seq']}: its event shows something else")
        if row["mode"] == "blind" and row["shown"] and _tells(row["shown"]):
            yield Violation(name, f"decision {row['seq']} was blind and shown {row['shown']}")


def _tells(shown: Mapping[str, Any]) -> bool:
    return any(shown.get(name) not in (None, []) for name in ("options", "suggested", "quality"))


def _redone(told: Mapping[int, Story], dump: Dump) -> Iterator[Violation]:
    """What followed from an answer is owed while it stands, and not while it is undone."""
    dues = by_example(dump["read_due"])
    for example, story in told.items():
        redone = {row["decision_seq"] for row in story.reversals} - story.undone - {None}
        for due in dues[example]:
            about = due["created_by_seq"]
            if about in redone and due["done_why"] == "undone":
                said = f"example {example}: a {due['reason']} read was not owed again after a redo"
                yield Violation("I23 redo", said)
            if about in story.undone and due["done_at"] is None:
                said = f"example {example}: a {due['reason']} read of an undone answer is owed"
                yield Violation("I23 redo", said)
