"""The labels of a project: one more, or one out of use."""

from __future__ import annotations

from app.actions.turn import Caller, work_by_slug
from app.datasets import labels
from app.datasets.labels import NewLabel
from app.db.tables.datasets import Label
from app.db.words import Role
from app.review.answering import retired_labels


def add_label(caller: Caller, slug: str, label: NewLabel) -> Label:
    """Add a label that examples may be given from now on; the log says so."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return labels.add_label(turn.lock, label, actor=turn.member.pseudonym, now=turn.now)


def retire_label(caller: Caller, slug: str, label_id: int, *, replaced_by: int) -> None:
    """Take a label out of use; the answers that carry it follow, now or by a job."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        retired_labels.retire(turn, label_id, replaced_by=replaced_by)
