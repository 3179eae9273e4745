"""Questions to the leads about an example: asked once, closed by whoever settles them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.turn import Turn
from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.review import Disagreement
from app.db.words import Question
from app.review.books.fold import Folded

FOLDED_QUESTIONS = (Question.DISAGREEMENT, Question.NOT_CONFIRMED, Question.DIFFERS)
"""Those that follow from the answers; all others follow from who there is to read."""

READER_QUESTIONS = (Question.STUCK, Question.SKIPPED, Question.EXPERT)
"""Nobody was there to read it: settled once somebody has."""

QUESTION_TEXT = {
    Question.DISAGREEMENT: "Two readers chose different changes",
    Question.NOT_CONFIRMED: "A change was not confirmed: it stays as given",
    Question.DIFFERS: "A later read differs from the final label",
    Question.STUCK: "Nobody else can give the second read",
    Question.SKIPPED: "Two people skipped it",
    Question.EXPERT: "Sent to an expert, and there is none",
    Question.PRIVATE: "Private data",
}


def ask_leads(
    lock: ProjectLock, example_id: int, kind: Question, *, now: datetime, seq: int | None = None
) -> None:
    """List the example for the leads, once."""
    same = [
        Disagreement.example_id == example_id,
        Disagreement.kind == kind,
        Disagreement.settled_at.is_(None),
    ]
    if seq is not None:
        same.append(Disagreement.seq == seq)
    there = lock.session.scalars(select(Disagreement.id).where(*same).limit(1)).first()
    if there is None:
        _list(lock, example_id, [(kind, seq)], now=now)


_LIST = insert(Disagreement.__table__)  # type: ignore[arg-type]


def _list(
    lock: ProjectLock,
    example_id: int,
    questions: Iterable[tuple[Question, int | None]],
    *,
    now: datetime,
) -> None:
    about = {"project_id": lock.project_id, "example_id": example_id, "created_at": now}
    rows = [{**about, "kind": kind, "seq": seq} for kind, seq in questions]
    if rows:
        run(lock.session, _LIST, rows)


def settle_about(turn: Turn, example_id: int, *, seq: int) -> None:
    """Close everything open about an example; `seq` names the ruling or reopening that did so.

    Before the example is folded again: what the fold asks anew is then open.
    """
    by = turn.member.person_id
    _settle(turn.session, Disagreement.example_id == example_id, now=turn.now, by=by, seq=seq)


def open_again(turn: Turn, example_id: int, *, seq: int) -> None:
    """A ruling is taken back: what it settled is open again, unless the fold closes it."""
    by_it = Disagreement.example_id == example_id, Disagreement.settled_seq == seq
    turn.session.execute(
        update(Disagreement)
        .where(*by_it, Disagreement.kind.not_in(FOLDED_QUESTIONS))
        .values(settled_at=None, settled_by=None, settled_seq=None)
        .execution_options(synchronize_session=False)
    )


def settle_erased(lock: ProjectLock, example_id: int, *, seq: int, now: datetime) -> None:
    """Nobody is asked about an erased example any more."""
    _settle(lock.session, Disagreement.example_id == example_id, now=now, seq=seq)


def no_longer_asked(turn: Turn, example_id: int, *, since: datetime, seq: int) -> None:
    """Who had put it aside reads it after all: what the leads were asked about that is closed."""
    wanted = Disagreement.kind.in_(READER_QUESTIONS), Disagreement.created_at >= since
    by = turn.member.person_id
    _settle(
        turn.session, Disagreement.example_id == example_id, *wanted, now=turn.now, by=by, seq=seq
    )


def settle_case(turn: Turn, case_id: int) -> None:
    """A lead leaves it as it is."""
    by = turn.member.person_id
    _settle(turn.session, Disagreement.id == case_id, now=turn.now, by=by)


def no_reader_wanted(lock: ProjectLock, example_id: int, *, now: datetime) -> None:
    """The example is final: nobody looks for a reader any more."""
    wanted = Disagreement.kind.in_(READER_QUESTIONS)
    _settle(lock.session, Disagreement.example_id == example_id, wanted, now=now)


def _settle(
    session: Session,
    *which: ColumnElement[bool],
    now: datetime,
    by: int | None = None,
    seq: int | None = None,
) -> None:
    session.execute(
        update(Disagreement)
        .where(*which, Disagreement.settled_at.is_(None))
        .values(settled_at=now, settled_by=by, settled_seq=seq)
        .execution_options(synchronize_session=False)
    )


def match_questions(lock: ProjectLock, example_id: int, state: Folded, *, now: datetime) -> None:
    """List what the fold asks, close what it asks no more, open again what it asks again."""
    about = [Disagreement.example_id == example_id, Disagreement.kind.in_(FOLDED_QUESTIONS)]
    listed = {
        (row.kind, row.seq): row for row in lock.session.scalars(select(Disagreement).where(*about))
    }
    wanted = set(state.questions)
    _list(lock, example_id, sorted(wanted - set(listed)), now=now)
    for place, row in listed.items():
        if row.settled_at is None and place not in wanted:
            row.settled_at = now
        elif row.settled_at is not None and place in wanted and not _left(row):
            row.settled_at = row.settled_by = row.settled_seq = None
    lock.session.flush()


def _left(row: Disagreement) -> bool:
    """A lead left it as it is. What a ruling settled names the ruling, and ends with it."""
    return row.settled_by is not None and row.settled_seq is None
