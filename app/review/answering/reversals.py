"""Events that take something back, let it stand again, or open an example anew."""

from __future__ import annotations

from sqlalchemy import insert, select

from app.accounts.turn import Turn
from app.db.canonical import Loggable
from app.db.log import Entry
from app.db.tables.review import Reversal
from app.db.words import EventKind
from app.errors import KeyReused
from app.review.books.may import check_in_use


def same_key(
    turn: Turn, key: str, *kinds: EventKind, example_id: int | None, decision_seq: int | None
) -> Reversal | None:
    """What this person did before under the same key: a retry changes nothing.

    The same key for something else is refused; what a request does not name is not compared.
    """
    before = turn.session.scalars(
        select(Reversal).where(
            Reversal.project_id == turn.project_id,
            Reversal.person_id == turn.member.person_id,
            Reversal.idempotency_key == key,
        )
    ).one_or_none()
    if before is not None and (
        before.kind not in kinds
        or example_id not in (None, before.example_id)
        or decision_seq not in (None, before.decision_seq)
    ):
        raise KeyReused(
            "This key was used for something else before.",
            next_step="Send each undo, redo and reopening with a key of its own.",
        )
    return before


def last_key_of(turn: Turn, decision_seq: int) -> str:
    """The key under which an answer was taken back, or let stand again, last."""
    key = turn.session.scalar(
        select(Reversal.idempotency_key)
        .where(Reversal.project_id == turn.project_id, Reversal.decision_seq == decision_seq)
        .order_by(Reversal.seq.desc())
        .limit(1)
    )
    return key or ""


def note_reversal(
    turn: Turn, kind: EventKind, example_id: int, decision_seq: int | None, *, key: str
) -> Entry:
    """Write the event and its fast copy; `decision_seq` names the answer, if it is about one.

    Of what was put aside and is taken up again, it names the skip or the referral.
    """
    check_in_use(turn.lock)
    about: dict[str, Loggable] = {"example": example_id, "key": key}
    if decision_seq is not None:
        about["aside" if kind is EventKind.RESUME else "decision"] = decision_seq
    actor = turn.member.pseudonym
    entry = turn.lock.append(kind, about, actor=actor, now=turn.now, example_id=example_id)
    turn.session.execute(
        insert(Reversal).values(
            project_id=turn.project_id,
            seq=entry.seq,
            kind=kind,
            example_id=example_id,
            decision_seq=decision_seq,
            person_id=turn.member.person_id,
            idempotency_key=key,
            at=turn.now,
        )
    )
    return entry
