"""Events that take something back, let it stand again, or open an example anew."""

from __future__ import annotations

from sqlalchemy import insert, select

from app.accounts.turn import Turn
from app.db.canonical import Loggable
from app.db.log import Entry
from app.db.tables.review import Reversal
from app.db.words import EventKind


def same_key(turn: Turn, key: str) -> Reversal | None:
    """What this person did before under the same key: a retry changes nothing."""
    return turn.session.scalars(
        select(Reversal).where(
            Reversal.project_id == turn.project_id,
            Reversal.person_id == turn.member.person_id,
            Reversal.idempotency_key == key,
        )
    ).one_or_none()


def note_reversal(
    turn: Turn, kind: EventKind, example_id: int, decision_seq: int | None, *, key: str
) -> Entry:
    """Write the event and its fast copy; `decision_seq` names the answer, if it is about one."""
    about: dict[str, Loggable] = {"example": example_id, "key": key}
    if decision_seq is not None:
        about["decision"] = decision_seq
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
