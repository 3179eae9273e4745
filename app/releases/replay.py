"""The log of a release, read back: its chain, and what it makes of every example. Offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypedDict

from app.db.log_bodies import (
    AnswerData,
    Body,
    BulkData,
    Data,
    EpochData,
    EraseData,
    GuidelineData,
    ImportData,
    LabelSaid,
    PolicyData,
    ReferData,
    ReleaseData,
    ReopenData,
    ResumeData,
    ReversalData,
    SchemaData,
    SkipData,
    WithdrawData,
)
from app.db.words import EventKind, ReadReason, Reason, Verdict
from app.labels import LabelSet, mapped
from app.releases.fits import misfit
from app.releases.layout import EVENTS, Said
from app.releases.log_lines import lines_of, own_bytes
from app.releases.problems import DAMAGE, Damaged
from app.review.books.fold import Answer, Folded, Mark, fold

RECORD_FORMATS = frozenset({1, 2})


class BoundImport(NamedTuple):
    """One import as the log binds it; `lines` is the hash over its lines of `given.jsonl`."""

    id: int
    seq: int
    sha256: str
    rows: int
    left_out: int
    lines: str
    form: str | None  # the hash of how its file looked; imports of old have none


@dataclass
class Replayed:
    """What the log says up to the seq of the release."""

    confirmations: int | None = None
    labels: list[LabelSaid] = field(default_factory=list)
    label_ids: set[int] = field(default_factory=set)
    imports: list[BoundImport] = field(default_factory=list)
    answers: dict[int, list[Answer]] = field(default_factory=dict)
    about: dict[int, int] = field(default_factory=dict)  # seq of an answer -> its example
    aside: dict[int, int] = field(default_factory=dict)  # seq of a skip or referral -> example
    marks: dict[int, list[Mark]] = field(default_factory=dict)
    said: dict[int, Said] = field(default_factory=dict)
    erased: dict[int, str] = field(default_factory=dict)

    @property
    def named(self) -> set[int]:
        """Labels that an answer or a bulk fix says: any of them may stand in a row."""
        said = [one.labels for told in self.answers.values() for one in told]
        said += [one.labels for told in self.marks.values() for one in told]
        return {label for labels in said for label in labels}

    @property
    def mapping(self) -> dict[int, int]:
        """A retired label -> the one that stands for it in the end."""
        after = {label["id"]: label["replaced_by"] for label in self.labels}
        ends: dict[int, int] = {}
        for first in after:
            label, passed = first, dict[int, None]()
            while (following := after.get(label)) is not None and label not in ends:
                passed[label] = None
                if following in passed:
                    raise Damaged(f"label {following} replaces itself", file=EVENTS)
                label = following
            ends |= dict.fromkeys(passed, ends.get(label, label))
        return ends

    def folded(self, example: int, given: LabelSet, mapping: Mapping[int, int]) -> Folded:
        answers, marks = self.answers.get(example), self.marks.get(example)
        if answers is None and marks is None:
            return Folded(labels=mapped(given, mapping))
        return fold(given, answers or [], marks or [], mapping=mapping)


class Envelope(TypedDict):
    """What stands around the data of an event, whatever its kind."""

    actor: str | None
    at: int
    data: dict[str, object]
    kind: str
    seq: int
    v: int


def parsed(body: bytes, seq: int) -> Body[object]:
    """One event, at the place in the log that it names itself."""
    event: Body[object] = own_bytes(body, seq)
    wrong = misfit(event, Envelope)
    if wrong:
        raise Damaged(f"is no event: {wrong}", place=seq)
    if event["seq"] != seq or event["v"] not in RECORD_FORMATS:
        raise Damaged(f"says seq {event['seq']}, record format {event['v']}", place=seq)
    return event


def replay(path: Path, *, up_to: int) -> Replayed:
    """Take in the events up to a seq, in order; those that follow must be events too."""
    log = Replayed()
    for seq, body in enumerate(lines_of(path), start=1):
        event = parsed(body, seq)
        try:
            kind = EventKind(event["kind"])
            if kind not in _TAKE:
                raise ValueError(f"this version does not know how to replay {kind.value!r}")
            wrong = misfit(event["data"], _SAID[kind]) if kind in _SAID else None
            if wrong:
                raise ValueError(wrong)
            if seq <= up_to:
                _TAKE[kind](log, event)
        except DAMAGE as error:
            raise Damaged(f"cannot be understood: {error}", place=seq) from error
    return log


def _answer(log: Replayed, event: Body[AnswerData]) -> None:
    data, said_by = event["data"], event["actor"]
    if log.confirmations is None:
        raise ValueError("there is no policy before it")
    if said_by is None:
        raise ValueError("nobody gave it")
    verdict = Verdict(data["verdict"])
    strange = set(data["labels"]) - log.label_ids
    if strange:
        raise ValueError(f"there is no label {min(strange)}")
    _check_tie(log, data, said_by)
    answer = Answer(
        seq=event["seq"],
        person=said_by,
        verdict=verdict,
        labels=tuple(data["labels"]),
        reason=Reason(data["reason"]) if data["reason"] else None,
        read_reason=ReadReason(data["read"]),
        confirmations=log.confirmations,
        supersedes=data["supersedes"],
        adjudicates=event["kind"] == EventKind.ADJUDICATE,
    )
    log.answers.setdefault(data["example"], []).append(answer)
    log.about[answer.seq] = data["example"]
    log.said[answer.seq] = Said(said_by, event["at"], verdict, data["guideline"])


def _check_tie(log: Replayed, data: AnswerData, said_by: str) -> None:
    """What came with another answer names one of the same person, to another example."""
    if "with" not in data:
        return
    first, own = data["with"], data["example"]
    if log.about.get(first, own) == own or log.said[first].actor != said_by:
        raise ValueError(f"event {first} is no answer of this person to another example")


def _reversal(log: Replayed, event: Body[ReversalData]) -> None:
    example, decision = event["data"]["example"], event["data"]["decision"]
    if log.about.get(decision) != example:
        raise ValueError(f"event {decision} is no answer about example {example}")
    _mark(log, example, event, decision=decision)


def _reopening(log: Replayed, event: Body[ReopenData]) -> None:
    _mark(log, event["data"]["example"], event)


def _bulk(log: Replayed, event: Body[BulkData]) -> None:
    labels = tuple(event["data"]["labels"])
    strange = set(labels) - log.label_ids
    if strange or not labels:
        raise ValueError(f"there is no label {min(strange)}" if strange else "it names no label")
    _mark(log, event["data"]["example"], event, labels=labels)


def _erasure(log: Replayed, event: Body[EraseData]) -> None:
    _mark(log, event["data"]["example"], event)
    log.erased[event["data"]["example"]] = event["data"]["line"]


def _mark(
    log: Replayed,
    example: int,
    event: Body[Data],
    *,
    decision: int | None = None,
    labels: LabelSet = (),
) -> None:
    mark = Mark(event["seq"], EventKind(event["kind"]), decision, labels)
    log.marks.setdefault(example, []).append(mark)


def _policy(log: Replayed, event: Body[PolicyData]) -> None:
    log.confirmations = event["data"]["confirmations"]


def _schema(log: Replayed, event: Body[SchemaData]) -> None:
    log.labels = event["data"]["labels"]
    log.label_ids = {label["id"] for label in log.labels}


def _import(log: Replayed, event: Body[ImportData]) -> None:
    data = event["data"]
    log.imports.append(
        BoundImport(
            data["import"],
            event["seq"],
            data["sha256"],
            data["rows"],
            data["left_out"],
            data["lines"],
            data.get("form"),
        )
    )


def _withdrawal(log: Replayed, event: Body[WithdrawData]) -> None:
    """Its rows are in no release from here on; nothing was said about them."""
    said = event["data"]
    bound = [one for one in log.imports if (one.id, one.rows) == (said["import"], said["rows"])]
    if not bound:
        raise ValueError(f"there is no import {said['import']} of {said['rows']} rows before it")
    log.imports.remove(bound[0])


def _put_aside(log: Replayed, event: Body[SkipData]) -> None:
    log.aside[event["seq"]] = event["data"]["example"]


def _resumed(log: Replayed, event: Body[ResumeData]) -> None:
    example, aside = event["data"]["example"], event["data"]["aside"]
    if log.aside.pop(aside, None) != example:
        raise ValueError(f"event {aside} has not put example {example} aside")


def _nothing(log: Replayed, event: Body[object]) -> None:
    """What it says does not change what a release holds."""


_TAKE: Mapping[EventKind, Callable[..., None]] = MappingProxyType(
    {
        EventKind.DECISION: _answer,
        EventKind.ADJUDICATE: _answer,
        EventKind.UNDO: _reversal,
        EventKind.REDO: _reversal,
        EventKind.REOPEN: _reopening,
        EventKind.ERASE: _erasure,
        EventKind.BULK: _bulk,
        EventKind.POLICY: _policy,
        EventKind.SCHEMA: _schema,
        EventKind.IMPORT: _import,
        EventKind.WITHDRAW: _withdrawal,
        EventKind.EPOCH: _nothing,
        EventKind.GUIDELINE: _nothing,
        EventKind.SKIP: _put_aside,
        EventKind.REFER: _put_aside,
        EventKind.RESUME: _resumed,
        EventKind.RELEASE: _nothing,
    }
)
"""How each kind is taken in. One that is not here is refused, never passed over."""

_SAID: Mapping[EventKind, object] = MappingProxyType(
    {
        EventKind.UNDO: ReversalData,
        EventKind.REDO: ReversalData,
        EventKind.REOPEN: ReopenData,
        EventKind.ERASE: EraseData,
        EventKind.BULK: BulkData,
        EventKind.POLICY: PolicyData,
        EventKind.SCHEMA: SchemaData,
        EventKind.IMPORT: ImportData,
        EventKind.WITHDRAW: WithdrawData,
        EventKind.EPOCH: EpochData,
        EventKind.GUIDELINE: GuidelineData,
        EventKind.SKIP: SkipData,
        EventKind.REFER: ReferData,
        EventKind.RESUME: ResumeData,
        EventKind.RELEASE: ReleaseData,
    }
)
"""What an event of a kind holds, no more and no less; of answers, what is used is looked at."""
