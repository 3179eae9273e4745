"""What the desk's sentence needs to know of a signal beside its name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.db.tables.ranking import Facts
from app.learning.picture_quality import PictureQuality
from app.ranking.alike import Groups, differing
from app.ranking.evidence import Evidence
from app.ranking.load import Dataset

MOST_SPLITS = 3
"""Splits named in one sentence."""

Traces = dict[int, Facts]


def traces(
    data: Dataset, evidence: Evidence, groups: Groups, masks: dict[str, NDArray[np.bool_]]
) -> Traces:
    """Facts by row, of the rows where a signal fired that has more to tell."""
    by_row: Traces = {}
    if evidence.pictures is not None:
        for row in np.flatnonzero(masks["picture"]):
            by_row[int(row)] = {"picture": _faults(evidence.pictures, int(row))}
    near = masks["near_duplicates"] | masks["leakage"]
    if not near.any():
        return by_row
    members = _members(groups, near)
    same = differing(data.content_groups, data.splits)
    for row in np.flatnonzero(near):
        others = members[int(groups[row])]
        facts = by_row.setdefault(int(row), {})
        if masks["near_duplicates"][row]:
            labels = data.given[others]
            facts["nearly_same"] = (len(others), len(set(labels[labels >= 0].tolist())))
        if masks["leakage"][row]:
            facts["splits"] = _splits(data, others)
            facts["split_content"] = "same" if same[row] else "nearly the same"
    return by_row


def _faults(pictures: PictureQuality, row: int) -> list[str]:
    masks = {"blank": pictures.blank, "blurred": pictures.blurred, "odd_size": pictures.odd_size}
    return [name for name, mask in masks.items() if mask[row]]


def _members(groups: Groups, wanted: NDArray[np.bool_]) -> dict[int, NDArray[np.int64]]:
    """The rows of every group that holds a wanted row."""
    order = np.argsort(groups, kind="stable")
    order = order[np.isin(groups[order], groups[wanted])]
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    return {int(groups[rows[0]]): rows for rows in np.split(order, starts)}


def _splits(data: Dataset, rows: NDArray[np.int64]) -> list[str]:
    numbers = sorted({int(split) for split in data.splits[rows] if split >= 0})
    return [data.split_names[number] for number in numbers[:MOST_SPLITS]]
