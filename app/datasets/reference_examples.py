"""Decided examples that show what belongs under a label, and what does not."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.turn import Turn
from app.datasets.current_labels import current_label, label_now
from app.datasets.visible import visible_imports
from app.datatypes.shown import content_of, excerpt_of
from app.db.tables.datasets import Example, Label
from app.db.tables.guidelines import ReferenceExample
from app.db.words import Belongs, Reason, Status
from app.errors import Conflict, NotFound

MOST = 12  # of one label: more are not read
SETTLED = (Status.CONFIRMED, Status.RELABELED)


class ReferenceShown(TypedDict):
    """One of them, as much of it as a line holds."""

    label: int
    example: int
    key: str
    belongs: str
    text: str


def references_of(
    session: Session, project_id: int, label_id: int | None = None
) -> list[ReferenceShown]:
    """Those whose example still is what it shows, label by label; of pictures the id alone."""
    now = current_label(ReferenceExample.label_id)
    final = current_label(Example.final_label_id)
    query = (
        select(now.label("label"), ReferenceExample.belongs, final.label("final"), Example)
        .join(Example, Example.id == ReferenceExample.example_id)
        .where(ReferenceExample.project_id == project_id, Example.status.in_(SETTLED))
        .order_by(now, ReferenceExample.belongs.desc(), ReferenceExample.id)
    )
    if label_id is not None:
        query = query.where(now == label_id)
    return [
        {
            "label": row.label,
            "example": row.Example.id,
            "key": row.Example.key,
            "belongs": row.belongs.value,
            "text": _line(row.Example),
        }
        for row in session.execute(query)
        if _still_shows(row.belongs, row.final == row.label)
    ]


def _line(example: Example) -> str:
    text = excerpt_of(content_of(example.id, example.content)).text
    return text or example.key


def _still_shows(belongs: Belongs, same: bool) -> bool:
    return same if belongs is Belongs.INCLUDE else not same


def add_reference(turn: Turn, label: Label, example_id: int, belongs: Belongs) -> None:
    """Name an example that is decided: what is still to be read may not be told beforehand."""
    session = turn.session
    example = session.scalar(
        select(Example).where(
            Example.id == example_id,
            Example.project_id == turn.project_id,
            Example.import_id.in_(visible_imports(turn.project_id)),
        )
    )
    if example is None:
        raise NotFound("There is no such example in this project.")
    _check(example, label, belongs, label_now(session, example.final_label_id))
    there = select(func.count()).where(ReferenceExample.label_id == label.id)
    remove_reference(turn, label.id, example_id)
    if (session.scalar(there) or 0) >= MOST:
        raise Conflict(
            f"{label.shown} has {MOST} reference examples: more are not read.",
            next_step="Take one out first.",
            code="reference_many",
        )
    session.add(
        ReferenceExample(
            project_id=turn.project_id,
            label_id=label.id,
            example_id=example_id,
            belongs=belongs,
            person_id=turn.member.person_id,
            at=turn.now,
        )
    )
    session.flush()


def _check(example: Example, label: Label, belongs: Belongs, final: int | None) -> None:
    if example.status not in SETTLED:
        private = example.removed_reason is Reason.PRIVATE
        raise Conflict(
            "It holds private data."
            if private
            else "Only an example whose label is final can be a reference: this one is not.",
            next_step="Choose another one." if private else "Rule on it first, on its own page.",
            code="reference_open",
        )
    if (final == label.id) is not (belongs is Belongs.INCLUDE):
        is_it = "is" if final == label.id else "is not"
        raise Conflict(
            f"The final label of this example {is_it} {label.shown}.",
            next_step="Add it as one that belongs."
            if final == label.id
            else "Add it as one that does not belong.",
            code="reference_label",
        )


def remove_reference(turn: Turn, label_id: int, example_id: int) -> None:
    """Take it out; what is not there is out already."""
    turn.session.execute(
        delete(ReferenceExample).where(
            ReferenceExample.project_id == turn.project_id,
            ReferenceExample.label_id == label_id,
            ReferenceExample.example_id == example_id,
        )
    )


def forget_references(session: Session, example_id: int) -> None:
    """An erased example shows nothing any more."""
    session.execute(delete(ReferenceExample).where(ReferenceExample.example_id == example_id))
