"""Which detection methods speak up about an example's given label, each by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from app.db.tables.ranking import RunCounts
from app.learning.threads import one_thread
from app.ranking.alike import (
    Groups,
    differing,
    has_several_sources,
    nearly_differing,
    sources_disagree,
)
from app.ranking.evidence import Evidence
from app.ranking.load import Dataset
from app.ranking.signal_names import SIGNALS, bit_of
from app.scoring.confident_learning import confident_learning
from app.scoring.favoured import favoured, outvoted
from app.scoring.loss import loss
from app.scoring.outlier import FEWEST, outlier

Masks = dict[str, NDArray[np.bool_]]


@one_thread
def fired(data: Dataset, evidence: Evidence, groups: Groups, absent: Collection[str]) -> Masks:
    """One mask a signal, in the order of SIGNALS; what is absent fires nowhere.

    Every example is judged by the label it came with, whatever was decided since, so that
    decisions can tell what the signals are worth.
    """
    judges: dict[str, Callable[[], NDArray[np.bool_]]] = {
        "confident_learning": lambda: _confident_learning(data, evidence),
        "cross_validation": lambda: _cross_validation(data, evidence),
        "loss": lambda: _loss(data, evidence),
        "outlier": lambda: outlier(data.given, evidence.embeddings).marked,
        "neighbours": lambda: _neighbours(data, evidence),
        "annotators": lambda: sources_disagree(data),
        "duplicates": lambda: differing(data.content_groups, data.given),
        "near_duplicates": lambda: nearly_differing(groups, data.content_groups, data.given),
        "picture": lambda: _pictures(evidence),
        "leakage": lambda: differing(groups, data.splits),
    }
    none = np.zeros(len(data), dtype=np.bool_)
    return {name: none if name in absent else judges[name]() for name in SIGNALS}


def not_applicable(data: Dataset, evidence: Evidence) -> dict[str, str]:
    """Signals this project cannot show, and why."""
    labels = data.given[_judged(data, evidence)]
    alone = not (evidence.neighbours >= 0).any()
    splits = data.splits[data.splits >= 0]
    reasons = {
        "confident_learning": (len(np.unique(labels)) < 2, "There are not two labels to confuse."),
        "cross_validation": (len(labels) == 0, "No labeled example could be predicted."),
        "loss": (_unwatched(evidence), "The built-in models were not trained for this ranking."),
        "outlier": (
            _largest_label(data, evidence) < FEWEST,
            f"No label has {FEWEST} examples that can be compared.",
        ),
        "neighbours": (alone, "The content gives nothing to compare."),
        "annotators": (
            data.said is None and not has_several_sources(data).any(),
            "No content was labeled by two sources.",
        ),
        "near_duplicates": (alone, "The content gives nothing to compare."),
        "picture": (evidence.pictures is None, "The examples are not pictures."),
        "leakage": (len(np.unique(splits)) < 2, "The examples do not come in two splits."),
    }
    return {name: why for name, (absent, why) in reasons.items() if absent}


def packed(masks: Masks) -> NDArray[np.int64]:
    """All masks as the bits of one number an example."""
    whole = np.zeros(len(masks[SIGNALS[0]]), dtype=np.int64)
    for name, mask in masks.items():
        whole |= mask.astype(np.int64) * bit_of(name)
    return whole


def told(masks: Masks, absent: dict[str, str]) -> RunCounts:
    """What a run says of its signals: how many fired, null where it cannot know, and why not."""
    return {
        "signals": {
            name: None if name in absent else int(mask.sum()) for name, mask in masks.items()
        },
        "signals_absent": absent,
    }


def _judged(data: Dataset, evidence: Evidence) -> NDArray[np.bool_]:
    """Examples with a given label and a prediction that may be believed."""
    return np.asarray(evidence.scorable & (data.given >= 0), dtype=np.bool_)


def _confident_learning(data: Dataset, evidence: Evidence) -> NDArray[np.bool_]:
    judged = _judged(data, evidence)
    probs = evidence.pred_probs if judged.all() else evidence.pred_probs[judged]
    return _over(judged, confident_learning(data.given[judged], probs))


def _cross_validation(data: Dataset, evidence: Evidence) -> NDArray[np.bool_]:
    favourite = evidence.pred_probs.argmax(axis=1)
    return np.asarray(_judged(data, evidence) & (favourite != data.given), dtype=np.bool_)


def _loss(data: Dataset, evidence: Evidence) -> NDArray[np.bool_]:
    assert evidence.losses is not None
    n_classes = len(np.unique(data.given[data.given >= 0]))
    return _judged(data, evidence) & loss(evidence.losses, n_classes).marked


def _neighbours(data: Dataset, evidence: Evidence) -> NDArray[np.bool_]:
    near = evidence.neighbours
    labels = np.where(near >= 0, data.given[near], -1)
    return outvoted(data.given, favoured(labels))


def _pictures(evidence: Evidence) -> NDArray[np.bool_]:
    assert evidence.pictures is not None
    return evidence.pictures.any


def _unwatched(evidence: Evidence) -> bool:
    return evidence.losses is None or evidence.losses.shape[1] == 0


def _largest_label(data: Dataset, evidence: Evidence) -> int:
    labels = data.given[(data.given >= 0) & evidence.embeddings.any(axis=1)]
    return int(np.bincount(labels).max(initial=0))


def _over(rows: NDArray[np.bool_], marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    whole = np.zeros(len(rows), dtype=np.bool_)
    whole[rows] = marked
    return whole
