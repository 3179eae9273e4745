"""Lines above a table that are no rows of it: comments, a title, where an export came from."""

from __future__ import annotations

from collections.abc import Sequence

from app.datasets.dialect import ONE_COLUMN, SEPARATORS, Dialect, Trial, find_dialect, tried
from app.datasets.header_row import is_known

_MOST = 20
_LOOKED_AT = 120  # lines of the sample; the whole is looked at for what is asked in the end
_FEWEST_ROWS = 2
_COMMENT = "#"


def lines_above(sample: Sequence[str], found: Dialect, said: Dialect) -> int:
    """How many of the first lines stand above the names; 0 where the first line may be them.

    One line without a separator is left to who reads rows: a title in a cell of its own.
    """
    lines = list(sample[:_LOOKED_AT])
    first = tried(found, lines[:1], whole=True).records
    if not first or len(first[0]) > 1:
        return 0
    for above in range(1, min(_MOST, len(lines) - _FEWEST_ROWS) + 1):
        if not any(mark in lines[above] for mark in SEPARATORS):
            continue
        dialect = find_dialect(lines[above:], said)
        below = tried(dialect, lines[above:], whole=False)
        if dialect.separator != ONE_COLUMN and _is_table(below):
            if above == 1 and dialect.separator == found.separator:
                return 0
            apart = [_filled(line, dialect) <= 1 for line in lines[:above]]
            return above if all(apart) and _surely(lines[:above], below) else 0
    return 0


def _is_table(trial: Trial) -> bool:
    return len(trial.records) > _FEWEST_ROWS and len(trial.records[0]) > 1 and trial.even() == 1


def _filled(line: str, dialect: Dialect) -> int:
    records = tried(dialect, [line], whole=True).records
    return sum(bool(cell.strip()) for cell in records[0]) if records else 0


def _surely(above: Sequence[str], below: Trial) -> bool:
    """Whether what follows are names: they are known, or comments stand above them."""
    commented = all(line.startswith(_COMMENT) or not line.strip() for line in above)
    return commented or any(is_known(name.strip()) for name in below.records[0])
