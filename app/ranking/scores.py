"""From evidence to the rows that are stored: priority, suggestions, neighbours, facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels, Probs
from app.db.tables.ranking import Facts, RunCounts, Suggestion
from app.ranking.alike import alike
from app.ranking.by_evidence import BY_EVIDENCE
from app.ranking.evidence import Evidence, Means
from app.ranking.features.feature_maker import FieldsRead
from app.ranking.features.registry import features_of
from app.ranking.load import Dataset
from app.ranking.signals import fired, not_applicable, packed, told
from app.ranking.store import ScoreRow
from app.ranking.traces import Traces, traces
from app.scoring.favoured import Favoured, favoured
from app.scoring.methods import RANDOM_METHOD, method_of, priority
from app.scoring.quality import difficulty, label_quality
from app.scoring.suggestions import Suggestions, suggestions

CHUNK = 500
"""Scores stored in one transaction: on SQLite, answers wait for it."""

NEIGHBOURS_SHOWN = 6
_DIGITS = 4

SHARD_ENTRIES = 2**25
"""Probabilities scored in one call: 128 MiB, a second's work."""


@dataclass(frozen=True)
class Scored:
    """One entry an example; what is not finite is stored as null."""

    priority: NDArray[np.float64]
    quality: NDArray[np.float64]
    p_given: NDArray[np.float64]
    difficulty: NDArray[np.float64]
    difficulty_share: NDArray[np.float64]
    offered: Suggestions
    favoured: Favoured  # by the labels that stand
    same: dict[int, tuple[int, int]]
    fields: FieldsRead
    signals: NDArray[np.int64]  # those that fired, as bits
    traces: Traces
    told: RunCounts  # how many examples each signal fired on


def score(data: Dataset, evidence: Evidence, means: Means, *, method: str, eps: float) -> Scored:
    """Order what can be ranked; the rest gets no priority."""
    probs = evidence.pred_probs
    labelled = data.standing >= 0
    ranked = evidence.scorable & labelled
    scores = np.full(len(data), np.nan)
    quality = np.full(len(data), np.nan)
    if ranked.any():
        labels, rows = data.standing[ranked], probs[ranked]
        if method in BY_EVIDENCE:
            scores[ranked] = BY_EVIDENCE[method](data, evidence)[ranked]
        else:
            scores[ranked] = _priority(method, labels, rows, eps, means)
        quality[ranked] = label_quality(labels, rows)
    p_given = np.full(len(data), np.nan)
    given = ranked & (data.given >= 0)
    p_given[given] = probs[given, data.given[given]]
    hard = difficulty(probs)
    near = evidence.neighbours
    groups, absent = alike(data, evidence), not_applicable(data, evidence)
    masks = fired(data, evidence, groups, absent)
    return Scored(
        priority=scores,
        quality=quality,
        p_given=p_given,
        difficulty=hard,
        difficulty_share=_at_least_as_hard(hard),
        offered=suggestions(probs),
        favoured=favoured(np.where(near >= 0, data.standing[near], -1)),
        same=_same_content(data),
        fields=features_of(data.data_type).fields(data),
        signals=packed(masks),
        traces=traces(data, evidence, groups, masks),
        told=told(masks, absent),
    )


def _priority(
    method: str, labels: Labels, rows: Probs, eps: float, means: Means
) -> NDArray[np.float64]:
    """Shard by shard where there are many; a score follows from its own row alone."""
    if method == RANDOM_METHOD:
        return priority(method, labels, rows, rng=np.random.default_rng(means.seed))
    score_shard = method_of(method, eps=eps, threads=means.threads)
    if rows.size <= SHARD_ENTRIES:
        return score_shard(labels, rows)
    step = max(1, SHARD_ENTRIES // rows.shape[1])
    shards = [
        means.pool.submit(score_shard, labels[start : start + step], rows[start : start + step])
        for start in range(0, len(rows), step)
    ]
    return np.concatenate([shard.result() for shard in shards])


def _at_least_as_hard(hard: NDArray[np.float64]) -> NDArray[np.float64]:
    below = np.searchsorted(np.sort(hard), hard, side="left")
    return np.asarray((len(hard) - below) / max(1, len(hard)), dtype=np.float64)


def _same_content(data: Dataset) -> dict[int, tuple[int, int]]:
    """For every group of identical examples: how many, and how many different labels."""
    order = np.argsort(data.content_groups, kind="stable")
    groups, starts, counts = np.unique(
        data.content_groups[order], return_index=True, return_counts=True
    )
    several = counts > 1
    found = {}
    for group, start, count in zip(groups[several], starts[several], counts[several], strict=True):
        labels = data.standing[order[start : start + count]]
        found[int(group)] = (int(count), len(set(labels[labels >= 0].tolist())))
    return found


def rows(
    data: Dataset, evidence: Evidence, scored: Scored, *, run_id: int
) -> Iterator[list[ScoreRow]]:
    """What the `score` table holds, chunk by chunk."""
    for start in range(0, len(data), CHUNK):
        stop = min(start + CHUNK, len(data))
        yield [_row(data, evidence, scored, row, run_id) for row in range(start, stop)]


def _row(data: Dataset, evidence: Evidence, scored: Scored, row: int, run_id: int) -> ScoreRow:
    offered = [
        (data.label_ids[label], round(float(share), _DIGITS))
        for label, share in zip(
            scored.offered.labels[row], scored.offered.probabilities[row], strict=True
        )
    ]
    near = [
        (int(data.example_ids[other]), round(float(likeness), _DIGITS))
        for other, likeness in zip(
            evidence.neighbours[row], evidence.similarities[row], strict=True
        )
        if other >= 0
    ]
    return {
        "run_id": run_id,
        "example_id": int(data.example_ids[row]),
        "priority": _number(scored.priority[row]),
        "quality": _number(scored.quality[row]),
        "difficulty": _number(scored.difficulty[row]),
        "p_given": _number(scored.p_given[row]),
        "suggested_id": offered[0][0],
        "suggestions": offered,
        "neighbours": near[:NEIGHBOURS_SHOWN],
        "facts": _facts(data, scored, row, offered),
        "signals": int(scored.signals[row]),
    }


def _facts(data: Dataset, scored: Scored, row: int, offered: list[Suggestion]) -> Facts:
    """What the desk's sentence is made of, so that no page opens an array."""
    facts: Facts = {
        "difficulty": round(float(scored.difficulty[row]), _DIGITS),
        "difficulty_share": round(float(scored.difficulty_share[row]), _DIGITS),
    }
    if np.isfinite(scored.priority[row]) or data.standing[row] < 0:
        facts["top"], facts["p_top"] = offered[0]
    else:
        facts["not_estimable"] = True
    if np.isfinite(scored.p_given[row]):
        facts["p_given"] = round(float(scored.p_given[row]), _DIGITS)
    if scored.favoured.votes[row] > 0:
        facts["neighbours_used"] = int(scored.favoured.voters[row])
        facts["neighbours_top"] = (
            data.label_ids[scored.favoured.labels[row]],
            int(scored.favoured.votes[row]),
        )
    same = scored.same.get(int(data.content_groups[row]))
    if same is not None:
        facts["same_content"] = same
    if row in scored.fields.unusual:
        facts["unusual"] = scored.fields.unusual[row]
    facts.update(scored.traces.get(row, {}))
    return facts


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
