"""What a ranking finds in the labels nobody has reviewed: counted once, and kept with its run.

Pages show it within their time at a million examples, because they never count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.db.tables.ranking import RunFindings
from app.ranking.evidence import Evidence
from app.ranking.load import Dataset
from app.ranking.scores import Scored
from app.ranking.signal_names import SIGNALS, bit_of

BINS = 10
"""Of the label quality, from 0 to 1."""

MOST_PAIRS = 200
SAMPLES = 3
"""Examples to look at, of each signal."""


def findings_of(data: Dataset, evidence: Evidence, scored: Scored) -> RunFindings:
    """Of labels that nobody has reviewed and the model can judge, those it reads otherwise."""
    judged = evidence.scorable & data.unread & (data.given >= 0)
    favoured = scored.offered.labels[:, 0]
    otherwise = judged & (favoured != data.given)
    places = np.minimum((scored.quality[judged] * BINS).astype(np.int64), BINS - 1)
    every = np.bincount(places, minlength=BINS)
    apart = np.bincount(places[otherwise[judged]], minlength=BINS)
    pairs = _pairs(data, data.given[otherwise], favoured[otherwise])
    return {
        "labels": int(judged.sum()),
        "otherwise": int(otherwise.sum()),
        "doubt": float((1.0 - scored.quality[judged]).sum()),
        "qualities": list(zip(every.tolist(), apart.tolist(), strict=True)),
        "pairs": pairs[:MOST_PAIRS],
        "pairs_in_all": len(pairs),
        "samples": _samples(data, scored),
        "ranges": dict(scored.fields.ranges),
    }


def _pairs(
    data: Dataset, given: NDArray[np.int64], favoured: NDArray[np.int32]
) -> list[tuple[int, int, int]]:
    """Given label, favoured label, examples; the most frequent first."""
    n_classes = len(data.label_ids)
    found, counts = np.unique(given * n_classes + favoured, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [
        (data.label_ids[pair // n_classes], data.label_ids[pair % n_classes], count)
        for pair, count in zip(found[order].tolist(), counts[order].tolist(), strict=True)
    ]


def _samples(data: Dataset, scored: Scored) -> dict[str, list[int]]:
    """Where each signal fired: what nobody has reviewed first, then what comes first in the order.

    Signals often fire together; an example stands with a second one only where there is no other.
    """
    urgency = np.nan_to_num(scored.priority, nan=-np.inf)
    named = np.zeros(len(data), dtype=np.bool_)
    samples = {}
    for name in SIGNALS:
        rows = np.flatnonzero(scored.signals & bit_of(name))
        order = np.lexsort((rows, -urgency[rows], ~data.unread[rows], named[rows]))
        first = rows[order[:SAMPLES]]
        named[first] = True
        samples[name] = data.example_ids[first].tolist()
    return samples
