"""What a reviewer holds already, looked at without serving, leasing or renewing anything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.db.tables.review import Lease
from app.review.batches.batch import Batched, rule_in_words
from app.review.books.leases import in_batch
from app.review.serving.cards import Card
from app.review.serving.lending import LENT, Lent, send_again


def in_hand(
    session: Session,
    member: Member,
    batch: Batched | None,
    *,
    on_grid: bool = False,
    now: datetime,
) -> list[Card]:
    """Own live leases in a batch, or of the experts' desk, as a claim would send them again."""
    leases = session.execute(
        select(*LENT)
        .where(
            Lease.person_id == member.person_id,
            Lease.project_id == member.project_id,
            Lease.ended_at.is_(None),
            Lease.expires_at > now,
            Lease.on_grid.is_(on_grid),
            in_batch(batch.id if batch is not None else None),
        )
        .order_by(Lease.id)
    ).all()
    return send_again(session, member, [Lent(*row) for row in leases], rule=rule_in_words(batch))
