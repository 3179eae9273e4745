"""The list of labels a lead may give: names for codes, and labels no example has."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from app.datasets.findings import BadRow, Findings, Stop
from app.datasets.formats.opening import open_table
from app.datasets.label_check import MOST_LABELS
from app.datasets.names import LONGEST_LABEL, flaw_of_label
from app.datasets.report import ListedLabel
from app.datasets.rows import Table

_CODES = ("code", "id", "value", "index")


def read_label_list(path: Path, name: str) -> list[ListedLabel]:
    """Read a table with name[, code or id][, description][, synonyms]."""
    with open_table(path, name, Findings({"W107": "names"})) as table:
        return _labels_of(table)


def listed_by_number(names: Sequence[str]) -> list[ListedLabel]:
    """A list out of names whose codes are their places, as a file may hold it itself."""
    if any(flaw_of_label(name) or name != name.strip() for name in names):
        return []
    return [
        {
            "name": unicodedata.normalize("NFC", name),
            "code": str(place),
            "description": "",
            "synonyms": [],
        }
        for place, name in enumerate(names)
    ]


def _labels_of(table: Table) -> list[ListedLabel]:
    lower = {column.lower().strip(): column for column in table.columns}
    column = lower.get("name") or lower.get("label")
    if column is None:
        if len(table.columns) != 1:
            raise Stop("E306", reason=f"there is no column name in {', '.join(table.columns[:20])}")
        column = table.columns[0]
    code = next((lower[word] for word in _CODES if word in lower), None)
    labels: list[ListedLabel] = []
    seen: dict[str, int] = {}
    for row, values in table.rows:
        if isinstance(values, BadRow):
            raise Stop("E306", reason=f"row {row} cannot be read ({values.code})")
        label = _label(values, column, code, lower, row)
        for form in {label["name"], label["code"]} - {""}:
            if form in seen:
                raise Stop("E306", reason=f"{form} stands in row {seen[form]} and in row {row}")
            seen[form] = row
        labels.append(label)
        if len(labels) > MOST_LABELS:
            raise Stop("E305", column=column, most=MOST_LABELS)
    if not labels:
        raise Stop("E306", reason="it is empty")
    return labels


def _label(
    values: dict[str, str | None], column: str, code: str | None, lower: dict[str, str], row: int
) -> ListedLabel:
    name = unicodedata.normalize("NFC", values.get(column) or "").strip()
    flaw = flaw_of_label(name)
    if flaw:
        what = "has no name" if name == "" else f"has a name of {flaw}"
        raise Stop("E306", reason=f"row {row} {what}; 1 to {LONGEST_LABEL} characters fit")
    synonyms = values.get(lower.get("synonyms", "")) or ""
    parts = synonyms.strip("[]").replace('"', "").replace("|", ",").replace(";", ",").split(",")
    return {
        "name": name,
        "code": ((values.get(code) or "").strip() if code else "")[:LONGEST_LABEL],
        "description": values.get(lower.get("description", "")) or "",
        "synonyms": [part.strip() for part in parts if part.strip()],
    }
