"""Whether the first row of a table holds names, or is the first example already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.datasets.roles import ROLES
from app.datasets.row_shape import few_of, is_number
from app.datatypes.column_role import ColumnRole

_DATE = re.compile(r"\d{4}-\d\d-\d\d.*")
_LONGEST_NAME = 80
_LONG = 15  # letters of a value that is a text rather than a code
_ENOUGH = 3  # rows below it, before what they have in common says anything
_USUAL = frozenset(name for role in ROLES.values() for name in (role.name, *role.usual_names))
_OTHERS = """
    name title body description date time timestamp created created_at updated_at url link
    file filename path score rating stars count number no nr value type status language lang
    country city email phone user_id username comment note notes remarks probability
    confidence length answer question premise hypothesis sentence1 sentence2 summary topic
    domain row
"""
_TYPICAL = _USUAL.union(_OTHERS.split())


class FirstRow(NamedTuple):
    """What the first row looks like: whether to ask at all, and what is likelier."""

    odd: bool
    data: bool


def judged(header: Sequence[str], below: Sequence[Sequence[str]]) -> FirstRow:
    """Compare the first row with those below it."""
    if not below or list(header) == list(below[0]):
        return FirstRow(odd=False, data=False)
    votes = [_vote(name, _column(below, at)) for at, name in enumerate(header)]
    known = any(_plain(name) in _TYPICAL for name in header)
    alike = max(votes, default=0) > 0 and min(votes) >= 0
    odd = _odd(header, below[0]) or (alike and not known)
    return FirstRow(odd, alike and not known)


def is_known(name: str, role: ColumnRole | None = None) -> bool:
    """Whether a name is one that a role, or this one, goes by."""
    return _plain(name) in (_USUAL if role is None else (role.name, *role.usual_names))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _column(below: Sequence[Sequence[str]], at: int) -> list[str]:
    return [cells[at].strip() for cells in below if len(cells) > at and cells[at].strip()]


def _vote(name: str, values: list[str]) -> int:
    """1 if a name looks like the values below it, -1 if it surely does not, else 0."""
    name = name.strip()
    if not name or not values:
        return 0
    numbers = all(map(is_number, values))
    if numbers or is_number(name):
        return (1 if is_number(name) else -1) if numbers else 0
    few = few_of(values)
    lengths = sorted(map(len, values))
    if few is not None and len(values) >= _ENOUGH:
        return 1 if name in few else -1 if len(few) > 1 else 0
    if lengths[len(lengths) // 2] >= _LONG and " " in values[0]:
        return _like_texts(name, lengths)
    if len(values) < _ENOUGH:
        return 0
    digits = all(re.search(r"\d", value) for value in values)
    if digits:
        same = {_pattern(value) for value in values}
        return 1 if _pattern(name) in same else 0 if re.search(r"\d", name) else -1
    return 0


def _like_texts(name: str, lengths: list[int]) -> int:
    if " " not in name:
        return -1
    return 1 if lengths[0] / 2 <= len(name) <= lengths[-1] * 1.5 else 0


def _pattern(value: str) -> str:
    """What kind of characters follow each other: A-17 as Aa-9."""
    letters = re.sub(r"[^\W\d_]+", "a", value)
    return re.sub(r"\d+", "9", letters)


def _odd(header: Sequence[str], second: Sequence[str]) -> bool:
    """Numbers, dates, very long names, or a value that comes again below."""
    filled = [name.strip() for name in header if name.strip()]
    if any(is_number(name) or _DATE.fullmatch(name) for name in filled):
        return any(not re.fullmatch(r"\d+", name) for name in filled) or not _counts(filled)
    if any(len(name) > _LONGEST_NAME for name in filled):
        return True
    return any(a.strip() and a == b for a, b in zip(header, second, strict=False))


def _counts(names: list[str]) -> bool:
    """Columns called 0, 1, 2, … are names."""
    return [int(name) for name in names] in (
        list(range(len(names))),
        list(range(1, len(names) + 1)),
    )
