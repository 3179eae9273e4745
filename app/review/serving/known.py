"""Known answers: examples whose right label is settled, served to measure reading."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from app.audit.accuracy import says_the_final_label
from app.audit.stands import is_look, stands
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, BatchMember, Decision, Lease
from app.db.words import ReadReason, Status, WhyLeft
from app.review.books.may import may_read
from app.review.serving.desk import Desk
from app.review.serving.lending import Chosen
from app.review.serving.owed import with_serve

ENOUGH = 2  # independent readers who say the same settle a label, as a ruling does
LOOKED_AT = 500  # known answers a claim chooses from


def is_settled() -> Any:
    """Ruled by a lead, or said alike by enough readers."""
    about = Decision.example_id == Example.id
    ruled = exists().where(about, Decision.adjudicates, stands())
    readers = (
        select(func.count(func.distinct(Decision.person_id)))
        .where(about, says_the_final_label(), stands(), Decision.read_reason != ReadReason.KNOWN)
        .scalar_subquery()
    )
    return or_(ruled, readers >= ENOUGH)


def came_with_a_copy() -> Any:
    """Its answer was given to an identical example: whoever read that one knows it."""
    copied = exists().where(Decision.example_id == Example.id, ~is_look(), stands())
    return copied.correlate(Example)


def known_answers(session: Session, project_id: int, person_id: int) -> list[int]:
    """Settled examples that this person has never answered and nobody holds now."""
    answered = exists().where(Decision.example_id == Example.id, Decision.person_id == person_id)
    leased = exists().where(Lease.example_id == Example.id, Lease.ended_at.is_(None))
    query = (
        select(Example.id)
        .where(
            Example.project_id == project_id,
            Example.status.in_((Status.CONFIRMED, Status.RELABELED)),
            ~answered,
            ~leased,
            may_read(Example.id, literal(person_id)),
            is_settled(),
            ~came_with_a_copy(),
        )
        .order_by(Example.decided_seq.desc())
        .limit(LOOKED_AT)
    )
    return list(session.scalars(query))


def practice_rows(desk: Desk, *, slots: int) -> list[Chosen]:
    """The next members of a practice batch; what is not settled any more leaves it."""
    if slots < 1:
        return []
    me = desk.turn.member.person_id
    answered = exists().where(Decision.example_id == Example.id, Decision.person_id == me)
    leased = exists().where(Lease.example_id == Example.id, Lease.ended_at.is_(None))
    usable = and_(
        Example.status.in_((Status.CONFIRMED, Status.RELABELED)),
        ~answered,
        may_read(Example.id, literal(me)),
    )
    waiting = (BatchMember.batch_id == desk.batch_id, BatchMember.waiting)
    rows = desk.session.execute(
        select(Example.id, usable.label("usable"), leased.label("leased"))
        .join(BatchMember, BatchMember.example_id == Example.id)
        .where(*waiting)
        .order_by(BatchMember.priority.desc(), Example.id)
    ).all()
    gone = [row.id for row in rows if not row.usable]
    chosen = [row.id for row in rows if row.usable and not row.leased][:slots]
    _leave(desk, chosen, gone)
    query = with_serve().where(Example.id.in_(chosen))
    return [
        Chosen(row, ReadReason.KNOWN, None, row.serve_seq, row.stream)
        for row in desk.session.execute(query, desk.asked())
    ]


def _leave(desk: Desk, chosen: list[int], gone: list[int]) -> None:
    """Members that are handed out wait no more; those that nobody can practise on are none."""
    members = update(BatchMember).where(BatchMember.batch_id == desk.batch_id)
    unsynced = {"synchronize_session": False}
    handed = members.where(BatchMember.example_id.in_(chosen)).values(waiting=False)
    desk.session.execute(handed, execution_options=unsynced)
    if gone:
        left = {"waiting": False, "left_at": desk.turn.now, "left_why": WhyLeft.ELSEWHERE}
        lost = members.where(BatchMember.example_id.in_(gone)).values(**left)
        desk.session.execute(lost, execution_options=unsynced)
        fewer = update(Batch).where(Batch.id == desk.batch_id)
        desk.session.execute(fewer.values(size=Batch.size - len(gone)))


def known_rows(desk: Desk, *, slots: int) -> list[Chosen]:
    """A coin a slot: examples whose right label is settled, which look like any other."""
    assert desk.batch is not None
    rng, share = desk.turn.rng, desk.batch.rule.get("known", 0) / 100
    wanted = sum(rng.random() < share for _ in range(slots)) if share else 0
    if not wanted:
        return []
    ids = known_answers(desk.session, desk.lock.project_id, desk.turn.member.person_id)
    query = with_serve().where(Example.id.in_(rng.sample(ids, min(wanted, len(ids)))))
    return [
        Chosen(row, ReadReason.KNOWN, None, row.serve_seq, row.stream)
        for row in desk.session.execute(query, desk.asked())
    ]
