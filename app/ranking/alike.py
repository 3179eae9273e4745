"""Examples with the same or nearly the same content, and in what those differ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels
from app.learning.near_duplicates import near_duplicates, nearly_same
from app.ranking.evidence import Evidence
from app.ranking.load import Dataset
from app.scoring.disagreement import Disagreement, disagreement

Groups = NDArray[np.int64]


def alike(data: Dataset, evidence: Evidence) -> Groups:
    """Groups of the same and nearly the same content, by their number."""
    _, first, place = np.unique(data.content_groups, return_index=True, return_inverse=True)
    twin = np.where(first[place] == np.arange(len(data)), -1, first[place])
    return near_duplicates(
        np.column_stack([evidence.neighbours, twin]),
        np.column_stack([evidence.similarities, np.ones(len(data), dtype=np.float32)]),
        threshold=nearly_same(evidence.similarities),
    )


def differing(groups: Groups, values: Labels) -> NDArray[np.bool_]:
    """Whether another of the group has another value; -1 is none, and differs from nothing."""
    rows = np.flatnonzero(values >= 0)
    differs = np.zeros(len(groups), dtype=np.bool_)
    differs[rows] = _count(groups[rows]) > _count(groups[rows], values[rows])
    return differs


def nearly_differing(groups: Groups, contents: Groups, values: Labels) -> NDArray[np.bool_]:
    """Whether another of the group, of other content, has another value."""
    rows = np.flatnonzero(values >= 0)
    group, content, value = groups[rows], contents[rows], values[rows]
    others = _count(group) - _count(group, content)
    others -= _count(group, value) - _count(group, content, value)
    differs = np.zeros(len(groups), dtype=np.bool_)
    differs[rows] = others > 0
    return differs


def _count(*columns: Labels) -> NDArray[np.int64]:
    """For every row, how many rows have its values in all columns."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        names, place = np.unique(column, return_inverse=True)
        code = code * len(names) + place
    _, place, counts = np.unique(code, return_inverse=True, return_counts=True)
    return np.asarray(counts[place], dtype=np.int64)


def has_several_sources(data: Dataset) -> NDArray[np.bool_]:
    """Whether labels from two sources came for the very same content."""
    return differing(data.content_groups, np.where(data.given >= 0, data.sources, -1))


def sources_disagree(data: Dataset) -> NDArray[np.bool_]:
    """Whether the labels that several sources gave the very same content differ."""
    return np.asarray((by_source(data).share > 0) | (by_annotator(data).share > 0), dtype=np.bool_)


def by_source(data: Dataset) -> Disagreement:
    """How far the labels that several sources gave the very same content differ."""
    several = np.flatnonzero(has_several_sources(data))
    return _apart(len(data), several, data.content_groups[several], data.given[several])


def by_annotator(data: Dataset) -> Disagreement:
    """The same of what a file keeps of every annotator's label."""
    if data.said is None:
        return Disagreement(np.zeros(len(data)), np.zeros(len(data)))
    votes = data.said.among(data.example_ids)
    return _apart(len(data), votes.rows, votes.rows, votes.labels)


def _apart(
    n_examples: int, rows: NDArray[np.int64], groups: Groups, labels: Labels
) -> Disagreement:
    """How far labels of one group differ, in the rows they belong to; 0 in all others."""
    share, entropy = np.zeros(n_examples), np.zeros(n_examples)
    order = np.argsort(groups, kind="stable")
    sizes = _count(groups[order])
    for size in np.unique(sizes):
        members = order[sizes == size].reshape(-1, size)  # one group a row
        measured = disagreement(labels[members])
        share[rows[members]] = measured.share[:, None]
        entropy[rows[members]] = measured.entropy[:, None]
    return Disagreement(share, entropy)
