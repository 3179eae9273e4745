"""Pages of tiles: everything that is not marked is confirmed, what is marked goes to the desk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Row, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.accounts.turn import Turn
from app.audit.stands import is_look, is_undone
from app.datasets.current_labels import current_label, is_label
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, BatchMember, Decision, Lease, ReadDue
from app.db.words import BatchState, Due, Status, Verdict, WhyDone, WhyEnded
from app.errors import Conflict, ExampleErased, KeyReused, LeaseLost
from app.review.answering.answers import Submission
from app.review.answering.decisions import submit
from app.review.answering.undo import undo
from app.review.batches.batch import is_grid
from app.review.batches.plan import MOST_ERRORS
from app.review.books.dues import end_dues, owe
from app.review.books.leases import IN_HAND, end
from app.review.books.may import readable_batch
from app.review.books.progress import progress
from app.review.serving.cards import Card
from app.review.serving.desk import Desk
from app.review.serving.hand_out import HandedOut, hand_out

PAGE, AHEAD = 24, 48
CONFUSED_WITH = 2
TOO_MANY = "too_many_errors"


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
    copies: int = 0  # identical examples that were answered with the confirmed ones
    lost: list[str] = field(default_factory=list)  # dealt with elsewhere before


class GridNumbers(TypedDict):
    """How far a grid is, how many tiles this reader marked, and how long the rest takes."""

    done: int
    size: int
    marked: int
    seconds_left: int | None


def tile(card: Card) -> Card:
    """What a tile shows of an example: nothing else is sent."""
    shown: Card = {
        "lease": card["lease"],
        "example": card["example"],
        "key": card["key"],
        "content": card["content"],
    }
    if "together" in card:
        shown["together"] = card["together"]
    return shown


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


def answer_page(turn: Turn, page: GridPage) -> PageDone:
    """Confirm a page but for its marked tiles; a repeat under the same key changes nothing."""
    _same_page(turn, page)
    done = PageDone()
    each = None
    if page.browser_seconds is not None and page.confirmed:
        each = page.browser_seconds / len(page.confirmed)
    for place, token in enumerate(page.confirmed):
        key = _key_of_tile(page.key, place)
        answer = Submission(key, Verdict.CONFIRM, lease=token, browser_seconds=each)
        try:
            recorded = submit(turn, answer).recorded
        except LeaseLost:
            done.lost.append(token)
            continue
        done.late += recorded.outcome == "late"
        done.confirmed += recorded.outcome != "late"
        done.copies += recorded.copies
    done.marked = _to_the_desk(turn, page)
    return done


def _same_page(turn: Turn, page: GridPage) -> None:
    """What was done under this key before was done to tiles of this page, in the same way."""
    me, project_id = turn.member.person_id, turn.project_id
    confirmed = select(Decision.lease_token.label("token"), literal(value=True).label("confirmed"))
    confirmed = confirmed.where(
        Decision.project_id == project_id,
        Decision.person_id == me,
        _of_page(page.key),
    )
    marked = select(Lease.token, literal(value=False)).where(
        Lease.project_id == project_id, Lease.person_id == me, Lease.ended_key == page.key
    )
    done: Iterable[Row[Any]] = turn.session.execute(union_all(confirmed, marked))
    for one in done:
        if one.token not in (page.confirmed if one.confirmed else page.marked):
            raise KeyReused(
                "This key was used for another page before.",
                next_step="Send each page with a key of its own.",
            )


def _of_page(page_key: str) -> ColumnElement[bool]:
    """Answers that were given as tiles of the page with this key."""
    keys = [_key_of_tile(page_key, place) for place in range(AHEAD)]
    return Decision.idempotency_key.in_(keys)


def _key_of_tile(page_key: str, place: int) -> str:
    return f"{page_key}-{place:02d}"


def _to_the_desk(turn: Turn, page: GridPage) -> int:
    """Marked tiles are first reads that are owed at a desk; returns how many are marked."""
    if not page.marked:
        return 0
    mine = [
        Lease.token.in_(page.marked),
        Lease.person_id == turn.member.person_id,
        Lease.batch_id == page.batch_id,
        Lease.on_grid.is_(True),
    ]
    leases = select(*IN_HAND, Lease.ended_at, Lease.ended_why).where(*mine)
    rows = turn.session.execute(leases).all()
    live = [row for row in rows if row.ended_at is None]
    ids = [row.id for row in live]
    end(turn.session, ids, why=WhyEnded.MARKED, key=page.key, now=turn.now)
    for row in live:
        end_dues(turn.lock, row.example_id, [Due.RETURNED], why=WhyDone.MARKED, now=turn.now)
        owe(turn.lock, row.example_id, Due.RETURNED, now=turn.now, batch_id=row.batch_id)
    return sum(row.ended_at is None or row.ended_why == WhyEnded.MARKED for row in rows)


def take_back(turn: Turn, *, key: str, page_key: str, batch_id: int) -> list[Card]:
    """Undo the answers of a page; its tiles come back to their reader, in their order."""
    grid_of(turn.session, turn.member, batch_id)
    given = turn.session.execute(
        select(Decision.seq, is_undone(Decision).label("undone"))
        .where(
            Decision.project_id == turn.project_id,
            Decision.person_id == turn.member.person_id,
            Decision.batch_id == batch_id,
            _of_page(page_key),
        )
        .order_by(Decision.seq)
    ).all()
    if not given:
        raise Conflict("There is no such page to take back.", next_step="Nothing was changed.")
    cards = []
    for place, decision in enumerate(given):
        if decision.undone:
            continue
        try:
            back = undo(turn, key=_key_of_tile(key, place), seq=decision.seq)
        except ExampleErased:
            continue  # the rest of its page comes back
        if back.card is not None:
            cards.append(tile(back.card))
    return cards


def confused_with(session: Session, project_id: int, label_id: int | None) -> list[int]:
    """The labels that examples with this given label most often turned out to have."""
    final = current_label(Example.final_label_id).label("final")
    rows = session.execute(
        select(final, func.count().label("times"))
        .where(
            Example.project_id == project_id,
            is_label(Example.given_label_id, label_id),
            Example.status == Status.RELABELED,
        )
        .group_by("final")
        .order_by(func.count().desc(), "final")
        .limit(CONFUSED_WITH)
    )
    return [row[0] for row in rows if row[0] is not None]


def hand_out_tiles(
    turn: Turn, batch: Batch, *, want: int, in_hand: Collection[str] = ()
) -> HandedOut:
    """Up to `want` tiles of a grid batch; none while too many look mislabeled."""
    if too_many_errors(turn.session, batch):
        return HandedOut(state=TOO_MANY)
    handed = hand_out(Desk(turn, batch, on_grid=True), want=want, in_hand=in_hand)
    return replace(handed, cards=[tile(card) for card in handed.cards])


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
    leased = exists().where(Lease.batch_id == batch.id, Lease.on_grid, Lease.ended_at.is_(None))
    left = select(or_(waiting, owed, leased))
    return batch.state is BatchState.OPEN and bool(session.scalar(left))


def grid_numbers(session: Session, batch: Batch, person_id: int) -> GridNumbers:
    mine = progress(session, batch, person_id)
    marked = session.scalar(
        select(func.count()).where(
            Lease.batch_id == batch.id,
            Lease.person_id == person_id,
            Lease.ended_why == WhyEnded.MARKED,
        )
    )
    pace = _own_pace(session, batch.id, person_id)
    left = None if pace is None else round(pace * (mine.size - mine.done))
    return {"done": mine.done, "size": mine.size, "marked": marked or 0, "seconds_left": left}


def _own_pace(session: Session, batch_id: int, person_id: int) -> float | None:
    """Seconds an example takes this reader on this grid; none before two pages."""
    count, total = session.execute(
        select(func.count(), func.sum(Decision.seconds)).where(
            Decision.batch_id == batch_id, Decision.person_id == person_id, is_look()
        )
    ).one()
    return float(total or 0.0) / count if count >= AHEAD else None


def last_page_key(session: Session, batch_id: int, person_id: int) -> str | None:
    """The key of the page this reader answered last, for a form without script."""
    last = session.scalar(
        select(Decision.idempotency_key)
        .where(Decision.batch_id == batch_id, Decision.person_id == person_id, is_look())
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return last.rpartition("-")[0] or None if last else None
