"""What counts as a wrong label: one SQL expression for the audit, the ranking's reports and belief.

Wrong (model, section 3): the label it ended with is another than the one in question, both after
label mapping, or it was removed because no label or several labels fit. Removed for another
reason, an example says nothing against its label.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, ScalarSelect, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.db.tables.audit import AuditKey
from app.db.tables.datasets import Example, Label
from app.db.words import WRONG_LABEL, Status

_LabelColumn = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


def is_wrong(label: _LabelColumn = AuditKey.label_at_open) -> ColumnElement[bool]:
    """Of a final example: whether this label of it was wrong."""
    stays = Example.status != Status.REMOVED
    final = Example.final_label_id
    other = and_(
        final.is_distinct_from(label),
        _current(final).is_distinct_from(_current(label)),  # looked up only where they differ
    )
    return or_(and_(stays, other), and_(~stays, Example.removed_reason.in_(WRONG_LABEL)))


def judges_its_label() -> ColumnElement[bool]:
    """Of a final example: whether what was decided says anything of its label, right or wrong."""
    return or_(Example.status != Status.REMOVED, Example.removed_reason.in_(WRONG_LABEL))


def _current(label: _LabelColumn) -> ScalarSelect[int]:
    """The label that stands for this one now: `labels.current`, in SQL."""
    line = (
        select(Label.id, Label.replaced_by)
        .where(Label.id == label)
        .correlate(label.class_)
        .cte("line", recursive=True, nesting=True)
    )
    later = aliased(Label)
    line = line.union_all(select(later.id, later.replaced_by).where(later.id == line.c.replaced_by))
    return select(line.c.id).where(line.c.replaced_by.is_(None)).scalar_subquery()
