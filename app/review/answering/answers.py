"""An answer: what a reviewer sends, what is checked, and the one place that records it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Note
from app.db.words import EventKind, Mode, ReadReason, Reason, Status, Stream, Verdict
from app.errors import Invalid, KeyReused, LabelRetired
from app.review.books.fold import Answer
from app.review.books.leases import keep_note, note_hash

if TYPE_CHECKING:
    from app.accounts.membership import Member


_ADD_DECISION = insert(Decision.__table__)  # type: ignore[arg-type]


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
    first_answer: dict[str, Any] | None = None
    position: int | None = None
    browser_seconds: float | None = None

    @property
    def content_hash(self) -> str:
        """The same key must come with the same content."""
        body = [
            self.lease,
            self.example_id,
            self.supersedes,
            self.verdict.value,
            self.label_id,
            self.reason.value if self.reason else None,
            self.note or "",
        ]
        return hashlib.sha256(orjson.dumps(body)).hexdigest()


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


@dataclass(frozen=True)
class Place:
    """Where an answer belongs: its example, its lease if it came from one, its batch."""

    example_id: int
    batch: Any | None
    lease: Any | None
    mode: Mode
    read_reason: ReadReason
    serve_seq: int | None
    stream: Stream | None
    lease_token: str | None = None
    shown: tuple[int, ...] = ()
    run_id: int | None = None


def check(member: Member, answer: Submission, *, given: int | None, label: Any) -> None:
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


def same_content(answer: Submission, content_hash: str) -> None:
    if content_hash != answer.content_hash:
        raise KeyReused(
            "This key was used for another answer before.",
            next_step="Send each answer with a key of its own.",
        )


def repeated(session: Session, member: Member, answer: Submission) -> Recorded | None:
    """The first result of the same key; the same key with other content is refused."""
    row = session.execute(
        select(
            Decision.seq,
            Decision.content_hash,
            Decision.example_id,
            Decision.batch_id,
            Example.status,
        )
        .join(Example, Example.id == Decision.example_id)
        .where(
            Decision.project_id == member.project_id,
            Decision.person_id == member.person_id,
            Decision.idempotency_key == answer.key,
        )
    ).one_or_none()
    if row is None:
        return None
    same_content(answer, row.content_hash)
    return Recorded(row.seq, "repeated", row.example_id, row.batch_id, row.status)


def record(
    session: Session,
    held: ProjectLock,
    member: Member,
    answer: Submission,
    place: Place,
    *,
    now: datetime,
    seconds: float = 0.0,
    adjudicates: bool = False,
) -> Answer:
    """Write the event and its fast copy."""
    note: Note | None = keep_note(session, member, place.example_id, answer.note, now=now)
    batch_id = place.batch.batch_id if place.batch is not None else None
    entry = held.append(
        EventKind.ADJUDICATE if adjudicates else EventKind.DECISION,
        {
            "example": place.example_id,
            "verdict": answer.verdict.value,
            "labels": [answer.label_id] if answer.label_id is not None else [],
            "reason": answer.reason.value if answer.reason else None,
            "note": note_hash(note),
            "first_answer": _logged(answer.first_answer),
            "mode": place.mode.value,
            "read": place.read_reason.value,
            "batch": batch_id,
            "serve": place.serve_seq,
            "stream": place.stream.value if place.stream else None,
            "shown": list(place.shown),
            "position": answer.position,
            "ms": int(seconds * 1000),
            "guideline": held.guideline_revision,
            "run": place.run_id,
            "supersedes": answer.supersedes,
            "key": answer.key,
        },
        actor=member.pseudonym,
        now=now,
        example_id=place.example_id,
    )
    values: dict[str, Any] = {
        "project_id": held.project_id,
        "seq": entry.seq,
        "idempotency_key": answer.key,
        "content_hash": answer.content_hash,
        "example_id": place.example_id,
        "person_id": member.person_id,
        "adjudicates": adjudicates,
        "verdict": answer.verdict,
        "label_id": answer.label_id,
        "reason": answer.reason,
        "note_id": note.id if note is not None else None,
        "first_answer": answer.first_answer,
        "mode": place.mode,
        "read_reason": place.read_reason,
        "confirmations": held.confirmations,
        "batch_id": batch_id,
        "lease_token": place.lease_token,
        "serve_seq": place.serve_seq,
        "stream": place.stream,
        "shown": list(place.shown),
        "position": answer.position,
        "seconds": seconds,
        "browser_seconds": answer.browser_seconds,
        "guideline_revision": held.guideline_revision,
        "run_id": place.run_id,
        "supersedes": answer.supersedes,
        "at": now,
    }
    run(session, _ADD_DECISION, values)
    return Answer(
        seq=entry.seq,
        person=str(member.person_id),
        verdict=answer.verdict,
        labels=(answer.label_id,) if answer.label_id is not None else (),
        reason=answer.reason,
        read_reason=place.read_reason,
        confirmations=held.confirmations,
        supersedes=answer.supersedes,
        adjudicates=adjudicates,
    )


def _logged(first_answer: dict[str, Any] | None) -> dict[str, Any] | None:
    """Only the verdict, label and reason of a first answer go into the log."""
    if not first_answer:
        return None
    return {name: first_answer.get(name) for name in ("verdict", "label", "reason")}
