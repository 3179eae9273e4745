"""One answer for all identical examples: what follows for the copies of the one that was read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import aliased

from app.accounts.turn import Turn
from app.audit.stands import is_undone, stands
from app.datasets.current_labels import current_label, standing_label
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Lease, Reversal
from app.db.words import EventKind, Reason, Status, Stream, Verdict
from app.labels import label_set
from app.review.answering.answers import (
    Asked,
    Submission,
    about_to_say,
    asked_before,
    record,
)
from app.review.answering.reversals import note_reversal
from app.review.books.copies import MOST_COPIES, copies_of
from app.review.books.fold import fold
from app.review.books.standing import (
    bring_in_line,
    owe_confirmation,
    refold,
    stored,
    tell_of_private_data,
    write_status,
)
from app.review.serving.draws import Picked, write_serves


def key_of_copy(key: str, example_id: int) -> str:
    """The key of what is done to a copy: its own, and the same for every retry."""
    return hashlib.sha256(f"{key}:{example_id}".encode()).hexdigest()


def goes_to_copies(answer: Submission) -> bool:
    """*Duplicate* says of one example that others stand for it; all else is true of every copy."""
    return answer.reason is not Reason.DUPLICATE


def answer_copies(
    turn: Turn, answer: Submission, asked: Asked, *, seq: int, given: int | None
) -> int:
    """Give the copies of an example the answer that it just got; to how many it went.

    `seq` is the number of that answer, `given` is the label that stands for the example's own now.
    """
    if not goes_to_copies(answer):
        return 0
    rows = copies_of(turn.session, turn.member, asked.example_id, asked.read_reason)[:MOST_COPIES]
    unserved: list[tuple[Row[Any], Stream]] = [
        (row, Stream.COPY) for row in rows if row.serve_seq is None
    ]
    seqs = write_serves(turn.lock, None, Picked(rows=unserved), now=turn.now)
    label = given if answer.verdict is Verdict.CONFIRM else answer.label_id
    for row in rows:
        served = seqs.get(row.example_id, row.serve_seq)
        own = _asked_of_copy(asked, row.example_id, seq)
        stream = Stream.COPY if row.serve_seq is None and served is not None else row.stream
        own = replace(own, serve_seq=served, stream=stream)
        _say(turn, _same_answer(answer, label, row), own, row)
    return len(rows)


def _asked_of_copy(asked: Asked, example_id: int, seq: int) -> Asked:
    """As the first was asked, but nothing was shown beside it and nobody held it."""
    return replace(
        asked,
        example_id=example_id,
        lease_token=None,
        shown=None,
        first_answer=None,
        serve_seq=None,
        stream=None,
        with_seq=seq,
    )


def _same_answer(answer: Submission, label: int | None, row: Row[Any]) -> Submission:
    """The label that was chosen, in the words of a copy: it confirms where that stands already."""
    own = Submission(key_of_copy(answer.key, row.example_id), answer.verdict, reason=answer.reason)
    if answer.verdict is Verdict.REMOVE:
        return own
    if row.given_now == label:
        return replace(own, verdict=Verdict.CONFIRM)
    return replace(own, verdict=Verdict.RELABEL, label_id=label)


def _say(turn: Turn, answer: Submission, asked: Asked, row: Row[Any]) -> None:
    """Record it and what follows; of a copy about which nothing was said yet, in few statements."""
    said = about_to_say(turn, answer, asked)
    if row.answered or row.given_now != row.given:
        state = stored(turn.session, turn.project_id, asked.example_id).folded(said)
        record(turn, answer, asked)
        bring_in_line(turn.lock, asked.example_id, state, now=turn.now)
        return
    state = fold(label_set(row.given), [said], mapping={})
    record(turn, answer, asked)
    write_status(turn.session, asked.example_id, state)
    if state.pending is not None:
        owe_confirmation(
            turn.lock, asked.example_id, state.pending, now=turn.now, others=row.others
        )
    tell_of_private_data(turn.lock, asked.example_id, state, now=turn.now)


def change_copies(
    turn: Turn, answer: Submission, earlier: int, *, seq: int, given: int | None
) -> None:
    """Put a new answer in the place of those that came with an earlier one of this person.

    Where it is only a duplicate of them after all, they keep what was said of them.
    """
    if not goes_to_copies(answer):
        return
    label = given if answer.verdict is Verdict.CONFIRM else answer.label_id
    for row in _came_with(turn, earlier, stands()):
        decision = row.Decision
        asked = replace(asked_before(decision), with_seq=seq)
        own = replace(_same_answer(answer, label, row), supersedes=decision.seq)
        said = about_to_say(turn, own, asked)
        state = stored(turn.session, turn.project_id, decision.example_id).folded(said)
        record(turn, own, asked)
        bring_in_line(turn.lock, decision.example_id, state, now=turn.now)


def undo_copies(turn: Turn, seq: int, *, key: str) -> int:
    """Take back what came with an answer, as that is taken back under this key; how many."""
    rows = _came_with(turn, seq, stands())
    for row in rows:
        example_id, own = row.example_id, key_of_copy(key, row.example_id)
        note_reversal(turn, EventKind.UNDO, example_id, row.Decision.seq, key=own)
        refold(turn.lock, example_id, now=turn.now)
    return len(rows)


def redo_copies(turn: Turn, seq: int, *, undone_under: str, key: str) -> int:
    """Let what was taken back with an answer stand again, where nobody took it since; how many."""
    live = exists().where(Lease.example_id == Decision.example_id, Lease.ended_at.is_(None))
    open_still = Example.status.in_((Status.UNREVIEWED, Status.PENDING))
    later = aliased(Decision)
    newer = exists().where(later.example_id == Decision.example_id, later.seq > Decision.seq)
    rows = [
        row
        for row in _came_with(turn, seq, is_undone(Decision), ~live, open_still, ~newer)
        if row.last_key == key_of_copy(undone_under, row.example_id)
    ]
    for row in rows:
        own = key_of_copy(key, row.example_id)
        note_reversal(turn, EventKind.REDO, row.example_id, row.Decision.seq, key=own)
        refold(turn.lock, row.example_id, now=turn.now)
    return len(rows)


def _came_with(turn: Turn, seq: int, *which: Any) -> Sequence[Row[Any]]:
    """Own answers that came with this one, with their example's label."""
    last_key = (
        select(Reversal.idempotency_key)
        .where(Reversal.example_id == Decision.example_id, Reversal.decision_seq == Decision.seq)
        .order_by(Reversal.seq.desc())
        .limit(1)
        .correlate(Decision)
        .scalar_subquery()
    )
    query: Any = (
        select(
            Decision,
            Decision.example_id,
            current_label(standing_label()).label("given_now"),
            last_key.label("last_key"),
        )
        .join(Example, Example.id == Decision.example_id)
        .where(
            Decision.project_id == turn.project_id,
            Decision.with_seq == seq,
            Decision.person_id == turn.member.person_id,
            *which,
        )
        .order_by(Decision.seq)
    )
    rows: Sequence[Row[Any]] = turn.session.execute(query).all()
    return rows
