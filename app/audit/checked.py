"""What became of examples that a batch drew at random: wrong or not, wherever they were decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.audit.wrong import is_wrong
from app.datasets.current_labels import LabelColumn
from app.db.tables.datasets import Example
from app.db.tables.review import BatchMember
from app.db.words import DECIDED, Status
from app.noise.limits import FEWEST, wilson


class Counts(NamedTuple):
    """Of the examples a batch drew; erased ones are decided, and not wrong."""

    drawn: int
    decided: int
    wrong: int
    erased: int


def counts_by(of: LabelColumn, label: LabelColumn) -> Select[int, int, int, int, int]:
    """`Counts` of batch members by `of`; wrong is an example whose `label` is.

    Whoever left the batch still counts: what others were handed first looked worse.
    """
    decided = Example.status.in_(sorted(DECIDED))
    return (
        select(
            of,
            func.count(),
            func.count().filter(decided),
            func.count().filter(and_(decided, is_wrong(label))),
            func.count().filter(Example.status == Status.ERASED),
        )
        .select_from(BatchMember)
        .join(Example, Example.id == BatchMember.example_id)
        .group_by(of)
    )


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


def checked_of(
    session: Session, batch_id: int, key: LabelColumn, label: LabelColumn
) -> list[Checked]:
    """By label or source, as `key` says of an `Example`; `label` is the one in question."""
    of = key.label("of")
    query = counts_by(of, label).where(BatchMember.batch_id == batch_id, key.is_not(None))
    return [Checked(one, *counts[:3]) for one, *counts in session.execute(query)]
