"""What an answer, a given and a final label are everywhere: a sorted tuple of label ids.

Standard library only: `relabel verify` replays a log with it, offline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LabelSet = tuple[int, ...]
"""Label ids, sorted, each once. Empty: no label."""


def label_set(label_id: int | None) -> LabelSet:
    """The set of a single-label column, where None stands for no label."""
    return () if label_id is None else (label_id,)


def single(labels: LabelSet) -> int | None:
    """The other way: what a single-label column holds of a set."""
    return labels[0] if labels else None


def current(label: int, mapping: Mapping[int, int]) -> int:
    """The label that stands for this one now: retired labels lead to what replaced them."""
    seen = {label}
    while label in mapping and mapping[label] not in seen:
        label = mapping[label]
        seen.add(label)
    return label


def mapped(labels: Iterable[int], mapping: Mapping[int, int]) -> LabelSet:
    """Each label's current one, as a set: two that were merged count once."""
    return tuple(sorted({current(label, mapping) for label in labels}))
