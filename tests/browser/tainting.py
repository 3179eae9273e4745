"""Hostile words in every field of the database that a person can fill or import.

Every text column is tainted unless it is named in `OURS`, so that new ones are tainted as well.
Each value ends in a mark that says which field and which payload it is: `⟦label.name#12⟧`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any

from sqlalchemy import Column, String, bindparam, select, update
from sqlalchemy.orm import Session

from app.db.types import Table
from tests.browser.everything import report
from tests.browser.payloads import PAYLOADS

MARK = re.compile(r"⟦([\w.]+)#(\d+)⟧")
Write = Callable[[str], str]  # the words for a field of one row

# What Relabel itself writes: hashes, tokens, keys, and words of closed lists.
OURS: dict[str, tuple[str, ...]] = {
    "access_link": ("token_hash",),
    "activity": ("kind",),
    "audit_epoch": ("reason",),
    "batch_member": ("left_why",),
    "blob": ("sha256", "media_type"),
    "data_import": ("mapping_hash", "sha256"),
    "decision": ("content_hash", "idempotency_key", "lease_token"),
    "event": ("body",),
    "example": ("content_hash", "salt"),
    "guideline": ("salt", "subject"),
    "job": ("task", "worker"),
    "lease": ("ended_why", "token"),
    "left_out": ("code",),
    "login_session": ("csrf",),
    "model": ("file", "probabilities", "sha256"),
    "note": ("salt",),
    "person": ("email_key", "password_hash", "pseudonym"),
    "prediction": ("blob", "file", "kind"),
    "project": ("kind", "slug"),
    "project_slug": ("slug",),
    "read_due": ("done_why", "for_role"),
    "recurring_batch": ("every",),
    "reversal": ("idempotency_key",),
    "scoring_run": ("method",),
    "signin_try": ("account_key", "address"),
    "source": ("origin", "type"),
    "worker": ("name",),
}
# What a person can fill in and no page shows today. A field that is shown must leave this list.
NOT_SHOWN = {
    "import.label",
    "job.message",
    "left_out.column",
    "left_out.excerpt",
    "left_out.message",
    "lease.ended_key",
    "source.batch",
    "source.guideline_version",
    "source.model_version",
}
# Shown for one row only, so that each row holds every payload.
ALL_AT_ONCE = {
    "bulk_fix.words",
    "data_import.message",
    "example.field_name",
    "example.field_value",
    "example.meta_name",
    "example.meta_value",
    "probe.words",
    "release.message",
}
# Cut short where it is shown: one payload in each, one after the other.
ONE_BY_ONE = {"import.cell": count()}


def content(was: dict[str, Any], write: Write) -> dict[str, Any]:
    meta = {"meta": [[write("example.meta_name"), write("example.meta_value")]]}
    if "image" in was:
        return was | meta
    if "fields" in was:
        fields = [[write("example.field_name"), write("example.field_value"), True]]
        return {"fields": fields} | meta
    return {"text": write("example.text")} | meta


JSONS: dict[str, Callable[[Any, Write], Any]] = {
    "example.content": content,
    "example.columns": lambda was, write: {
        write("example.column_name"): write("example.column_value")
    },
    "label.synonyms": lambda was, write: [write("label.synonyms")],
    "data_import.report": lambda was, write: report(write) if was else was,
    "activity.detail": lambda was, write: was | {"name": write("activity.name")},
}


def taint(session: Session) -> set[str]:
    """Fill every field of every row; the names of the fields."""
    fields: set[str] = set()
    for table in Table.metadata.sorted_tables:
        keys = list(table.primary_key.columns)
        wanted = [column for column in table.columns if column not in keys and _theirs(column)]
        if not wanted:
            continue
        rows = session.execute(select(*keys, *wanted).order_by(*keys)).all()
        fields |= {str(column) for column in wanted if str(column) not in JSONS}
        if rows:
            values = [
                _tainted(table, row, place, len(rows), fields) for place, row in enumerate(rows)
            ]
            where = [key == bindparam(f"key_{key.name}") for key in keys]
            session.connection().execute(update(table).where(*where), values)
    return fields


def _theirs(column: Column[Any]) -> bool:
    """Whether people fill this column; `Word` is a closed list, and other JSON is made by us."""
    if column.name in OURS.get(column.table.name, ()):
        return False
    return isinstance(column.type, String) or str(column) in JSONS


def _tainted(table: Any, row: Any, place: int, rows: int, fields: set[str]) -> dict[str, Any]:
    """One row's new values. The first row and the few of small tables hold every payload."""

    def write(field: str) -> str:
        fields.add(field)
        every = place == 0 or rows < len(PAYLOADS) or field in ALL_AT_ONCE
        one = next(ONE_BY_ONE[field]) if field in ONE_BY_ONE else place
        alone = field in ONE_BY_ONE or not every
        which = [one % len(PAYLOADS)] if alone else range(len(PAYLOADS))
        return " ".join(f"{PAYLOADS[number]}⟦{field}#{number}⟧" for number in which) + f" {place}"

    keys = {key.name for key in table.primary_key.columns}
    values: dict[str, Any] = {}
    for name, was in row._mapping.items():
        field = f"{table.name}.{name}"
        if name in keys:
            values[f"key_{name}"] = was
        elif was is None:
            values[name] = None
        else:
            values[name] = JSONS[field](was, write) if field in JSONS else write(field)
    return values
