"""An answer: what a reviewer sends, what is checked, and the one place that records it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import insert

from app.accounts.turn import Turn
from app.db.canonical import Loggable
from app.db.prepared import run
from app.db.tables.json_columns import FirstAnswer, Shown
from app.db.tables.review import Decision
from app.db.words import EventKind, Mode, ReadReason, Reason, Status, Stream, Verdict
from app.errors import Invalid, LabelRetired
from app.labels import label_set
from app.review.books.coins import UNTHROWN, Coins
from app.review.books.counted import NOT_COUNTED, CountedAt, counted_batch
from app.review.books.fold import Answer
from app.review.books.may import check_in_use
from app.review.books.notes import keep_note, note_hash
from app.review.books.pool import check_served

_ADD_DECISION = insert(Decision.__table__).values(  # type: ignore[arg-type]
    counted_batch_id=counted_batch()
)


@dataclass(frozen=True)
class Submission:
    """What a reviewer sends: an answer to a lease, to an example, or in place of an own answer."""

    key: str
    verdict: Verdict
    lease: str | None = None
    example_id: int | None = None
    supersedes: int | None = None
    label_id: int | None = None
    reason: Reason | None = None
    note: str | None = None
    position: int | None = None
    browser_seconds: float | None = None
    sent_as: str = ""  # the content's hash, where it is recorded in other words than it was sent

    @property
    def content_hash(self) -> str:
        """The same key must come with the same content; its note is compared by itself.

        It stays with the decision for ever, and what is erased could be guessed from a hash.
        """
        if self.sent_as:
            return self.sent_as
        body = [
            self.lease,
            self.example_id,
            self.supersedes,
            self.verdict.value,
            self.label_id,
            self.reason.value if self.reason else None,
        ]
        return hashlib.sha256(orjson.dumps(body)).hexdigest()


class HeldBack(NamedTuple):
    """What the model says of an example, where its card came without it; told after the answer."""

    quality: float | None
    difficulty: float | None


@dataclass(frozen=True)
class Recorded:
    """What became of a submission."""

    seq: int
    outcome: str  # stored, late or repeated
    example_id: int
    batch_id: int | None
    status: Status
    message: str | None = None
    minutes_ago: int | None = None  # when another answered, if the message speaks of that
    held_back: HeldBack | None = None
    copies: int = 0  # identical examples that were answered with it


@dataclass(frozen=True)
class Asked:
    """What was asked for: of which example, in which batch, why, and what was shown beside it."""

    example_id: int
    mode: Mode
    read_reason: ReadReason
    serve_seq: int | None = None
    stream: Stream | None = None
    batch_id: int | None = None
    lease_token: str | None = None
    shown: Shown | None = None
    first_answer: FirstAnswer | None = None  # what was said before the evidence was shown
    run_id: int | None = None
    guideline_revision: int | None = None  # None: what is in force
    adjudicates: bool = False
    with_seq: int | None = None  # the answer to an identical example that this one comes with


def asked_before(decision: Decision) -> Asked:
    """What an earlier answer was asked: whatever takes its place was asked the same."""
    return Asked(
        decision.example_id,
        decision.mode,
        decision.read_reason,
        decision.serve_seq,
        decision.stream,
        batch_id=decision.batch_id,
        shown=decision.shown,
        first_answer=decision.first_answer,
        run_id=decision.run_id,
        guideline_revision=decision.guideline_revision,
        adjudicates=decision.adjudicates,
        with_seq=decision.with_seq,
    )


class NamedLabel(NamedTuple):
    """The label of an answer, as far as checking needs it."""

    id: int
    name: str
    retired_at: datetime | None


def check(answer: Submission, *, given: int | None, label: NamedLabel | None) -> None:
    """The answer makes sense for this example."""
    if answer.verdict is Verdict.CONFIRM and given is None:
        raise Invalid(
            "There is no label to confirm: this example came without one.",
            next_step="Choose a label, or remove the example.",
        )
    if answer.verdict is Verdict.RELABEL:
        if answer.label_id is None or label is None:
            raise Invalid("Relabel needs a label of this project.", next_step="Choose a label.")
        if label.retired_at is not None:
            raise LabelRetired(
                f"The label {label.name!r} was retired while you worked.",
                next_step="Choose another label; your answer is still on the page.",
            )
    elif answer.label_id is not None:
        raise Invalid("Only relabel carries a label.", next_step="Leave the label out.")
    if answer.verdict is Verdict.REMOVE and answer.reason is None:
        raise Invalid("Removing needs a reason.", next_step="Choose one of the six reasons.")
    if answer.verdict is not Verdict.REMOVE and answer.reason is not None:
        raise Invalid("Only remove carries a reason.", next_step="Leave the reason out.")
    if answer.reason is Reason.OTHER and not (answer.note or "").strip():
        raise Invalid("Other reason needs a note.", next_step="Write one sentence.")


def about_to_say(turn: Turn, answer: Submission, asked: Asked) -> Answer:
    """The answer as the fold takes it, with the number that its event will have."""
    return Answer(
        seq=turn.lock.log_seq + 1,
        person=str(turn.member.person_id),
        verdict=answer.verdict,
        labels=label_set(answer.label_id),
        reason=answer.reason,
        read_reason=asked.read_reason,
        confirmations=turn.lock.confirmations,
        supersedes=answer.supersedes,
        adjudicates=asked.adjudicates,
    )


def record(
    turn: Turn, answer: Submission, asked: Asked, coins: Coins = UNTHROWN, *, seconds: float = 0.0
) -> None:
    """Write the event and its fast copy: the one place through which an answer goes."""
    lock, member = turn.lock, turn.member
    check_in_use(lock)
    check_served(lock, asked.example_id, asked.serve_seq)
    note = keep_note(turn, asked.example_id, answer.note)
    event = _event(turn, answer, asked, note=note_hash(note), seconds=seconds)
    entry = lock.append(
        EventKind.ADJUDICATE if asked.adjudicates else EventKind.DECISION,
        {**event, "coins": {"second": coins.second, "recheck": coins.recheck}},
        actor=member.pseudonym,
        now=turn.now,
        example_id=asked.example_id,
    )
    copy = _copy(turn, answer, asked, entry.seq)
    copy |= {"note_id": note.id if note is not None else None, "seconds": seconds}
    copy |= {"coin_second": coins.second, "coin_recheck": coins.recheck}
    if asked.with_seq is None:
        place = CountedAt(turn.project_id, asked.example_id, asked.batch_id, asked.serve_seq)
        copy |= place.values(asked.read_reason)
    else:
        copy |= NOT_COUNTED
    run(turn.session, _ADD_DECISION, copy)


def _event(
    turn: Turn, answer: Submission, asked: Asked, *, note: str | None, seconds: float
) -> dict[str, Loggable]:
    """The answer as the log holds it: ids and words of the closed sets, never a text."""
    first, shown = asked.first_answer, asked.shown
    tied: dict[str, Loggable] = {} if asked.with_seq is None else {"with": asked.with_seq}
    return {
        **tied,
        "example": asked.example_id,
        "verdict": answer.verdict.value,
        "labels": list(label_set(answer.label_id)),
        "reason": answer.reason.value if answer.reason else None,
        "note": note,
        "first_answer": _first(first) if first is not None else None,
        "mode": asked.mode.value,
        "read": asked.read_reason.value,
        "batch": asked.batch_id,
        "serve": asked.serve_seq,
        "stream": asked.stream.value if asked.stream else None,
        "shown": dict[str, Loggable](**shown) if shown is not None else None,
        "position": answer.position,
        "ms": int(seconds * 1000),
        "guideline": _guideline(turn, asked),
        "run": asked.run_id,
        "supersedes": answer.supersedes,
        "key": answer.key,
    }


def _first(first: FirstAnswer) -> dict[str, Loggable]:
    return {
        "verdict": first["verdict"],
        "labels": list(label_set(first["label"])),
        "reason": first["reason"],
    }


def _guideline(turn: Turn, asked: Asked) -> int:
    """The revision that was in force when the example was sent."""
    sent = asked.guideline_revision
    return turn.lock.guideline_revision if sent is None else sent


def _copy(turn: Turn, answer: Submission, asked: Asked, seq: int) -> dict[str, object]:
    """The answer as a row of its own, for whoever counts."""
    return {
        "project_id": turn.project_id,
        "seq": seq,
        "idempotency_key": answer.key,
        "content_hash": answer.content_hash,
        "example_id": asked.example_id,
        "person_id": turn.member.person_id,
        "adjudicates": asked.adjudicates,
        "verdict": answer.verdict,
        "label_id": answer.label_id,
        "reason": answer.reason,
        "first_answer": asked.first_answer,
        "mode": asked.mode,
        "read_reason": asked.read_reason,
        "confirmations": turn.lock.confirmations,
        "batch_id": asked.batch_id,
        "lease_token": asked.lease_token,
        "serve_seq": asked.serve_seq,
        "stream": asked.stream,
        "shown": asked.shown,
        "position": answer.position,
        "browser_seconds": answer.browser_seconds,
        "guideline_revision": _guideline(turn, asked),
        "run_id": asked.run_id,
        "supersedes": answer.supersedes,
        "with_seq": asked.with_seq,
        "at": turn.now,
    }
