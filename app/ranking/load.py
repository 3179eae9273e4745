"""A project's examples as arrays: what is visible, what trains, what is scored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.arrays import Labels
from app.datasets.labels import labels_of, replacements
from app.datasets.visible import visible_imports
from app.datatypes.data_type import StoredContent
from app.db.tables.datasets import Example, Project
from app.db.words import DataType, Status
from app.labels import current
from app.learning.groups import united
from app.ranking.said import Said, names_in_files, read_said

CHUNK = 2_000

_LEFT = (Status.REMOVED, Status.ERASED)
_SETTLED = (Status.CONFIRMED, Status.RELABELED)


class ExampleRow(NamedTuple):
    """One example as SQL knows it."""

    id: int
    key: str
    content: StoredContent
    content_hash: str
    given_label_id: int | None
    bulk_label_id: int | None
    final_label_id: int | None
    status: Status
    source_id: int | None
    split: str | None
    group_key: str | None


@dataclass(frozen=True)
class Dataset:
    """Visible examples in order of id; labels are positions in `label_ids`, -1 for none.

    `given` is the label that a decision is about: what it came with, or what a bulk fix put in its
    place. `standing` is what trains and is doubted: that, until a decision is final; `unread`:
    nobody has reviewed it. `sources`
    and `splits` are numbers; -1 for none, and `split_names` has a name for each split. `groups`
    join what has the same content or the same group in the file. `said`: what every annotator
    said of an example, where a file keeps it.
    """

    project_id: int
    data_type: DataType
    log_seq: int
    label_ids: list[int]
    label_names: list[str]
    example_ids: NDArray[np.int64]
    keys: list[str]
    contents: list[StoredContent]
    given: Labels
    standing: Labels
    decided: NDArray[np.bool_]
    unread: NDArray[np.bool_]
    content_groups: NDArray[np.int64]
    sources: NDArray[np.int64]
    splits: NDArray[np.int64]
    split_names: list[str]
    content_hashes: list[str] = field(default_factory=list)
    groups: NDArray[np.int64] | None = None
    said: Said | None = None
    columns_of_names: dict[str, int] = field(default_factory=dict)  # as files write labels

    def __len__(self) -> int:
        return len(self.keys)


def load(session: Session, project_id: int) -> Dataset:
    """Read the examples that count, in chunks."""
    project = session.get_one(Project, project_id)
    labels = labels_of(session, project_id, retired=True)
    active = [label for label in labels if label.retired_at is None]
    place = {label.id: position for position, label in enumerate(active)}
    mapping = replacements(labels)
    column_of = {label.id: place.get(current(label.id, mapping), -1) for label in labels}
    rows = list(_rows(session, project_id))
    contents = _numbers([row.content_hash for row in rows])
    named = _numbers([row.group_key or f"\0{row.id}" for row in rows])  # no text holds a NUL
    split_names = sorted({row.split for row in rows if row.split})
    columns_of_names = names_in_files(labels, column_of)
    split_of = {name: number for number, name in enumerate(split_names)}
    return Dataset(
        project_id=project_id,
        data_type=project.data_type,
        log_seq=project.log_seq,
        label_ids=[label.id for label in active],
        label_names=[label.name for label in active],
        example_ids=np.array([row.id for row in rows], dtype=np.int64),
        keys=[row.key for row in rows],
        contents=[row.content for row in rows],
        given=_columns([_before(row) for row in rows], column_of),
        decided=np.array([row.status in _SETTLED for row in rows], dtype=np.bool_),
        unread=np.array([row.status is Status.UNREVIEWED for row in rows], dtype=np.bool_),
        standing=_columns([_standing(row) for row in rows], column_of),
        content_groups=contents,
        sources=np.array([row.source_id or -1 for row in rows], dtype=np.int64),
        splits=np.array([split_of.get(row.split or "", -1) for row in rows], dtype=np.int64),
        split_names=split_names,
        content_hashes=[row.content_hash for row in rows],
        groups=united(contents, named),
        said=read_said(session, project_id, columns_of_names),
        columns_of_names=columns_of_names,
    )


def _rows(session: Session, project_id: int) -> Iterator[ExampleRow]:
    last = 0
    while True:
        query = (
            select(
                *(getattr(Example, name) for name in ExampleRow._fields),
            )
            .where(
                Example.project_id == project_id,
                Example.id > last,
                Example.status.not_in(_LEFT),
                Example.import_id.in_(visible_imports(project_id)),
            )
            .order_by(Example.id)
            .limit(CHUNK)
        )
        chunk = session.execute(query).all()
        if not chunk:
            return
        yield from map(ExampleRow._make, chunk)
        last = chunk[-1].id


def _numbers(names: list[str]) -> NDArray[np.int64]:
    """A number for each name, counted by first appearance."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)


def _standing(row: ExampleRow) -> int | None:
    return row.final_label_id if row.status in _SETTLED else _before(row)


def _before(row: ExampleRow) -> int | None:
    """The label a decision is about."""
    return row.bulk_label_id or row.given_label_id


def _columns(label_ids: list[int | None], column_of: dict[int, int]) -> Labels:
    return np.array(
        [-1 if label is None else column_of.get(label, -1) for label in label_ids], dtype=np.int64
    )
