"""Labels that several annotators gave one example: agreement, consensus, who agrees with whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.agreement.by_items import counts_of
from app.agreement.consensus import Consensus, consensus
from app.agreement.krippendorff import alpha_with_limits
from app.agreement.reviewer_quality import quality
from app.db.tables.ranking import AnnotatorsFound, OfAnnotator
from app.learning.threads import one_thread
from app.ranking.alike import has_several_sources
from app.ranking.evidence import Evidence
from app.ranking.load import Dataset
from app.ranking.said import Said

MOST_CELLS = 20_000_000
"""Examples times annotators that a consensus is made of; of more only agreement is told."""

MOST_DRAWN = 20_000
"""Examples that agreement and annotators are told of, drawn at random from more."""

MOST_LISTED = 50


@dataclass(frozen=True)
class Annotated:
    """Examples that several labeled, by their place: `votes` has a column an annotator, -1 for
    none."""

    rows: NDArray[np.int64]
    votes: NDArray[np.int64]
    sources: list[int | None]


def annotated(data: Dataset) -> Annotated | None:
    """What the file keeps, or else rows of one content from several sources.

    None where nothing is, or where it is too much to stand in one array.
    """
    said = data.said if data.said is not None else _in_rows_of_their_own(data)
    found = said.among(data.example_ids)
    rows, item = np.unique(found.rows, return_inverse=True)
    if not len(rows) or len(rows) * len(said.sources) > MOST_CELLS:
        return None
    votes = np.full((len(rows), len(said.sources)), -1, dtype=np.int64)
    votes[item, found.people] = found.labels
    several = (votes >= 0).sum(axis=1) > 1
    return Annotated(rows[several], votes[several], said.sources) if several.any() else None


def _in_rows_of_their_own(data: Dataset) -> Said:
    """The first example of a content stands for all of it."""
    rows = np.flatnonzero(has_several_sources(data) & (data.given >= 0) & (data.sources >= 0))
    _, first, group = np.unique(data.content_groups[rows], return_index=True, return_inverse=True)
    sources, people = np.unique(data.sources[rows], return_inverse=True)
    ids = data.example_ids[rows[first]][group]
    return Said(ids, people, data.given[rows].astype(np.int64), sources.tolist())


def agreed(one: Annotated, pred_probs: NDArray[np.float32]) -> Consensus:
    """CROWDLAB's, with the probabilities of the model; even ones where it has none."""
    probs = np.asarray(pred_probs[one.rows], dtype=np.float64)
    told = np.isclose(probs.sum(axis=1), 1.0, atol=1e-3)
    probs[~told] = 1.0 / probs.shape[1]
    return consensus(one.votes, probs.shape[1], probs)


@one_thread
def annotators_found(data: Dataset, evidence: Evidence, *, seed: int) -> AnnotatorsFound | None:
    """Agreement, consensus, and how often each annotator says what the others do."""
    one = annotated(data)
    if one is None:
        return None
    rng = np.random.default_rng(seed)
    found = agreed(one, evidence.pred_probs)
    mine = data.given[one.rows]
    other = np.flatnonzero((mine >= 0) & (found.labels >= 0) & (found.labels != mine))
    doubt = np.argsort(found.posterior[other, mine[other]], kind="stable")
    votes = one.votes
    if len(votes) > MOST_DRAWN:
        votes = votes[np.sort(rng.choice(len(votes), MOST_DRAWN, replace=False))]
    return {
        "examples": len(one.rows),
        "alpha": alpha_with_limits(votes, rng=rng).limits,
        "method": found.method.value,
        "otherwise": len(other),
        "listed": data.example_ids[one.rows[other[doubt[:MOST_LISTED]]]].tolist(),
        "annotators": _each(one.sources, votes, evidence.pred_probs.shape[1]),
    }


def _each(sources: list[int | None], votes: NDArray[np.int64], n_classes: int) -> list[OfAnnotator]:
    """Against the majority of the others alone: an own vote would agree with itself."""
    counts = counts_of(votes, n_classes)
    right, answers = (np.zeros(votes.shape[1], dtype=np.int64) for _ in range(2))
    for person in range(votes.shape[1]):
        rows = np.flatnonzero(votes[:, person] >= 0)
        own = votes[rows, person]
        others = counts[rows]
        others[np.arange(len(rows)), own] -= 1
        most = others.max(axis=1, initial=0)
        clear = (most > 0) & ((others == most[:, None]).sum(axis=1) == 1)
        answers[person] = clear.sum()
        right[person] = (others.argmax(axis=1) == own)[clear].sum()
    found = quality(right, answers)
    return [
        {
            "source": sources[person],
            "answers": int(answers[person]),
            "right": int(right[person]),
            "share": found.limits(person),
        }
        for person in range(votes.shape[1])
    ]
