"""Who gave the labels before import: one row for each distinct origin."""

from __future__ import annotations

import hashlib

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.dialects import insert_or_skip
from app.db.tables.datasets import Source


def origin_of(kind: str, name: str) -> str:
    """SHA-256 of what tells one source from another."""
    what = {
        "batch": "",
        "guideline_version": "",
        "made_at": None,
        "model_version": "",
        "name": name,
        "type": kind,
    }
    return hashlib.sha256(orjson.dumps(what, option=orjson.OPT_SORT_KEYS)).hexdigest()


def source_ids(
    session: Session, project_id: int, names: set[str], *, kind: str = "unknown"
) -> dict[str, int]:
    """Ids of these sources by name; those that are new are made in this transaction."""
    origins = {origin_of(kind, name): name for name in sorted(names)}
    if not origins:
        return {}
    rows = [
        {"project_id": project_id, "origin": origin, "type": kind, "name": name}
        for origin, name in origins.items()
    ]
    session.execute(insert_or_skip(session, Source), rows)
    stored = session.execute(
        select(Source.origin, Source.id).where(
            Source.project_id == project_id, Source.origin.in_(origins)
        )
    )
    return {origins[origin]: source_id for origin, source_id in stored}
