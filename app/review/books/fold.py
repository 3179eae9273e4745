"""What an example's label is: the fold of its answers in the order of the log.

Used by the live product and, offline, by `relabel verify`: standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from app.db.words import FINAL, UNDECIDED, EventKind, Question, ReadReason, Reason, Status, Verdict
from app.labels import LabelSet, mapped


@dataclass(frozen=True)
class Answer:
    """One decision or adjudication, as the log holds it."""

    seq: int
    person: str
    verdict: Verdict
    labels: LabelSet = ()
    reason: Reason | None = None
    read_reason: ReadReason = ReadReason.FIRST
    confirmations: int = 1
    supersedes: int | None = None
    adjudicates: bool = False


@dataclass(frozen=True)
class Mark:
    """An undo or redo of an answer, a reopening or erasure of the example, or a bulk fix.

    `labels` of a bulk fix are those that stand from then on.
    """

    seq: int
    kind: EventKind
    decision_seq: int | None = None
    labels: LabelSet = ()


class Outcome(NamedTuple):
    """What an answer makes of the example: its labels, or removed."""

    removed: bool
    labels: LabelSet


@dataclass
class Folded:
    """What its answers make of an example.

    `labels` are those that stand. `bulk`: the ones that a bulk fix put in the place of the given
    ones, whether or not somebody decided since; nothing where it was none.
    """

    status: Status = Status.UNREVIEWED
    labels: LabelSet = ()
    bulk: LabelSet = ()
    reason: Reason | None = None
    decided_seq: int | None = None
    pending: Answer | None = None
    standing: list[Answer] = field(default_factory=list)
    questions: list[tuple[Question, int]] = field(default_factory=list)

    @property
    def final(self) -> bool:
        return self.status in FINAL

    @property
    def unread_bulk(self) -> bool:
        """Its label is of a bulk fix, and nobody decided."""
        return bool(self.bulk) and self.status in UNDECIDED

    @property
    def why(self) -> str:
        """Its status, and a removal's reason: such as `removed: unreadable`."""
        if self.unread_bulk:
            return f"{self.status}: {EventKind.BULK}"
        return f"{self.status}: {self.reason}" if self.reason else str(self.status)


class _Label(NamedTuple):
    """What an example came with, and what a confirming answer confirms; both after mapping."""

    came: LabelSet
    stands: LabelSet


def _outcome(answer: Answer, stands: LabelSet, mapping: Mapping[int, int]) -> Outcome:
    if answer.verdict is Verdict.REMOVE:
        return Outcome(True, ())
    if answer.verdict is Verdict.CONFIRM:
        return Outcome(False, stands)
    return Outcome(False, mapped(answer.labels, mapping))


def agree(
    one: Answer, other: Answer, stands: Iterable[int], *, mapping: Mapping[int, int] | None = None
) -> bool:
    """Both make the same of the example: removed, or the same labels after mapping."""
    names = mapping or {}
    label = mapped(stands, names)
    return _outcome(one, label, names) == _outcome(other, label, names)


def standing(answers: Iterable[Answer], marks: Iterable[Mark]) -> list[Answer]:
    """The answers that still stand: neither undone nor replaced by their giver."""
    listed = sorted(answers, key=lambda answer: answer.seq)
    undone: set[int] = set()
    for mark in sorted(marks, key=lambda mark: mark.seq):
        if mark.kind is EventKind.UNDO and mark.decision_seq is not None:
            undone.add(mark.decision_seq)
        elif mark.kind is EventKind.REDO and mark.decision_seq is not None:
            undone.discard(mark.decision_seq)
    earlier = {answer.seq: answer.supersedes for answer in listed}
    replaced: set[int] = set()
    for answer in listed:
        if answer.seq in undone:
            continue
        before = answer.supersedes
        while before is not None and before not in replaced:
            replaced.add(before)
            before = earlier.get(before)
    return [a for a in listed if a.seq not in undone and a.seq not in replaced]


def _settle(state: Folded, answer: Answer, outcome: Outcome, label: _Label) -> None:
    """Make the example final: confirmed where it ends with what it came with."""
    if outcome.removed:
        state.status = Status.REMOVED
    elif outcome.labels == label.came and label.came:
        state.status = Status.CONFIRMED
    else:
        state.status = Status.RELABELED
    state.labels, state.reason = outcome.labels, answer.reason if outcome.removed else None
    state.decided_seq, state.pending = answer.seq, None


def _first(state: Folded, answer: Answer, outcome: Outcome, label: _Label) -> None:
    unchanged = not outcome.removed and outcome.labels == label.stands
    if unchanged or answer.confirmations == 1:
        _settle(state, answer, outcome, label)
    else:
        state.status, state.pending = Status.PENDING, answer


def _second(
    state: Folded, answer: Answer, outcomes: tuple[Outcome, Outcome], label: _Label
) -> None:
    """A read of a pending change, by somebody else."""
    first, second = outcomes
    pending = state.pending
    assert pending is not None
    if answer.confirmations == 1:
        _settle(state, answer, second, label)
    elif first == second:
        _settle(state, pending, first, label)
        state.decided_seq = answer.seq
    elif not second.removed and second.labels == label.stands:
        _settle(state, answer, second, label)
        state.questions.append((Question.NOT_CONFIRMED, answer.seq))
    else:
        state.status, state.pending = Status.DISAGREEMENT, None
        state.questions.append((Question.DISAGREEMENT, answer.seq))


_RESETS = (EventKind.REOPEN, EventKind.ERASE, EventKind.BULK)


def fold(
    given: Iterable[int],
    answers: Iterable[Answer],
    marks: Iterable[Mark] = (),
    *,
    mapping: Mapping[int, int] | None = None,
) -> Folded:
    """Fold the answers of one example, in the order of the log, from its given labels.

    The rules are those of deciding: with one confirmation every answer is final; with two, a
    confirm is final and a change waits for a second, independent read. Late answers and answers
    after the end never change the label; those that differ are listed. A bulk fix changes the
    label that stands, and so what a later confirm confirms, of what nobody had answered then.
    """
    names = mapping or {}
    marked = list(marks)
    came = mapped(given, names)
    label = _Label(came, came)
    state = Folded(labels=came)
    counted = standing(answers, marked)
    counts = [a for a in counted if a.read_reason is not ReadReason.LATE]
    resets = [m for m in marked if m.kind in _RESETS]
    since, late = 0, list[tuple[int, Outcome]]()
    steps: list[Answer | Mark] = sorted([*counted, *resets], key=lambda step: step.seq)
    for item in steps:
        if isinstance(item, Mark):
            if item.kind is EventKind.ERASE:
                return Folded(status=Status.ERASED, labels=(), decided_seq=item.seq)
            if item.kind is EventKind.REOPEN:
                state = Folded(labels=label.stands)
                since, late = item.seq, []
            elif state.status is Status.UNREVIEWED:
                label = _Label(came, mapped(item.labels, names))
                state.labels = label.stands
            continue
        outcome = _outcome(item, label.stands, names)
        if item.adjudicates:
            state.questions = []
            _settle(state, item, outcome, label)
        elif item.read_reason is ReadReason.LATE or state.final:
            late.append((item.seq, outcome))
        elif state.status is Status.DISAGREEMENT:
            continue
        elif state.pending is None or state.pending.person == item.person:
            _first(state, item, outcome, label)
        else:
            said = _outcome(state.pending, label.stands, names)
            _second(state, item, (said, outcome), label)
    state.bulk = label.stands if label.stands != came else ()
    state.standing = [a for a in counts if a.seq > since]
    if state.final:
        reached = Outcome(state.status is Status.REMOVED, state.labels)
        ruled = _last_ruling(counted)
        state.questions += [
            (Question.DIFFERS, seq) for seq, told in late if told != reached and seq > ruled
        ]
    return state


def _last_ruling(answers: Iterable[Answer]) -> int:
    """A lead's ruling has seen what came before it."""
    return max((a.seq for a in answers if a.adjudicates), default=0)
