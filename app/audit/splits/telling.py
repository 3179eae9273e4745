"""How many labels of a split are wrong: told from what left its pool, in order, as of now."""

from __future__ import annotations

import numpy as np
from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.audit.models.answers import gone, in_split
from app.audit.splits.report import Cost, SplitReport
from app.audit.wrong import is_wrong
from app.datasets.current_labels import standing_label
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.models import SplitAudit, SplitAuditKey
from app.db.words import DECIDED, UNDECIDED
from app.noise.left import Left, wrong_left
from app.noise.projected import likely_after
from app.noise.serves import Outcome, Serves

STEPS = (100, 400, 1_000)
"""So many more random reads are priced."""

_NOT_DRAWN, _DRAWN = 0, 1


def split_serves(session: Session, audit: SplitAudit) -> Serves:
    """What left the pool, in the order in which it left.

    A draw leaves when it is drawn, whoever is handed it later; all else when it is first handed
    out, by whatever rule: of the queue, for the audit of all, because models differ. So each draw
    is one of what was left then, all alike.
    """
    served = and_(Serve.epoch_id == audit.epoch_id, Serve.example_id == SplitAuditKey.example_id)
    drawn = SplitAuditKey.drawn_at
    outcome = case(
        (Example.status.in_(sorted(UNDECIDED)), int(Outcome.OPEN)),
        (is_wrong(SplitAuditKey.label_at_open), int(Outcome.WRONG)),
        else_=int(Outcome.RIGHT),
    )
    rows = session.execute(
        select(
            func.coalesce(drawn, Serve.serve_seq),
            case((drawn.is_not(None), _DRAWN), else_=_NOT_DRAWN),
            SplitAuditKey.place,
            outcome,
        )
        .select_from(SplitAuditKey)
        .join(Example, Example.id == SplitAuditKey.example_id)
        .outerjoin(Serve, served)
        .where(SplitAuditKey.audit_id == audit.id, or_(drawn.is_not(None), Serve.id.is_not(None)))
    ).all()
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    table = table[np.lexsort((table[:, 2], table[:, 1], table[:, 0]))]
    return Serves(audit.pool, table[:, 1] == _DRAWN, table[:, 3].astype(np.int8))


def told(session: Session, audit: SplitAudit) -> SplitReport:
    """As the database is read now."""
    serves = split_serves(session, audit)
    left = wrong_left(serves)
    known, known_wrong = _known(session, audit)
    return SplitReport(
        known=known,
        known_wrong=known_wrong,
        pool=audit.pool,
        taken=len(serves),
        draws=left.draws,
        open_draws=left.open_draws,
        found=left.found,
        low=left.low,
        middle=left.estimate,
        high=left.high,
        costs=_costs(serves, left),
    )


def _known(session: Session, audit: SplitAudit) -> tuple[int, int]:
    """Decided examples of the split outside the pool, and those whose label was wrong."""
    keyed = exists().where(
        SplitAuditKey.audit_id == audit.id, SplitAuditKey.example_id == Example.id
    )
    decided = Example.status.in_(sorted(DECIDED))
    wrong = is_wrong(standing_label())
    found = session.execute(
        select(func.count(), func.count().filter(wrong)).where(
            *in_split(audit.project_id, audit.split), decided, ~gone(), ~keyed
        )
    ).one()
    return int(found[0]), int(found[1])


def _costs(serves: Serves, left: Left) -> list[Cost]:
    """What some more reads would bring, and reading all that is left."""
    steps = [one for one in STEPS if one < serves.unserved]
    found = [(more, likely_after(serves, left, more)) for more in steps]
    return [Cost(more, *bounds) for more, bounds in found if bounds is not None]
