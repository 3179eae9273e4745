"""Retiring a label: what answers made of an example may be something else from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.datasets.labels import label_mapping, retire_label
from app.db.log import lock_project
from app.db.tables.datasets import Example
from app.db.tables.review import Decision
from app.errors import Forbidden
from app.jobs.queue import enqueue
from app.jobs.task import AskedBy, TaskName
from app.review.books.may import leads
from app.review.books.standing import refold

if TYPE_CHECKING:
    from app.accounts.membership import Member

AT_ONCE = 100  # examples folded again in one transaction, which holds up the project's answers


@dataclass(frozen=True)
class FoldArguments:
    label_id: int


FOLD_AGAIN = TaskName("fold_again", FoldArguments)


def retire(
    session: Session, member: Member, label_id: int, *, replaced_by: int, now: datetime
) -> None:
    """Take a label out of use; answered examples that carry it follow at once, or by a job."""
    if not leads(member):
        raise Forbidden("Only leads retire labels.", next_step="Ask a lead of the project.")
    project_id = member.project_id
    actor = member.pseudonym
    retire_label(session, project_id, label_id, replaced_by=replaced_by, actor=actor, now=now)
    if fold_again(session, project_id, label_id, now=now) is not None:
        enqueue(
            session,
            FOLD_AGAIN,
            FoldArguments(label_id),
            asked_by=AskedBy(project_id, member.person_id),
            now=now,
        )


def fold_again(
    session: Session, project_id: int, label_id: int, *, now: datetime, after: int = 0
) -> int | None:
    """Fold the next answered examples of a retired label; the last of them, None when all are."""
    held = lock_project(session, project_id)
    carried = _leading_to(label_mapping(session, project_id), label_id)
    found = session.scalars(
        select(Decision.example_id)
        .join(Example, Example.id == Decision.example_id)
        .where(
            Example.project_id == project_id,
            Decision.example_id > after,
            or_(Decision.label_id.in_(carried), Example.given_label_id.in_(carried)),
        )
        .distinct()
        .order_by(Decision.example_id)
        .limit(AT_ONCE)
    ).all()
    for example_id in found:
        refold(session, held, example_id, now=now)
    held.save()
    return found[-1] if len(found) == AT_ONCE else None


def _leading_to(mapping: dict[int, int], label_id: int) -> set[int]:
    """The label and those that were retired into it, at however many removes."""
    found = {label_id}
    while more := {old for old, new in mapping.items() if new in found} - found:
        found |= more
    return found
