"""What an event of the log says, in words: the same in an example's history and in the activity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.db.log_bodies import (
    AnswerData,
    AnyBody,
    BulkData,
    EpochData,
    GuidelineData,
    ImportData,
    PolicyData,
    ReleaseData,
    SchemaData,
    WithdrawData,
)
from app.db.words import REASON_TEXT, EventKind, Mode, ReadReason, Reason, Verdict

READ_WORDS: Mapping[str, str] = MappingProxyType(
    {
        ReadReason.FIRST: "first read",
        ReadReason.COIN: "second read, by chance",
        ReadReason.CONFIRM: "second read of a change",
        ReadReason.UNTIL_SURE: "further read",
        ReadReason.THIRD: "third read",
        ReadReason.EXPERT: "expert's read",
        ReadReason.RECHECK: "re-check",
        ReadReason.KNOWN: "known answer",
        ReadReason.LATE: "late: kept, does not count",
    }
)
_MODE_WORDS = {Mode.BLIND.value: "blind", Mode.DECIDE_FIRST.value: "decided first"}

Names = Mapping[int, str]
"""Label id -> name."""


def event_words(event: AnyBody, names: Names) -> str:
    kind = EventKind(event["kind"])
    plain = _PLAIN.get(kind)
    return plain if plain is not None else _TOLD[kind](event["data"], names)


def event_mark(event: AnyBody) -> str:
    """What chooses the sign beside it: the verdict of an answer, or else its kind."""
    return str(event["data"]["verdict"]) if event["kind"] in _ANSWERS else event["kind"]


def event_how(event: AnyBody) -> str:
    """How an answer was asked for and given; nothing of any other event."""
    if event["kind"] == EventKind.ADJUDICATE:
        return "ruling, final"
    if event["kind"] != EventKind.DECISION:
        return ""
    data: AnswerData = event["data"]
    seconds = f"{data['ms'] / 1000:.1f} s" if data.get("ms") else ""
    parts = (READ_WORDS.get(data["read"], ""), _MODE_WORDS.get(data["mode"], ""), seconds)
    return ", ".join(filter(None, parts))


def _confirmed(data: AnswerData, names: Names) -> str:
    return "Confirmed the given label"


def _relabeled(data: AnswerData, names: Names) -> str:
    return f"Relabeled as {names.get(data['labels'][0], 'a retired label')}"


def _removed(data: AnswerData, names: Names) -> str:
    return f"Removed: {REASON_TEXT[Reason(str(data['reason']))]}"


_VERDICTS: Mapping[Verdict, Callable[[AnswerData, Names], str]] = {
    Verdict.CONFIRM: _confirmed,
    Verdict.RELABEL: _relabeled,
    Verdict.REMOVE: _removed,
}


def _answer(data: AnswerData, names: Names) -> str:
    return _VERDICTS[Verdict(data["verdict"])](data, names)


def _import(data: ImportData, names: Names) -> str:
    return f"{data['rows']:,} examples imported, {data['left_out']:,} left out"


def _withdraw(data: WithdrawData, names: Names) -> str:
    return f"An import was withdrawn: its {data['rows']:,} examples are taken out again"


def _policy(data: PolicyData, names: Names) -> str:
    second = data["confirmations"] == 2
    return "A change needs a second reader" if second else "Every answer is final"


def _epoch(data: EpochData, names: Names) -> str:
    return f"Random checks begin anew, over {data['pool']:,} examples"


def _schema(data: SchemaData, names: Names) -> str:
    return f"The labels changed: revision {data['revision']}"


def _guideline(data: GuidelineData, names: Names) -> str:
    of = " and ".join(names.get(label, "a retired label") for label in data["labels"])
    return f"The guideline for {of or 'the project'} changed to v{data['version']}"


def _bulk(data: BulkData, names: Names) -> str:
    label = names.get(data["labels"][0], "a retired label")
    return f"Its label is {label} now, changed as a group in bulk fix {data['bulk']:,}"


def _release(data: ReleaseData, names: Names) -> str:
    return f"Release {data['release']}"


_ANSWERS = frozenset({EventKind.DECISION, EventKind.ADJUDICATE})
_PLAIN: Mapping[EventKind, str] = {
    EventKind.UNDO: "Took an answer back",
    EventKind.REDO: "Let an answer stand again",
    EventKind.SKIP: "Skipped it",
    EventKind.REFER: "Sent it to an expert",
    EventKind.RESUME: "Took it up again",
    EventKind.REOPEN: "Reopened it: earlier answers no longer count",
    EventKind.ERASE: "Erased it for ever",
}
_TOLD: Mapping[EventKind, Callable[..., str]] = {
    EventKind.IMPORT: _import,
    EventKind.WITHDRAW: _withdraw,
    EventKind.SCHEMA: _schema,
    EventKind.GUIDELINE: _guideline,
    EventKind.POLICY: _policy,
    EventKind.EPOCH: _epoch,
    EventKind.DECISION: _answer,
    EventKind.ADJUDICATE: _answer,
    EventKind.RELEASE: _release,
    EventKind.BULK: _bulk,
}
