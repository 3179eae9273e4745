"""The log of a release, read back: its chain, and what it makes of every example. Offline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from app.db.words import EventKind, ReadReason, Reason, Verdict
from app.labels import mapped
from app.releases.layout import Said
from app.review.books.fold import Answer, Folded, Mark, fold

FIRST_HASH = bytes(32)
RECORD_FORMATS = frozenset({1})
DAMAGE = (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError)
"""What reading something that is not as it was written may raise."""

_SAID = frozenset({EventKind.DECISION, EventKind.ADJUDICATE})
_MARKS = frozenset({EventKind.UNDO, EventKind.REDO, EventKind.REOPEN, EventKind.ERASE})
_NOTHING = frozenset({EventKind.EPOCH, EventKind.SKIP, EventKind.REFER, EventKind.RELEASE})


class Damaged(Exception):
    """A file of the release is not as it was written: where, and what is wrong."""

    def __init__(self, what: str, *, place: int | None = None) -> None:
        super().__init__(what)
        self.what, self.place = what, place


@dataclass
class Replayed:
    """What the log says up to the seq of the release."""

    confirmations: int | None = None
    labels: list[dict[str, Any]] = field(default_factory=list)
    imports: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[int, list[Answer]] = field(default_factory=dict)
    marks: dict[int, list[Mark]] = field(default_factory=dict)
    said: dict[int, Said] = field(default_factory=dict)
    erased: dict[int, str] = field(default_factory=dict)

    @property
    def mapping(self) -> dict[int, int]:
        return {
            label["id"]: label["replaced_by"]
            for label in self.labels
            if label["replaced_by"] is not None
        }

    def folded(self, example: int, given: tuple[int, ...], mapping: Mapping[int, int]) -> Folded:
        answers, marks = self.answers.get(example), self.marks.get(example)
        if answers is None and marks is None:
            return Folded(labels=mapped(given, mapping))
        return fold(given, answers or [], marks or [], mapping=mapping)


def lines_of(path: Path) -> Iterator[bytes]:
    """Whole lines, each without its end."""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                raise Damaged("the last line is not whole")
            yield line[:-1]


def follow_chain(path: Path) -> tuple[bytes, int, bytes]:
    """Hash every body in order: the head, how many there are, and the last body."""
    head, count, last = FIRST_HASH, 0, b""
    for body in lines_of(path):
        head = hashlib.sha256(head + body).digest()
        count, last = count + 1, body
    return head, count, last


def parsed(body: bytes, seq: int) -> dict[str, Any]:
    """One event, at the place in the log that it names itself."""
    try:
        event: dict[str, Any] = orjson.loads(body)
        same = event["seq"] == seq and event["v"] in RECORD_FORMATS
    except DAMAGE as error:
        raise Damaged(f"event {seq:,} cannot be read", place=seq) from error
    if not same:
        raise Damaged(
            f"event {seq:,} says seq {event['seq']}, record format {event['v']}", place=seq
        )
    return event


def replay(path: Path, *, up_to: int) -> Replayed:
    """Take in the events up to a seq, in order."""
    found = Replayed()
    for seq, body in enumerate(lines_of(path), start=1):
        if seq > up_to:
            break
        event = parsed(body, seq)
        try:
            _take(found, event)
        except DAMAGE as error:
            raise Damaged(f"event {seq:,} cannot be understood: {error}", place=seq) from error
    return found


def _take(found: Replayed, event: dict[str, Any]) -> None:
    kind, data = EventKind(event["kind"]), event["data"]
    if kind in _SAID:
        _take_answer(found, event, adjudicates=kind is EventKind.ADJUDICATE)
    elif kind in _MARKS:
        mark = Mark(event["seq"], kind, data.get("decision"))
        found.marks.setdefault(data["example"], []).append(mark)
        if kind is EventKind.ERASE:
            found.erased[data["example"]] = data["line"]
    elif kind is EventKind.POLICY:
        found.confirmations = data["confirmations"]
    elif kind is EventKind.SCHEMA:
        found.labels = data["labels"]
    elif kind is EventKind.IMPORT:
        found.imports.append({"seq": event["seq"], **data})
    elif kind not in _NOTHING:
        raise ValueError(f"this version does not know how to replay {kind.value!r}")


def _take_answer(found: Replayed, event: dict[str, Any], *, adjudicates: bool) -> None:
    data = event["data"]
    if found.confirmations is None:
        raise ValueError("there is no policy before it")
    verdict = Verdict(data["verdict"])
    answer = Answer(
        seq=event["seq"],
        person=event["actor"],
        verdict=verdict,
        labels=tuple(data["labels"]),
        reason=Reason(data["reason"]) if data["reason"] else None,
        read_reason=ReadReason(data["read"]),
        confirmations=found.confirmations,
        supersedes=data["supersedes"],
        adjudicates=adjudicates,
    )
    found.answers.setdefault(data["example"], []).append(answer)
    found.said[answer.seq] = Said(event["actor"], event["at"], verdict, data["guideline"])
