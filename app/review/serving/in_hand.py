"""What a reviewer holds already, looked at without serving, leasing or renewing anything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Lease
from app.review.batches.batch import rule_in_words
from app.review.serving.cards import Card, card_query, cards


def in_hand(
    session: Session,
    member: Member,
    batch: Batch | None,
    *,
    on_grid: bool = False,
    run_id: int | None,
    now: datetime,
) -> list[Card]:
    """Own live leases in a batch, or of the experts' desk, as a claim would send them again."""
    place: Any = Lease.batch_id.is_(None) if batch is None else Lease.batch_id == batch.id
    leases = session.execute(
        select(Lease.token, Lease.example_id, Lease.mode)
        .where(
            Lease.person_id == member.person_id,
            Lease.project_id == member.project_id,
            Lease.ended_at.is_(None),
            Lease.expires_at > now,
            Lease.on_grid.is_(on_grid),
            place,
        )
        .order_by(Lease.id)
    ).all()
    if not leases:
        return []
    modes = {lease.example_id: lease.mode for lease in leases}
    rows = session.execute(card_query(run_id).where(Example.id.in_(list(modes)))).all()
    made = cards(session, rows, modes=modes, rule=rule_in_words(batch))
    return [{"lease": lease.token, **made[lease.example_id]} for lease in leases]
