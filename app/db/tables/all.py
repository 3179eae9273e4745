"""Every table, so that migrations and tests see the whole schema."""

from app.db.tables import (
    accounts,
    audit,
    datasets,
    guidelines,
    jobs,
    models,
    planned,
    ranking,
    releases,
    review,
)
from app.db.types import Table

APPEND_ONLY = ("event", "decision", "reversal")

metadata = Table.metadata

__all__ = [
    "APPEND_ONLY",
    "accounts",
    "audit",
    "datasets",
    "guidelines",
    "jobs",
    "metadata",
    "models",
    "planned",
    "ranking",
    "releases",
    "review",
]
