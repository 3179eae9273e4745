"""Pages of tiles: everything that is not marked is confirmed, what is marked goes to the desk."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from app.db.log import ProjectLock, lock_project
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, BatchMember, Decision, Lease, ReadDue
from app.db.words import BatchState, Due, Status, Verdict
from app.errors import Conflict, LeaseLost
from app.review.answering.answers import Submission
from app.review.answering.decisions import submit
from app.review.answering.undo import undo, undone_seqs
from app.review.batches.picking import MOST_ERRORS
from app.review.books.leases import HELD, end
from app.review.books.may import readable_batch
from app.review.books.progress import progress
from app.review.books.standing import end_dues, owe
from app.review.serving.cards import Card
from app.review.serving.desk import Desk, is_grid
from app.review.serving.hand_out import Claimed, claim, hand_out

if TYPE_CHECKING:
    from app.accounts.membership import Member

PAGE, AHEAD = 24, 48
CONFUSED_WITH = 2
TOO_MANY = "too_many_errors"
SHOWN = ("lease", "example", "key", "content")


@dataclass(frozen=True)
class GridPage:
    """One page as its reader left it: lease tokens by what becomes of them."""

    key: str
    batch_id: int
    confirmed: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    browser_seconds: float | None = None


@dataclass
class PageDone:
    """What became of a page."""

    confirmed: int = 0
    marked: int = 0
    late: int = 0
    lost: list[str] = field(default_factory=list)  # dealt with elsewhere before


def tile(card: Card) -> Card:
    """What a tile shows of an example: nothing else is sent."""
    return {name: card[name] for name in SHOWN}


def grid_of(session: Session, member: Member, batch_id: int) -> Batch:
    """The batch, if this person is asked to read it and its first reads are tiles."""
    batch = readable_batch(session, member, batch_id)
    if not is_grid(batch):
        raise Conflict(
            "This batch is not read on the grid.",
            next_step="Read it on the desk; the lead can make a grid batch.",
            code="no_grid",
        )
    return batch


def answer_page(
    session: Session,
    held: ProjectLock,
    member: Member,
    page: GridPage,
    *,
    now: datetime,
    rng: random.Random,
) -> PageDone:
    """Confirm a page but for its marked tiles; a repeat under the same key changes nothing."""
    done = PageDone()
    each = None
    if page.browser_seconds is not None and page.confirmed:
        each = page.browser_seconds / len(page.confirmed)
    for place, token in enumerate(page.confirmed):
        answer = Submission(
            key=f"{page.key}-{place:02d}",
            verdict=Verdict.CONFIRM,
            lease=token,
            browser_seconds=each,
        )
        try:
            recorded, _ = submit(session, held, member, answer, now=now, rng=rng)
        except LeaseLost:
            done.lost.append(token)
            continue
        done.late += recorded.outcome == "late"
        done.confirmed += recorded.outcome != "late"
    done.marked = _to_the_desk(session, held, member, page.marked, now=now)
    return done


def _to_the_desk(
    session: Session, held: ProjectLock, member: Member, tokens: Sequence[str], *, now: datetime
) -> int:
    """Marked tiles are first reads that are owed at a desk; returns how many are marked."""
    if not tokens:
        return 0
    mine = [Lease.token.in_(tokens), Lease.person_id == member.person_id]
    mine.append(Lease.project_id == member.project_id)
    rows = session.execute(select(*HELD, Lease.ended_at, Lease.ended_why).where(*mine)).all()
    live = [row for row in rows if row.ended_at is None]
    end(session, [row.id for row in live], why="marked", now=now)
    for row in live:
        end_dues(session, row.example_id, [Due.RETURNED], why="marked", now=now)
        owe(session, held, row.example_id, Due.RETURNED, now=now, batch_id=row.batch_id)
    return sum(row.ended_at is None or row.ended_why == "marked" for row in rows)


def take_back(
    session: Session,
    member: Member,
    *,
    key: str,
    page_key: str,
    batch_id: int,
    now: datetime,
    rng: random.Random,
) -> list[Card]:
    """Undo the answers of a page; its tiles come back to their reader, in their order."""
    grid_of(session, member, batch_id)
    lock_project(session, member.project_id)
    given = session.scalars(
        select(Decision)
        .where(
            Decision.project_id == member.project_id,
            Decision.person_id == member.person_id,
            Decision.batch_id == batch_id,
            Decision.idempotency_key.startswith(f"{page_key}-", autoescape=True),
        )
        .order_by(Decision.seq)
    ).all()
    if not given:
        raise Conflict("There is no such page to take back.", next_step="Nothing was changed.")
    cards = []
    for place, decision in enumerate(given):
        if decision.seq in undone_seqs(session, decision.example_id):
            continue
        back = undo(session, member, key=f"{key}-{place:02d}", seq=decision.seq, now=now, rng=rng)
        if back.card is not None:
            cards.append(tile(back.card))
    return cards


def confused_with(session: Session, project_id: int, label_id: int | None) -> list[int]:
    """The labels that examples with this given label most often turned out to have."""
    rows = session.execute(
        select(Example.final_label_id, func.count().label("times"))
        .where(
            Example.project_id == project_id,
            Example.given_label_id == label_id,
            Example.status == Status.RELABELED,
        )
        .group_by(Example.final_label_id)
        .order_by(func.count().desc(), Example.final_label_id)
        .limit(CONFUSED_WITH)
    )
    return [row[0] for row in rows if row[0] is not None]


def claim_page(
    session: Session,
    member: Member,
    batch_id: int,
    *,
    want: int,
    held: Collection[str] = (),
    now: datetime,
    rng: random.Random,
) -> Claimed:
    """Hand a reviewer up to `want` tiles of a grid batch; none while too many look mislabeled."""
    batch = grid_of(session, member, batch_id)
    if too_many_errors(session, batch):
        return Claimed(state=TOO_MANY)
    claimed = claim(session, member, batch_id, want=want, held=held, on_grid=True, now=now, rng=rng)
    claimed.cards = [tile(card) for card in claimed.cards]
    return claimed


def more_tiles(
    session: Session,
    lock: ProjectLock,
    member: Member,
    batch: Batch,
    *,
    want: int,
    held: Collection[str],
    now: datetime,
    rng: random.Random,
) -> Claimed:
    """Hand out what is missing after a page, under the lock that is held already."""
    if too_many_errors(session, batch):
        return Claimed(state=TOO_MANY)
    desk = Desk(session, lock, member, batch, now, rng, on_grid=True)
    claimed = hand_out(desk, want=want, held=held)
    claimed.cards = [tile(card) for card in claimed.cards]
    return claimed


def too_many_errors(session: Session, batch: Batch) -> bool:
    """Whether a later ranking expects more errors among the waiting than the lead allowed."""
    quality = session.scalar(
        select(func.avg(BatchMember.priority)).where(
            BatchMember.batch_id == batch.id, BatchMember.waiting, BatchMember.priority >= 0
        )
    )
    most = batch.rule.get("most_errors", MOST_ERRORS) / 100
    return is_grid(batch) and quality is not None and 1.0 - float(quality) > most


def tiles_left(session: Session, batch: Batch) -> bool:
    """Whether anything of a grid is still to be read on it."""
    waiting = exists().where(BatchMember.batch_id == batch.id, BatchMember.waiting)
    owed = exists().where(ReadDue.batch_id == batch.id, ReadDue.on_grid, ReadDue.done_at.is_(None))
    held = exists().where(Lease.batch_id == batch.id, Lease.on_grid, Lease.ended_at.is_(None))
    return batch.state is BatchState.OPEN and bool(session.scalar(select(or_(waiting, owed, held))))


def told(session: Session, batch: Batch, person_id: int) -> dict[str, Any]:
    """How far the batch is, how many tiles this reader marked, and how long the rest takes."""
    found = progress(session, batch, person_id)
    marked = session.scalar(
        select(func.count()).where(
            Lease.batch_id == batch.id, Lease.person_id == person_id, Lease.ended_why == "marked"
        )
    )
    pace = _own_pace(session, batch.id, person_id)
    left = None if pace is None else round(pace * (found.size - found.done))
    return {
        "done": found.done,
        "size": found.size,
        "marked": marked or 0,
        "seconds_left": left,
    }


def _own_pace(session: Session, batch_id: int, person_id: int) -> float | None:
    """Seconds an example takes this reader on this grid; none before two pages."""
    count, total = session.execute(
        select(func.count(), func.sum(Decision.seconds)).where(
            Decision.batch_id == batch_id, Decision.person_id == person_id
        )
    ).one()
    return float(total or 0.0) / count if count >= AHEAD else None


def last_page_key(session: Session, batch_id: int, person_id: int) -> str | None:
    """The key of the page this reader answered last, for a form without script."""
    last = session.scalar(
        select(Decision.idempotency_key)
        .where(Decision.batch_id == batch_id, Decision.person_id == person_id)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return last.rpartition("-")[0] or None if last else None
