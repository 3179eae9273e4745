"""What the list of examples, or a batch, can be narrowed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select
from sqlalchemy.orm import Session

from app.datasets.current_labels import is_label
from app.datatypes.registry import TYPES
from app.db.tables.audit import AuditKey, Serve
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.json_columns import StoredFilter
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, BatchMember
from app.db.words import UNDECIDED, ImportState, Status, Stream
from app.ranking.signal_names import Signal, bit_of
from app.review.books.own_reads import is_still_theirs

NO_LABEL = 0  # as a filter: examples that came without a label
SCORED = ("suggested", "quality", "difficulty", "signal")
"""The fields that ask something of a score."""


class Served(StrEnum):
    """Where an example stands in the audit epoch that is open."""

    AUDIT = "audit"  # drawn at random, and not the viewer's to read any more
    OPEN = "open"  # handed out, and not decided: what holds the estimate back
    NO = "no"  # not handed out yet


@dataclass(frozen=True, slots=True)
class Filter:
    """What the examples must fulfil; None and "" ask for nothing."""

    status: Status | None = None
    given: int | None = None
    label: int | None = None  # the final one
    suggested: int | None = None
    quality: float | None = None  # below
    difficulty: float | None = None  # above
    text: str = ""
    batch: int | None = None  # its number
    source: int | None = None
    split: str = ""
    served: Served | None = None
    signal: Signal | None = None
    viewer: int = 0  # who looks; it narrows nothing by itself

    @property
    def named(self) -> list[str]:
        """The filters that ask for something."""
        names = [field.name for field in fields(self) if field.name != "viewer"]
        return [name for name in names if getattr(self, name) not in (None, "")]

    @property
    def scored(self) -> bool:
        return any(name in SCORED for name in self.named)


def unseen_imports(session: Session, project_id: int) -> list[int]:
    """Imports that have stored rows nobody may see yet, or not any more."""
    some = select(Example.id).where(Example.import_id == DataImport.id).limit(1).exists()
    return list(
        session.scalars(
            select(DataImport.id).where(
                DataImport.project_id == project_id, DataImport.state != ImportState.DONE, some
            )
        )
    )


def conditions(
    project: Project, wanted: Filter, unseen: list[int], *, without: tuple[str, ...] = ()
) -> list[ColumnElement[bool]]:
    """What an example of the list fulfils, but for the filters in `without`."""
    found: list[ColumnElement[bool]] = [Example.project_id == project.id]
    if unseen:
        found.append(Example.import_id.not_in(unseen))
    asked = [name for name in wanted.named if name not in without]
    return found + [_CONDITIONS[name](project, wanted) for name in asked]


def _holds(project: Project, wanted: Filter) -> ColumnElement[bool]:
    """Its text, its named values or its key hold these words; a key to the last line end."""
    text = " ".join(wanted.text.split()) or wanted.text
    key = or_(*(Example.key.icontains(one, autoescape=True) for one in {text, wanted.text}))
    kind = TYPES[project.data_type]
    if kind.found_by is None:
        return key
    stored = Example.content[kind.stored_as].as_string()
    return or_(stored.icontains(kind.found_by(text), autoescape=True), key)


def _in_batch(project: Project, wanted: Filter) -> ColumnElement[bool]:
    """Waiting in the batch, or handed out by it."""
    batch = (
        select(Batch.id)
        .where(Batch.project_id == project.id, Batch.number == wanted.batch)
        .scalar_subquery()
    )
    waiting = select(BatchMember.example_id).where(
        BatchMember.batch_id == batch, BatchMember.waiting
    )
    served = select(Serve.example_id).where(Serve.batch_id == batch)
    return or_(Example.id.in_(waiting), Example.id.in_(served))


def _served(project: Project, wanted: Filter) -> ColumnElement[bool]:
    served = select(Serve.example_id).where(Serve.epoch_id == project.epoch_id)
    if wanted.served is Served.AUDIT:
        drawn = Example.id.in_(served.where(Serve.stream == Stream.AUDIT))
        return and_(drawn, not_(is_still_theirs(wanted.viewer)))
    if wanted.served is Served.OPEN:
        return and_(Example.id.in_(served), Example.status.in_(sorted(UNDECIDED)))
    pool = select(AuditKey.example_id).where(AuditKey.epoch_id == project.epoch_id)
    return and_(Example.id.in_(pool), Example.id.not_in(served))


def _fired(project: Project, wanted: Filter) -> ColumnElement[bool]:
    assert wanted.signal is not None
    return Score.signals.bitwise_and(bit_of(wanted.signal)) != 0


_CONDITIONS: Mapping[str, Callable[[Project, Filter], ColumnElement[bool]]] = MappingProxyType(
    {
        "status": lambda _, wanted: Example.status == wanted.status,
        "given": lambda _, wanted: is_label(Example.given_label_id, wanted.given or None),
        "label": lambda _, wanted: is_label(Example.final_label_id, wanted.label),
        "suggested": lambda _, wanted: is_label(Score.suggested_id, wanted.suggested),
        "quality": lambda _, wanted: Score.quality < wanted.quality,
        "difficulty": lambda _, wanted: Score.difficulty > wanted.difficulty,
        "text": _holds,
        "batch": _in_batch,
        "source": lambda _, wanted: Example.source_id == wanted.source,
        "split": lambda _, wanted: Example.split == wanted.split,
        "served": _served,
        "signal": _fired,
    }
)
"""What each field of a filter asks of an example, where it asks for something."""


def on_examples(project: Project, wanted: Filter) -> list[ColumnElement[bool]]:
    """What an `Example` fulfils where no score is joined: those of the served ranking are asked."""
    there = [_CONDITIONS[name](project, wanted) for name in wanted.named if name not in SCORED]
    of_score = [_CONDITIONS[name](project, wanted) for name in wanted.named if name in SCORED]
    if of_score:
        score = (Score.run_id == project.run_id, Score.example_id == Example.id)
        there.append(exists().where(*score, *of_score).correlate(Example))
    return there


def ids_by_score(project: Project, wanted: Filter) -> list[ColumnElement[bool]]:
    """What the filter asks of scores, as one list of ids: sooner than a look at each example."""
    of_score = [_CONDITIONS[name](project, wanted) for name in wanted.named if name in SCORED]
    ids = select(Score.example_id).where(Score.run_id == project.run_id, *of_score)
    return [Example.id.in_(ids.correlate(None))] if of_score else []


def stored_filter(wanted: Filter) -> StoredFilter:
    """As a batch or a view keeps it."""
    return {name: getattr(wanted, name) for name in wanted.named}


def filter_from(stored: StoredFilter, viewer: int = 0) -> Filter:
    """The filter that a batch or a view kept; `viewer` looks at it."""
    kept: dict[str, Any] = dict(stored)
    for name, words in (("status", Status), ("served", Served), ("signal", Signal)):
        if name in kept:
            kept[name] = words(kept[name])
    return Filter(**kept, viewer=viewer)
