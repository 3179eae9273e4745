"""A column for each annotator (`label_1`, `label_2`, `rater_a`): told apart by their endings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from app.datasets.rows import Values
from app.datasets.shapes.shape import Flat, Judged, Shape

MOST = "*"
"""The answer that takes the most frequent of them as the label."""

_ENDING = re.compile(r"(.+?)(?:[\s_.-]*[0-9]+|[\s_.-]+[A-Za-z])")
_WORDS = re.compile(r"label|annot|\bann\b|rater|rating|coder|judge|worker|vote|expert|reviewer")


def columns_of_annotators(columns: Sequence[str], sample: Sequence[Values]) -> tuple[str, ...]:
    """The largest group of columns with one name but for its end, and values in common."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in columns:
        found = _ENDING.fullmatch(name)
        if found and _WORDS.search(found[1].lower()):
            groups[found[1].lower()].append(name)
    several = [group for group in groups.values() if len(group) > 1 and _agree(group, sample)]
    largest: list[str] = max(several, key=len, default=[])
    return tuple(largest)


def _agree(group: Sequence[str], sample: Sequence[Values]) -> bool:
    first, *others = [{row.get(name) for row in sample} - {None, ""} for name in group]
    return all(first & other for other in others)


def wide_shape(columns: Sequence[str]) -> Shape:
    """The shape of a table with these columns of annotators; it is asked for, never guessed."""
    return Shape(
        name="wide",
        words=f"table with {len(columns)} columns of annotators",
        unit="rows",
        recognises=lambda sample: True,
        flat=lambda row: Flat({}, [Judged(name, row.get(name) or None) for name in columns]),
        roles=lambda row: {},
        judged_in=columns,
    )
