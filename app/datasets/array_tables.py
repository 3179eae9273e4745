"""Arrays that come as tables: CSV, TSV, JSONL or Parquet with an id and named columns."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.formats.opening import open_table
from app.datasets.formats.registry import format_named
from app.datasets.rows import Table, Values

_IDS = ("id", "ids", "key", "example_id", "uuid")
_COMMA = re.compile(r"[-+]?\d+,\d+(e[-+]?\d+)?", re.IGNORECASE)


def read_array_table(
    path: Path, name: str, kind: str, findings: Findings
) -> tuple[list[str] | None, list[str], NDArray[np.float32]]:
    """Ids if there is such a column, the names of the others, and their numbers."""
    file_name = name if format_named(name) else ""  # else a model's name, which has no ending
    choices = {"W107": "names", **findings.choices}
    with open_table(path, file_name, Findings(choices)) as table:
        return _array_of(table, kind)


def _array_of(table: Table, kind: str) -> tuple[list[str] | None, list[str], NDArray[np.float32]]:
    column = next((known for known in table.columns if known.lower() in _IDS), None)
    names = [known for known in table.columns if known != column]
    ids: list[str] = []
    rows: list[NDArray[np.float32]] = []
    for row, values in table.rows:
        if isinstance(values, BadRow):
            raise Stop(values.code, **({"row": row} | values.fields))
        if column is not None:
            ids.append(values.get(column) or "")
        rows.append(_numbers(values, names, row, kind))
    if not rows:
        raise Stop("E106")
    return ids if column is not None else None, names, np.stack(rows)


def _numbers(values: Values, names: list[str], row: int, kind: str) -> NDArray[np.float32]:
    try:
        return np.array([float(values[name] or "nan") for name in names], dtype=np.float32)
    except (ValueError, KeyError) as error:
        for name in names:
            value = values.get(name) or ""
            shown = excerpt_of(value)
            if _COMMA.fullmatch(value.strip()):
                raise Stop("E104", column=name, row=row, excerpt=shown) from error
            if not value or not _is_number(value):
                raise Stop("E509", column=name, row=row, excerpt=shown, kind=kind) from error
        raise


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
