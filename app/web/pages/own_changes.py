"""What a reader's changes in a batch were good for, at its end, with the examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.datatypes.hidden_characters import written_out
from app.datatypes.shown import PRIVATE, content_of, excerpt_of
from app.db.tables.review import Batch
from app.db.words import Mode, Reason
from app.insights.planted import planted_truth
from app.review.answering.own_results import Change, own_changes

MOST = 12  # examples listed, those that were settled first


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One example, what it was, and what this reader said."""

    text: str
    picture: str
    given: str
    said: str
    became: str


@dataclass(frozen=True, slots=True)
class ChangesCard:
    """`planted`: of the errors that were put into a sample on purpose, those found here."""

    agreed: int
    waiting: int
    otherwise: int
    planted: int
    rows: tuple[ChangeRow, ...]


def changes_card(
    session: Session, batch: Batch, person_id: int, *, data: Path
) -> ChangesCard | None:
    """None where nothing was changed, and for a blind batch, which does not tell."""
    changes = [] if batch.mode is Mode.BLIND else own_changes(session, batch, person_id)
    if not changes:
        return None
    labels = labels_of(session, batch.project_id, retired=True)
    names, own = shown_names(labels), {label.id: label.name for label in labels}
    truth = planted_truth(session, batch.project_id, data=data)
    ordered = sorted(changes, key=lambda one: (one.open, one.agreed))
    return ChangesCard(
        agreed=sum(one.agreed for one in changes),
        waiting=sum(one.open for one in changes),
        otherwise=sum(not (one.agreed or one.open) for one in changes),
        planted=sum(
            one.label_id is not None and truth.get(one.key) == own[one.label_id] for one in changes
        ),
        rows=tuple(_row(one, names) for one in ordered[:MOST]),
    )


def _row(one: Change, names: Mapping[int, str]) -> ChangeRow:
    private = one.removed_reason is Reason.PRIVATE
    excerpt = PRIVATE if private else excerpt_of(content_of(one.example_id, one.content))
    return ChangeRow(
        excerpt.text or written_out(one.key),
        excerpt.picture,
        names.get(one.given_label_id or 0, "No label"),
        "Removed" if one.label_id is None else names[one.label_id],
        _became(one, names),
    )


def _became(one: Change, names: Mapping[int, str]) -> str:
    if one.agreed:
        return "agreed"
    if one.open:
        return "not settled yet"
    return f"settled as {names.get(one.final_label_id or 0, 'removed')}"
