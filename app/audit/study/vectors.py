"""The vectors that a ranking compared examples by, opened again for a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.arrays import Embeddings
from app.audit.study.columns import Known, known_of
from app.datasets.blobs import BlobStore
from app.datasets.visible import visible_imports
from app.db.parts import parts
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import ScoringRun
from app.db.words import Status
from app.errors import Gone
from app.ranking.runs import vectors_kept

MOST_SAMPLED = 20_000
"""Groups are found and sets compared on so many examples at random; more would tell no more."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """One row an example, ids rising; a row of zeros is an example without a vector."""

    example_ids: NDArray[np.int64]
    rows: Embeddings

    def of(self, example_ids: Sequence[int] | NDArray[np.int64]) -> Embeddings:
        """In the order they are named; zeros for what has none."""
        wanted = np.asarray(example_ids, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.example_ids, wanted), len(self.example_ids) - 1)
        found = np.asarray(self.rows[places], dtype=np.float32)
        usable = (self.example_ids[places] == wanted) & np.isfinite(found).all(axis=1)
        return np.where(usable[:, None], found, np.float32(0.0))


@dataclass(frozen=True, slots=True)
class Sample:
    """Examples at random that have a vector, with what is known of each."""

    example_ids: NDArray[np.int64]
    known: list[Known]
    vectors: Embeddings

    def __len__(self) -> int:
        return len(self.known)


def vectors_of(session: Session, project: Project, blobs: BlobStore | None) -> Vectors | None:
    """Those of the ranking that is served; None where it kept none, or the file is gone.

    They are read where they lie: a million of them are a gigabyte.
    """
    if blobs is None or not vectors_kept(session, project):
        return None
    kept = session.get_one(ScoringRun, project.run_id).artefacts
    try:
        ids, rows = _opened(blobs, kept["example_ids"]), _opened(blobs, kept["embeddings"])
    except Gone:  # the store has written down which
        return None
    if ids.ndim != 1 or rows.ndim != 2 or len(ids) != len(rows) or 0 in rows.shape:
        return None
    return Vectors(ids, rows)


def _opened(blobs: BlobStore, name: str) -> NDArray[Any]:
    array: NDArray[Any] = np.load(blobs.sound_path(name), mmap_mode="r", allow_pickle=False)
    return array


def sample_of(
    session: Session, project: Project, vectors: Vectors, *, rng: np.random.Generator
) -> Sample:
    """Of all that was not erased, removed ones too: decisions do not change groups of likes."""
    order = rng.permutation(len(vectors.example_ids))[:MOST_SAMPLED]
    ids = _still_there(session, project.id, np.sort(vectors.example_ids[order]))
    rows = vectors.of(ids) if len(ids) else np.zeros((0, vectors.rows.shape[1]), np.float32)
    there = rows.any(axis=1)
    ids = ids[there]
    return Sample(ids, known_of(session, project, [int(one) for one in ids]), rows[there])


def _still_there(session: Session, project_id: int, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    found: list[int] = []
    for some in parts([int(one) for one in ids]):
        found += session.scalars(
            select(Example.id)
            .where(
                Example.id.in_(some),
                Example.import_id.in_(visible_imports(project_id)),
                Example.status != Status.ERASED,
            )
            .order_by(Example.id)
        )
    return np.array(found, dtype=np.int64)
