"""What counts as a wrong label: one SQL expression for the audit, the ranking's reports and belief.

Wrong (model, section 3): the label it ended with is another than the one in question, both after
label mapping, or it was removed because no label or several labels fit. Removed for another
reason, an example says nothing against its label; nor does an erased one.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_

from app.datasets.current_labels import LabelColumn, differs
from app.db.tables.audit import AuditKey
from app.db.tables.datasets import Example
from app.db.words import WRONG_LABEL, Status


def is_wrong(label: LabelColumn = AuditKey.label_at_open) -> ColumnElement[bool]:
    """Of a final example, or an erased one: whether this label of it was wrong."""
    removed = Example.status == Status.REMOVED
    stays = Example.status.not_in((Status.REMOVED, Status.ERASED))
    other = differs(Example.final_label_id, label)
    return or_(and_(stays, other), and_(removed, Example.removed_reason.in_(WRONG_LABEL)))


def judges_its_label() -> ColumnElement[bool]:
    """Of a final example: whether what was decided says anything of its label, right or wrong."""
    return or_(Example.status != Status.REMOVED, Example.removed_reason.in_(WRONG_LABEL))
