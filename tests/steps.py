"""What people do in a project, each step a turn of its own, for tests below the edges."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.audit import epochs
from app.db.log import lock_project
from app.db.tables.review import Batch, Decision
from app.db.words import BatchState
from app.review.answering import decisions, disagreements, grid, put_aside, retired_labels
from app.review.answering import undo as undoing
from app.review.answering.answers import Recorded, Submission
from app.review.batches import batch as batches
from app.review.batches.plan import BatchPlan
from app.review.books.fold import Answer
from app.review.books.leases import give_back_own
from app.review.books.may import readable_batch
from app.review.books.standing import ANSWER, answer_of
from app.review.books.stuck import list_stuck as list_stuck_of
from app.review.serving.desk import Desk
from app.review.serving.hand_out import HandedOut, hand_out
from tests.acting import turn_of


def claim(
    session: Session,
    member: Member,
    batch_id: int,
    *,
    want: int,
    held: Collection[str] = (),
    now: datetime,
    rng: random.Random,
) -> HandedOut:
    with turn_of(session, member, now=now, rng=rng) as turn:
        batch = readable_batch(session, member, batch_id)
        return hand_out(Desk(turn, batch), want=want, in_hand=held)


def claim_page(
    session: Session,
    member: Member,
    batch_id: int,
    *,
    want: int,
    held: Collection[str] = (),
    now: datetime,
    rng: random.Random,
) -> HandedOut:
    with turn_of(session, member, now=now, rng=rng) as turn:
        batch = grid.grid_of(session, member, batch_id)
        return grid.hand_out_tiles(turn, batch, want=want, in_hand=held)


def claim_expert(
    session: Session, member: Member, *, want: int, now: datetime, rng: random.Random
) -> HandedOut:
    with turn_of(session, member, now=now, rng=rng) as turn:
        return hand_out(Desk(turn, None), want=want)


def submit(
    session: Session, member: Member, answer: Submission, *, now: datetime, rng: random.Random
) -> Recorded:
    with turn_of(session, member, now=now, rng=rng) as turn:
        return decisions.submit(turn, answer).recorded


def answer_page(
    session: Session, member: Member, page: grid.GridPage, *, now: datetime, rng: random.Random
) -> grid.PageDone:
    with turn_of(session, member, now=now, rng=rng) as turn:
        return grid.answer_page(turn, page)


def take_back(
    session: Session, member: Member, *, now: datetime, rng: random.Random, **which: Any
) -> list[Any]:
    with turn_of(session, member, now=now, rng=rng) as turn:
        return grid.take_back(turn, **which)


def create_batch(
    session: Session, member: Member, plan: BatchPlan, *, target_bp: int = 500, now: datetime
) -> Batch:
    with turn_of(session, member, now=now) as turn:
        return batches.create_batch(turn, plan, target_bp=target_bp)


def set_state(session: Session, batch: Batch, state: BatchState, *, now: datetime) -> int:
    lock = lock_project(session, batch.project_id)
    back = batches.set_state(lock, batch, state, now=now)
    lock.save()
    return back


def skip(session: Session, member: Member, token: str, *, now: datetime) -> Any:
    with turn_of(session, member, now=now) as turn:
        return put_aside.skip(turn, token, key=token)


def refer(session: Session, member: Member, token: str, *, note: str, now: datetime) -> Any:
    with turn_of(session, member, now=now) as turn:
        return put_aside.refer(turn, token, key=token, note=note)


def give_back(session: Session, member: Member, tokens: Iterable[str], *, now: datetime) -> int:
    with turn_of(session, member, now=now) as turn:
        return give_back_own(turn, list(tokens))


def undo(
    session: Session,
    member: Member,
    *,
    now: datetime,
    rng: random.Random | None = None,
    **which: Any,
) -> undoing.Undone:
    with turn_of(session, member, now=now, rng=rng) as turn:
        return undoing.undo(turn, **which)


def redo(session: Session, member: Member, *, now: datetime, **which: Any) -> undoing.Undone:
    with turn_of(session, member, now=now) as turn:
        return undoing.redo(turn, **which)


def settle(session: Session, member: Member, answer: Submission, *, now: datetime) -> Recorded:
    with turn_of(session, member, now=now) as turn:
        return disagreements.settle(turn, answer)


def leave(session: Session, member: Member, case_id: int, *, now: datetime) -> None:
    with turn_of(session, member, now=now) as turn:
        disagreements.leave(turn, case_id)


def reopen(session: Session, member: Member, example_id: int, *, key: str, now: datetime) -> int:
    with turn_of(session, member, now=now) as turn:
        return disagreements.reopen(turn, example_id, key=key)


def ask_third(session: Session, member: Member, case_id: int, *, now: datetime) -> None:
    with turn_of(session, member, now=now) as turn:
        disagreements.ask_third(turn, case_id)


def list_stuck(session: Session, project_id: int, *, now: datetime) -> int:
    lock = lock_project(session, project_id)
    stuck = list_stuck_of(lock, now=now)
    lock.save()
    return stuck


def retire(
    session: Session, member: Member, label_id: int, *, replaced_by: int, now: datetime
) -> None:
    with turn_of(session, member, now=now) as turn:
        retired_labels.retire(turn, label_id, replaced_by=replaced_by)


def open_epoch(
    session: Session, project_id: int, *, reason: str, now: datetime, rng: random.Random
) -> int:
    lock = lock_project(session, project_id)
    epoch_id = epochs.open_epoch(lock, reason=reason, now=now, rng=rng)
    lock.save()
    return epoch_id


def answers_of(session: Session, example_id: int) -> list[Answer]:
    """Every answer to an example, as the fold takes them."""
    given: Any = select(*ANSWER).where(Decision.example_id == example_id).order_by(Decision.seq)
    return [answer_of(row) for row in session.execute(given)]
