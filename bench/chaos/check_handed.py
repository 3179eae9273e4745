"""What was handed out, told from what reviewers heard: in which order, to whom, when.

I24 nothing in an archived project, I25 a batch is for its people, I26 what is owed comes first,
I27 a card sent again is the same card.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.chaos.check_rules import LEVEL, own_labels
from bench.chaos.deciding import by_example
from bench.chaos.dump import Dump, Row
from bench.chaos.findings import Operation, Violation, operations
from bench.chaos.history import Line

RECORDS = ("submit", "undo", "redo", "skip", "refer", "rule", "reopen")
NUMBERS = ("quality", "difficulty")


def check(history: list[Line], dump: Dump) -> list[Violation]:
    tries = operations(history)
    return [
        *_archived(tries, dump),
        *_people(tries, dump),
        *_owed_first(tries, dump),
        *_same_card(tries, dump),
        *_blind(tries),
    ]


def _spans(tries: list[Operation], name: str) -> Iterator[tuple[Operation, float]]:
    """Acts of a lead that were acknowledged, each with the moment from which it may be over."""
    acts = [one for one in tries if one.name == name]
    for one in acts:
        if one.ok:
            after = [
                later.began for later in acts if later.began >= one.ended and _alike(one, later)
            ]
            yield one, min(after, default=float("inf"))


def _alike(one: Operation, other: Operation) -> bool:
    return one.asked.get("batch") == other.asked.get("batch")


def _within(one: Operation, began: float, ended: float) -> bool:
    return one.ok and one.began >= began and one.ended <= ended


def _archived(tries: list[Operation], dump: Dump) -> Iterator[Violation]:
    """Asked and acknowledged while the project was away: nothing is handed out or recorded."""
    name = "I24 archived"
    at = {row["seq"]: row["at"] for row in [*dump["decision"], *dump["reversal"]]}
    ended = {row["token"]: row["ended_at"] for row in dump["lease"]}
    for act, over in _spans(tries, "archive"):
        if not act.asked["archived"]:
            continue
        for one in tries:
            if not _within(one, act.ended, over):
                continue
            if one.reply.get("examples"):
                yield Violation(name, f"op {one.op}: {one.name} handed out")
            new = at.get(one.reply.get("seq"), 0.0)  # a retry names what was there before
            put_aside = one.name in ("skip", "refer") and ended.get(one.asked["lease"])
            if one.name in RECORDS and max(new, put_aside or 0.0) > act.ended:
                yield Violation(name, f"op {one.op}: {one.name} was recorded")
    if dump["project"][0]["archived_at"] is not None:
        for row in dump["lease"]:
            if row["ended_at"] is None:
                yield Violation(name, f"lease {row['id']} is live")


def _people(tries: list[Operation], dump: Dump) -> Iterator[Violation]:
    """Who is taken off a batch is handed no more of it."""
    name = "I25 batch people"
    leads = {row["person_id"] for row in dump["membership"] if row["role"] == "lead"}
    leads |= {row["id"] for row in dump["person"] if row["is_admin"]}
    leases = {row["token"]: row for row in dump["lease"]}
    for act, over in _spans(tries, "people"):
        allowed = {*act.asked["people"], *leads}
        if not act.asked["people"]:
            continue
        for one in tries:
            if one.asked["person"] in allowed or not _within(one, act.ended, over):
                continue
            for token, example, *_ in one.reply.get("examples", []):
                lease = leases.get(token)
                if lease is not None and lease["batch_id"] == act.asked["batch"]:
                    yield Violation(name, f"op {one.op}: {one.name} handed out example {example}")
    asked = {(row["batch_id"], row["person_id"]) for row in dump["batch_person"]}
    for batch in dump["batch"]:
        for row in dump["lease"]:
            mine = row["batch_id"] == batch["id"] and row["ended_at"] is None
            stranger = (batch["id"], row["person_id"]) not in asked
            if mine and not batch["everyone"] and stranger and row["person_id"] not in leads:
                yield Violation(name, f"lease {row['id']} is of who was taken off its batch")


def _owed_first(tries: list[Operation], dump: Dump) -> Iterator[Violation]:
    """Whoever is handed a new example is owed none that they could have been handed instead.

    Only what is certain is held against the store: a read that was owed before the claim was
    asked, by an example on which nothing was ever taken back, to whom never touched it.
    """
    known = _Dues(tries, dump)
    leases = {row["token"]: row for row in dump["lease"]}
    served = {(row["example_id"], row["serve_seq"]): row["at"] for row in dump["serve"]}
    for one in tries:
        if one.name not in ("claim", "submit") or not one.ok or not one.reply.get("examples"):
            continue
        mine = [leases[card[0]] for card in one.reply["examples"] if card[0] in leases]
        new = [
            row
            for row in mine
            if row["read_due_id"] is None
            and served.get((row["example_id"], row["serve_seq"])) == row["created_at"]
        ]
        for due in known.waiting(one) if new else ():
            said = f"op {one.op} handed out new examples; the {due['reason']} read of example "
            said += f"{due['example_id']} waited"
            yield Violation("I26 owed first", said)
            break


class _Dues:
    """Reads that were owed for certain at some moment, and who could have given them."""

    def __init__(self, tries: list[Operation], dump: Dump) -> None:
        reversed_ = {row["example_id"] for row in dump["reversal"]}
        token = {row["ended_seq"]: row["token"] for row in dump["lease"] if row["ended_seq"]}
        heard = {one.asked["lease"]: one.ended for one in tries if one.ok and one.name == "skip"}
        said = {one.reply["seq"]: one.ended for one in tries if one.ok and one.name == "submit"}
        self.dues: list[tuple[float, Row]] = []
        for due in dump["read_due"]:
            seq = due["created_by_seq"]
            since = said.get(seq) or heard.get(token.get(seq, ""))
            if since is not None and due["example_id"] not in reversed_ and not due["on_grid"]:
                self.dues.append((since, due))
        self.spans = [(one.began, one.ended) for one in tries]
        self.own = own_labels(dump)
        self.roles = {row["person_id"]: row["role"] for row in dump["membership"]}
        self.leases = by_example(dump["lease"])
        self.touched = {
            (row["person_id"], row["example_id"]) for row in [*dump["decision"], *dump["lease"]]
        }

    def waiting(self, claim: Operation) -> Iterator[Row]:
        who = claim.asked["person"]
        for since, due in self.dues:
            example = due["example_id"]
            if since >= claim.began or (due["done_at"] or float("inf")) <= claim.ended:
                continue
            free = all(
                row["created_at"] > claim.ended or self._was_over(row, claim.began)
                for row in self.leases[example]
            )
            able = (
                (who, example) not in self.own | self.touched
                and due["first_by"] != who
                and due["for_person"] in (None, who)
                and LEVEL[self.roles[who]] >= LEVEL[due["for_role"]]
            )
            if free and able:
                yield due

    def _was_over(self, lease: Row, moment: float) -> bool:
        """For certain: whoever ends one looks at the clock, and may then wait for the lock."""
        ended: float | None = lease["ended_at"]
        if ended is None or not lease["created_at"] <= ended < moment:
            return False
        return all(over < moment for began, over in self.spans if began <= ended <= over)


def _same_card(tries: list[Operation], dump: Dump) -> Iterator[Violation]:
    """Sent again, or after an undo, it shows what it showed: the same run, whatever came since."""
    name = "I27 same card"
    shown = {row["seq"]: row["shown"] for row in dump["decision"]}
    leases = {row["token"]: row for row in dump["lease"]}
    first: dict[str, Any] = {}
    for one in tries:
        for token, example, blind, beside in one.reply.get("examples", []) if one.ok else ():
            before = first.setdefault(token, beside)
            if not _like(beside, before):
                yield Violation(name, f"op {one.op}: example {example} was sent otherwise before")
            lease = leases.get(token, {})
            hides = blind or lease.get("mode") != "everything"
            recorded = lease.get("shown")
            if recorded is not None and not hides and not _like(beside, recorded):
                yield Violation("I22 as shown", f"lease {lease['id']}: sent {beside}")
            undone = shown.get(one.reply.get("undone")) if one.name == "undo" else None
            if undone is not None and not hides and not _like(beside, undone):
                yield Violation(name, f"op {one.op}: example {example} came back otherwise")


def _like(card: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """A neighbour may have gone since, for private data; nothing else may differ."""
    return (
        card["options"] == before["options"]
        and all(card[number] == before[number] for number in NUMBERS)
        and set(card["neighbours"]) <= set(before["neighbours"])
    )


def _blind(tries: list[Operation]) -> Iterator[Violation]:
    """A blind card tells neither the given label nor what the model says, and asks for a label."""
    blind = set()
    for one in tries:
        for token, example, hidden, beside in one.reply.get("examples", []) if one.ok else ():
            if not hidden:
                continue
            blind.add(token)
            told = [beside["given"], *beside["options"], *(beside[number] for number in NUMBERS)]
            if any(value is not None for value in told):
                yield Violation("I28 blind", f"op {one.op}: example {example} shows {beside}")
    for one in tries:
        answered = one.ok and one.name == "submit" and one.asked.get("lease") in blind
        if answered and one.asked["verdict"] == "confirm":
            yield Violation("I28 blind", f"op {one.op}: a bare confirm was taken")
