"""Examples that a person names by their own ids."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.visible import visible_imports
from app.db.parts import parts
from app.db.tables.datasets import Example
from app.errors import NotFound


def examples_by_key(session: Session, project_id: int, keys: Sequence[str]) -> list[int]:
    """Their numbers, or which of them is none."""
    wanted = [key for one in keys if (key := one.strip())]
    found: dict[str, int] = {}
    for some in parts(list(dict.fromkeys(wanted))):
        query = select(Example.key, Example.id).where(
            Example.project_id == project_id,
            Example.import_id.in_(visible_imports(project_id)),
            Example.key.in_(some),
        )
        found |= dict(session.execute(query).all())
    missing = next((key for key in wanted if key not in found), None)
    if missing is not None or not wanted:
        raise NotFound(
            f"No example here has the id “{missing[:80]}”." if missing else "No id is named.",
            next_step="Copy it from the list of examples, one a line.",
        )
    return [found[key] for key in dict.fromkeys(wanted)]
