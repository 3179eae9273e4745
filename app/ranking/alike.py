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
    return np.asarray(by_source(data).share > 0, dtype=np.bool_) | _kept_votes_differ(data)


def kept_entropy(data: Dataset) -> NDArray[np.float64]:
    """The same of what the file keeps of every annotator's label, in nats."""
    entropy = np.zeros(len(data))
    if data.said is None:
        return entropy
    there = np.isin(data.said.examples, data.example_ids)
    rows = np.searchsorted(data.example_ids, data.said.examples[there])
    labels = data.said.labels[there]
    order = np.argsort(rows, kind="stable")
    rows, labels = rows[order], labels[order]
    sizes = _count(rows)
    for size in np.unique(sizes):
        members = np.flatnonzero(sizes == size).reshape(-1, size)
        entropy[rows[members[:, 0]]] = disagreement(labels[members]).entropy
    return entropy


def _kept_votes_differ(data: Dataset) -> NDArray[np.bool_]:
    """Whether annotators differ in what the file keeps of their labels."""
    differs = np.zeros(len(data), dtype=np.bool_)
    if data.said is not None:
        there = np.isin(data.said.examples, data.example_ids)
        rows = np.searchsorted(data.example_ids, data.said.examples[there])
        differs[rows] = differing(rows, data.said.labels[there])
    return differs


def by_source(data: Dataset) -> Disagreement:
    """How far the labels that several sources gave the very same content differ."""
    several = np.flatnonzero(has_several_sources(data))
    share, entropy = np.zeros(len(data)), np.zeros(len(data))
    order = several[np.argsort(data.content_groups[several], kind="stable")]
    sizes = _count(data.content_groups[order])
    for size in np.unique(sizes):
        members = order[sizes == size].reshape(-1, size)  # one group a row
        measured = disagreement(data.given[members])
        share[members] = measured.share[:, None]
        entropy[members] = measured.entropy[:, None]
    return Disagreement(share, entropy)
