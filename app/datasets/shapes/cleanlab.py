"""cleanlab: a table of issues (`Datalab.get_issues`, `find_label_issues`), alone or beside data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.datasets.roles import LABEL
from app.datasets.rows import Values
from app.datasets.shapes.shape import Flat, Shape, present

_ISSUE = re.compile(r"is_(\w+)_issue")
_GIVEN = "given_label"
_SCORES = ("label_score", "label_quality")
_SAID = frozenset({"predicted_label", "near_duplicate_sets", "distance_to_nearest_neighbor"})
_INDEX = re.compile(r"column 1|Unnamed: \d+|__index_level_\d+__|index|")  # of pandas, saved along


def columns_of_issues(columns: Iterable[str]) -> tuple[str, ...]:
    """Those that cleanlab adds: whether a row has an issue, how sure that is, what is likelier."""
    names = list(columns)
    kinds = [found[1] for name in names if (found := _ISSUE.fullmatch(name))]
    if not kinds:
        return ()
    scores = {*_SCORES, *(f"{kind}_score" for kind in kinds)}
    issues = [name for name in names if _ISSUE.fullmatch(name)]
    added = [name for name in names if name in scores or name in _SAID]
    alone = set(names) <= {*issues, *added, _GIVEN} | {
        name for name in names if _INDEX.fullmatch(name)
    }
    index = [name for name in names if alone and _INDEX.fullmatch(name)]
    return (*index, *issues, *added) if added or alone else ()


def _recognises(sample: Sequence[Values]) -> bool:
    return all(columns_of_issues(row) for row in sample)


def _roles(row: Values) -> dict[str, str]:
    """The file's own column of labels goes first: what cleanlab was given may be its numbers."""
    own = {name.lower() for name in row} & set(LABEL.usual_names) - {_GIVEN}
    return {} if own else present(row, label=(_GIVEN,))


def _beside(columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in ("predicted_label", *_SCORES) if name in columns)


CLEANLAB = Shape(
    name="cleanlab",
    words="table of issues by cleanlab",
    unit="rows",
    recognises=_recognises,
    flat=lambda row: Flat({}, []),
    roles=_roles,
    judges=False,
    adds=columns_of_issues,
    beside=_beside,
    without_content="E144",
)
