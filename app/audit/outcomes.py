"""What became of everything an epoch served, in serving order: what its estimate is told from."""

from __future__ import annotations

import numpy as np
from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session

from app.audit.wrong import is_wrong
from app.db.tables.audit import AuditEpoch, AuditKey, Serve
from app.db.tables.datasets import Example
from app.db.words import UNDECIDED, Stream
from app.noise.serves import Outcome, Serves


def epoch_serves(session: Session, epoch: AuditEpoch) -> Serves:
    """Every serve of an example of the epoch's pool; others say nothing of it.

    An erased example counts as decided and not wrong.
    """
    outcome = case(
        (Example.status.in_(sorted(UNDECIDED)), int(Outcome.OPEN)),
        (is_wrong(), int(Outcome.WRONG)),
        else_=int(Outcome.RIGHT),
    )
    rows = session.execute(
        select(Serve.stream == Stream.AUDIT, outcome)
        .join(
            AuditKey,
            and_(AuditKey.epoch_id == Serve.epoch_id, AuditKey.example_id == Serve.example_id),
        )
        .join(Example, Example.id == Serve.example_id)
        .where(Serve.epoch_id == epoch.id)
        .order_by(Serve.serve_seq)
    ).all()
    table = np.array(rows, dtype=np.int8).reshape(-1, 2)
    return Serves(epoch.pool_size, table[:, 0].astype(bool), table[:, 1])
