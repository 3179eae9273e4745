"""What the columns of a file mean: given by the lead, guessed where nothing was said."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.datasets.findings import Stop

MOST_ROLE_LETTERS = {"split": 80, "source": 200, "group": 200}
_NAMES = {
    "text": "text sentence content document utterance question review body title message comment",
    "image": "image file filename file_name path img image_path image_file picture",
    "label": "label labels class category target intent y gold annotation given_label tag",
    "id": "id key example_id uuid idx guid index row_id item_id",
    "split": "split fold subset set partition",
    "source": "source annotator annotator_id labeler labeller vendor worker worker_id author",
    "group": "group group_id session patient subject user document_id",
}
SINGLE_ROLES = tuple(_NAMES)


@dataclass(frozen=True)
class Roles:
    """Which column plays which part; `fields` are the columns of a tabular example."""

    text: str | None = None
    image: str | None = None
    label: str | None = None
    id: str | None = None
    split: str | None = None
    source: str | None = None
    group: str | None = None
    fields: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {role: getattr(self, role) for role in SINGLE_ROLES} | {
            "fields": list(self.fields),
            "metadata": list(self.metadata),
        }


def clean_mapping(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what says nothing, so that equal intentions have equal hashes."""
    return {
        key: clean_mapping(value) if isinstance(value, dict) else value
        for key, value in mapping.items()
        if value not in (None, "", [], {})
    }


def mapping_hash(mapping: Mapping[str, Any]) -> str:
    return hashlib.sha256(
        orjson.dumps(clean_mapping(mapping), option=orjson.OPT_SORT_KEYS)
    ).hexdigest()


def roles_of(
    mapping: Mapping[str, Any], columns: Sequence[str], sample: Sequence[Mapping[str, Any]]
) -> Roles:
    """The roles the mapping names, and guesses for the rest if it allows them.

    A role named "-" is left empty on purpose.
    """
    named = {role: mapping.get(role) for role in SINGLE_ROLES}
    for role, column in named.items():
        _check_there(column, columns, nested=role in ("text", "label", "id"))
    fields = tuple(mapping.get("columns") or ())
    metadata = tuple(mapping.get("metadata") or ())
    for column in (*fields, *metadata):
        _check_there(column, columns, nested=False)
    taken = {column for column in (*named.values(), *fields, *metadata) if column}
    if mapping.get("guess"):
        kind = mapping.get("type") or "text"
        for role in SINGLE_ROLES:
            if named[role] is None and role not in {"text": ["image"], "image": ["text"]}.get(
                kind, ["text", "image"]
            ):
                found = _guess(role, [name for name in columns if name not in taken], sample)
                named[role] = found
                taken |= {found} if found else set()
        if kind == "tabular" and not fields:
            fields = tuple(name for name in columns if name not in taken)
    chosen = {role: None if column == "-" else column for role, column in named.items()}
    return Roles(**chosen, fields=fields, metadata=metadata)


def need_content(roles: Roles, kind: str, columns: Sequence[str]) -> None:
    """Stop when there is nothing to show a reviewer."""
    missing = {
        "text": roles.text is None,
        "image": roles.image is None,
        "tabular": not roles.fields,
    }[kind]
    if missing:
        raise Stop("E109", column=f"for the {kind}", columns=", ".join(columns[:50]))


def _check_there(column: str | None, columns: Sequence[str], *, nested: bool) -> None:
    if not column or column == "-" or column in columns:
        return
    if nested and "." in column and column.split(".")[0] in columns:
        return
    raise Stop("E109", column=column, columns=", ".join(columns[:50]))


def _guess(role: str, columns: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> str | None:
    plain = {re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"): name for name in columns}
    for name in _NAMES[role].split():
        if name in plain:
            return plain[name]
    if role == "text":
        return _longest(columns, sample)
    return None


def _longest(columns: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> str | None:
    """The column with the longest values, if they are words rather than codes."""
    best, longest = None, 0.0
    for name in columns:
        values = [str(row.get(name) or "") for row in sample]
        mean = sum(map(len, values)) / max(1, len(values))
        if mean > longest and any(" " in value or len(value) > 20 for value in values):
            best, longest = name, mean
    if best is None and len(columns) == 1:
        return columns[0]
    return best
