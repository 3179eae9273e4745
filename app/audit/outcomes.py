"""What became of everything an epoch served, in serving order: what its estimate is told from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import numpy as np
from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.audit.wrong import is_wrong
from app.db.tables.audit import AuditEpoch, AuditKey, Serve
from app.db.tables.datasets import Example
from app.db.tables.review import Batch
from app.db.words import UNDECIDED, Stream
from app.noise.serves import Outcome, Serves

_OF_THE_POOL = and_(AuditKey.epoch_id == Serve.epoch_id, AuditKey.example_id == Serve.example_id)


def batches_by(project_id: int, rules: Collection[str]) -> Select[int]:
    """Ids of the batches that were picked by one of these rules."""
    by = Batch.rule["by"].as_string()
    return select(Batch.id).where(Batch.project_id == project_id, by.in_(sorted(rules)))


def epoch_serves(session: Session, epoch: AuditEpoch, *, by_person: Collection[str] = ()) -> Serves:
    """Every serve of an example of the epoch's pool; others say nothing of it.

    An erased example counts as decided and not wrong. `by_person` names the batch rules by which
    a person picks: what they served is not what the ranking put first.
    """
    picked = Serve.batch_id.in_(batches_by(epoch.project_id, by_person))
    ranked = and_(Serve.stream == Stream.QUEUE, or_(Serve.batch_id.is_(None), ~picked))
    outcome = case(
        (Example.status.in_(sorted(UNDECIDED)), int(Outcome.OPEN)),
        (is_wrong(), int(Outcome.WRONG)),
        else_=int(Outcome.RIGHT),
    )
    rows = session.execute(
        select(Serve.stream == Stream.AUDIT, outcome, ranked)
        .join(AuditKey, _OF_THE_POOL)
        .join(Example, Example.id == Serve.example_id)
        .where(Serve.epoch_id == epoch.id)
        .order_by(Serve.serve_seq)
    ).all()
    table = np.array(rows, dtype=np.int8).reshape(-1, 3)
    return Serves(epoch.pool_size, table[:, 0].astype(bool), table[:, 1], table[:, 2].astype(bool))


def serves_before(session: Session, epoch: AuditEpoch, moment: datetime | None) -> int:
    """How many of them were made before a moment; none before none."""
    if moment is None or (epoch.opened_at is not None and moment <= epoch.opened_at):
        return 0
    query = (
        select(func.count())
        .select_from(Serve)
        .join(AuditKey, _OF_THE_POOL)
        .where(Serve.epoch_id == epoch.id, Serve.at < moment)
    )
    return session.scalar(query) or 0
