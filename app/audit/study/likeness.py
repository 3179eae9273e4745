"""Which examples are like each other, as properties that groups are cut from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.arrays import Embeddings
from app.audit.study.columns import Known, Property
from app.audit.study.vectors import Sample, Vectors
from app.db.tables.ranking import Score
from app.learning.near_duplicates import nearly_same
from app.learning.threads import one_thread
from app.noise.columns import HOW
from app.noise.like_examples import centres_of, how_many, nearest_centre, typical_words
from app.ranking.scores import NEIGHBOURS_SHOWN

EXAMPLES_NAMED = 3
_AT_ONCE = 10_000
_WITHOUT_VECTOR = "0 (no vector)"
_NEAR, _ALONE = "in a group of near duplicates", "in no group of near duplicates"


def likeness(
    session: Session, run_id: int, vectors: Vectors | None, sample: Sample | None
) -> list[Property]:
    """Groups of like examples, where vectors are kept, and near duplicates, where any are known."""
    found = []
    if vectors is not None and sample is not None and how_many(len(vectors.example_ids)):
        found.append(_groups(vectors, sample))
    near = _near_duplicates(session, run_id)
    if len(near):
        found.append(Property("near duplicates", HOW["duplicates"], _membership(near)))
    return [one for one in found if one is not None]


@one_thread
def _groups(vectors: Vectors, sample: Sample) -> Property | None:
    groups = how_many(len(vectors.example_ids))
    if len(sample) < groups:
        return None
    centres = centres_of(sample.vectors, groups)
    names = _names(sample, centres)
    ids = vectors.example_ids
    group = np.concatenate(
        [
            nearest_centre(vectors.of(ids[start : start + _AT_ONCE]), centres)
            for start in range(0, len(ids), _AT_ONCE)
        ]
    )

    def of(one: Known) -> str:
        place = int(np.searchsorted(ids, one.example_id))
        there = place < len(ids) and int(ids[place]) == one.example_id
        return names[group[place]] if there else names[-1]

    return Property("like examples", HOW["cluster"], of)


def _names(sample: Sample, centres: Embeddings) -> list[str]:
    """A number and what is typical: words, or else the ids of examples next to the middle.

    The last one is for what has no vector.
    """
    group = nearest_centre(sample.vectors, centres)
    lists = typical_words([one.text for one in sample.known], group)
    lists += [[]] * (len(centres) - len(lists))
    return [
        f"{number} ({', '.join(words) or _examples(sample, group == number - 1, centre)})"
        for number, (words, centre) in enumerate(zip(lists, centres, strict=True), start=1)
    ] + [_WITHOUT_VECTOR]


def _examples(sample: Sample, mine: NDArray[np.bool_], centre: Embeddings) -> str:
    rows = np.flatnonzero(mine)
    unit = sample.vectors[rows] / np.linalg.norm(sample.vectors[rows], axis=1, keepdims=True)
    nearest = rows[np.argsort(-(unit @ centre), kind="stable")[:EXAMPLES_NAMED]]
    return "like examples " + ", ".join(str(one) for one in sample.example_ids[nearest])


def _membership(near: NDArray[np.int64]) -> Callable[[Known], str]:
    members = set(near.tolist())
    return lambda one: _NEAR if one.example_id in members else _ALONE


def _near_duplicates(session: Session, run_id: int) -> NDArray[np.int64]:
    """Examples whose nearest neighbour is nearly the same, as scoring told it."""
    nearest = Score.neighbours[(0, 1)].as_float()
    furthest = Score.neighbours[(NEIGHBOURS_SHOWN - 1, 1)].as_float()
    rows = session.execute(
        select(Score.example_id, nearest, furthest).where(
            Score.run_id == run_id, nearest.is_not(None)
        ),
        execution_options={"yield_per": _AT_ONCE},
    )
    parts = [
        np.array([(one[0], one[1], one[2] or 0.0) for one in some], dtype=np.float64)
        for some in rows.partitions()
    ]
    if not parts:
        return np.zeros(0, dtype=np.int64)
    told = np.concatenate(parts)  # ids are exact as floats up to 2**53
    near = told[:, 1].astype(np.float32) >= nearly_same(told[:, 1:].astype(np.float32))
    return np.asarray(told[near, 0].astype(np.int64))
