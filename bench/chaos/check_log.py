"""I8 the statuses are the fold of the log, I10 the log is one chain without gaps."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import Any

from app.db.words import EventKind, ReadReason, Reason, Verdict
from app.review.books.fold import Answer, Mark, fold
from bench.chaos.dump import Dump, Row
from bench.chaos.findings import Violation
from bench.chaos.history import Line

REVERSING = ("undo", "redo", "reopen", "erase")


def check(history: list[Line], dump: Dump) -> list[Violation]:
    events = sorted(dump["event"], key=lambda event: event["seq"])
    bodies = [json.loads(event["body"]) for event in events]
    return [
        *_chained(dump["project"][0], events, bodies),
        *_folded(bodies, dump),
        *_copied(bodies, dump),
    ]


def canonical(body: Any) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _chained(project: Row, events: list[Row], bodies: list[Any]) -> list[Violation]:
    name, head = "I10 hash chain", bytes(32)
    found: list[Violation] = []
    for place, (event, body) in enumerate(zip(events, bodies, strict=True), start=1):
        if event["seq"] != place or body["seq"] != event["seq"] or body["kind"] != event["kind"]:
            said = f"event {event['seq']} stands at place {place}, its body says {body['seq']}"
            return [*found, Violation(name, said)]
        if canonical(body) != event["body"]:
            found.append(Violation(name, f"event {place} is not stored in its canonical form"))
        head = hashlib.sha256(head + event["body"].encode()).digest()
        if head.hex() != event["hash"]:
            return [*found, Violation(name, f"event {place} does not follow from the one before")]
    if project["log_seq"] != len(events) or project["log_hash"] != head.hex():
        said = f"the project's head is {project['log_seq']}, the log has {len(events)} events"
        found.append(Violation(name, said))
    return found


def _answer(body: Any, confirmations: int) -> Answer:
    data = body["data"]
    return Answer(
        seq=body["seq"],
        person=body["actor"],
        verdict=Verdict(data["verdict"]),
        labels=tuple(data["labels"]),
        reason=Reason(data["reason"]) if data["reason"] else None,
        read_reason=ReadReason(data["read"]),
        confirmations=confirmations,
        supersedes=data["supersedes"],
        adjudicates=body["kind"] == "adjudicate",
    )


def _folded(bodies: list[Any], dump: Dump) -> list[Violation]:
    """Replay the log alone and compare with what the tables say."""
    answers: dict[int, list[Answer]] = defaultdict(list)
    marks: dict[int, list[Mark]] = defaultdict(list)
    confirmations = dump["project"][0]["confirmations"]
    mapping = {row["id"]: row["replaced_by"] for row in dump["label"] if row["replaced_by"]}
    for body in bodies:
        data = body["data"]
        if body["kind"] in ("decision", "adjudicate"):
            answers[data["example"]].append(_answer(body, confirmations))
        elif body["kind"] in REVERSING:
            marks[data["example"]].append(
                Mark(
                    body["seq"],
                    EventKind(body["kind"]),
                    data.get("decision"),
                    tuple(data.get("labels", ())),
                )
            )
    found = []
    for row in dump["example"]:
        given = [] if row["given_label_id"] is None else [row["given_label_id"]]
        state = fold(given, answers[row["id"]], marks[row["id"]], mapping=mapping)
        label = state.labels[0] if state.final and state.labels else None
        said = (state.status.value, label, state.decided_seq)
        stored = (row["status"], row["final_label_id"], row["decided_seq"])
        if said != stored:
            found.append(
                Violation("I8 fold", f"example {row['id']}: the log says {said}, stored {stored}")
            )
    return found


def _copied(bodies: list[Any], dump: Dump) -> list[Violation]:
    """The fast copies hold what the events hold."""
    people = {row["id"]: row["pseudonym"] for row in dump["person"]}
    copies = {row["seq"]: row for row in dump["decision"]}
    reversals = {row["seq"]: row for row in dump["reversal"]}
    found = []
    for body in bodies:
        data, seq = body["data"], body["seq"]
        if body["kind"] in ("decision", "adjudicate"):
            row = copies.pop(seq, None)
            label = data["labels"][0] if data["labels"] else None
            if row is None or (
                row["example_id"],
                row["verdict"],
                row["label_id"],
                people[row["person_id"]],
            ) != (data["example"], data["verdict"], label, body["actor"]):
                found.append(Violation("I8 fold", f"event {seq} and its copy differ"))
        elif body["kind"] in REVERSING and reversals.pop(seq, None) is None:
            found.append(Violation("I8 fold", f"event {seq} has no copy"))
    found += [Violation("I8 fold", f"the copy {seq} has no event") for seq in [*copies, *reversals]]
    return found
