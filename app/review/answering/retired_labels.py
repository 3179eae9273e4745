"""Retiring a label: what answers made of an example may be something else from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from app.accounts.turn import By, Turn
from app.datasets.labels import restore_label, retire_label
from app.db.log import ProjectLock
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Decision
from app.errors import Forbidden
from app.jobs.queue import enqueue
from app.jobs.task import AskedBy, TaskName
from app.review.books.may import leads
from app.review.books.standing import refold

AT_ONCE = 100  # examples folded again in one transaction, which holds up the project's answers


@dataclass(frozen=True)
class FoldArguments:
    label_id: int


FOLD_AGAIN = TaskName("fold_again", FoldArguments)


def retire(turn: Turn, label_id: int, *, replaced_by: int) -> None:
    """`retire_by`, of a person of the project: of its leads alone."""
    if not leads(turn.member):
        raise Forbidden("Only leads retire labels.", next_step="Ask a lead of the project.")
    retire_by(turn.lock, label_id, By.of(turn), replaced_by=replaced_by)


def retire_by(lock: ProjectLock, label_id: int, by: By, *, replaced_by: int) -> None:
    """Take a label out of use; answered examples that carry it follow at once, or by a job."""
    retire_label(lock, label_id, replaced_by=replaced_by, actor=by.pseudonym, now=by.now)
    _fold_all(lock, label_id, by)


def restore_by(lock: ProjectLock, label_id: int, by: By) -> Label:
    """Bring a retired label back; answered examples that carry it follow at once, or by a job."""
    label = restore_label(lock, label_id, actor=by.pseudonym, now=by.now)
    _fold_all(lock, label_id, by)
    return label


def _fold_all(lock: ProjectLock, label_id: int, by: By) -> None:
    if fold_again(lock, label_id, now=by.now) is not None:
        enqueue(
            lock.session,
            FOLD_AGAIN,
            FoldArguments(label_id),
            asked_by=AskedBy(lock.project_id, by.person_id),
            now=by.now,
        )


def fold_again(lock: ProjectLock, label_id: int, *, now: datetime, after: int = 0) -> int | None:
    """Fold the next answered examples of a retired label; the last of them, None when all are."""
    carried = _leading_to(_replaced(lock), label_id)
    examples = lock.session.scalars(
        select(Decision.example_id)
        .join(Example, Example.id == Decision.example_id)
        .where(
            Example.project_id == lock.project_id,
            Decision.example_id > after,
            or_(
                Decision.label_id.in_(carried),
                Example.given_label_id.in_(carried),
                Example.bulk_label_id.in_(carried),
            ),
        )
        .distinct()
        .order_by(Decision.example_id)
        .limit(AT_ONCE)
    ).all()
    for example_id in examples:
        refold(lock, example_id, now=now)
    return examples[-1] if len(examples) == AT_ONCE else None


def _replaced(lock: ProjectLock) -> dict[int, int]:
    """Retired labels and what replaced each, one step at a time."""
    rows = lock.session.execute(
        select(Label.id, Label.replaced_by).where(
            Label.project_id == lock.project_id, Label.replaced_by.is_not(None)
        )
    )
    return {old: new for old, new in rows if new is not None}


def _leading_to(mapping: dict[int, int], label_id: int) -> set[int]:
    """The label and those that were retired into it, at however many removes."""
    leading = {label_id}
    while more := {old for old, new in mapping.items() if new in leading} - leading:
        leading |= more
    return leading
