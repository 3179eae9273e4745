"""Known answers: examples whose right label is settled, served to measure reading."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, func, literal, or_, select
from sqlalchemy.orm import Session

from app.audit.accuracy import says_the_final_label
from app.audit.stands import is_look, stands
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Lease
from app.db.words import ReadReason, Status
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
