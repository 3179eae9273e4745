"""What became of examples that a batch drew at random: wrong or not, wherever they were decided."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.audit.wrong import is_wrong
from app.datasets.current_labels import LabelColumn
from app.db.tables.datasets import Example
from app.db.tables.review import BatchMember
from app.db.words import FINAL, Status
from app.noise.limits import wilson

FEWEST = 20
"""Under so many decided examples nothing is said of a share."""

_DECIDED = sorted(FINAL | {Status.ERASED})


@dataclass(frozen=True, slots=True)
class Checked:
    """Of one label or source: so many were drawn, decided, and came with a wrong label."""

    of: int
    drawn: int
    decided: int
    wrong: int

    @property
    def enough(self) -> bool:
        return self.decided >= FEWEST

    @property
    def share(self) -> float:
        return self.wrong / max(1, self.decided)

    @property
    def limits(self) -> tuple[float, float]:
        return wilson(self.wrong, self.decided)


def checked_of(session: Session, batch_id: int, key: LabelColumn) -> list[Checked]:
    """By label or source, as `key` says of an `Example`; one statement.

    Whoever left the batch still counts: what others were handed first looked worse. An erased
    example counts as decided and not wrong.
    """
    decided = Example.status.in_(_DECIDED)
    wrong = and_(Example.status.in_(sorted(FINAL)), is_wrong(Example.given_label_id))
    one = key.label("of")
    rows = session.execute(
        select(one, func.count(), func.count().filter(decided), func.count().filter(wrong))
        .select_from(BatchMember)
        .join(Example, Example.id == BatchMember.example_id)
        .where(BatchMember.batch_id == batch_id, key.is_not(None))
        .group_by(one)
    )
    return [Checked(*row) for row in rows]
