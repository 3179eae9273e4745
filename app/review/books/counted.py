"""In which batch an answer counts: told once, as it is written, so that progress is one index."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, select

from app.db.tables.audit import Serve
from app.db.tables.review import BatchMember
from app.db.types import BigId
from app.db.words import ReadReason

# Parameters beside those that are named as the columns of the answer.
_PROJECT, _EXAMPLE, _SERVE = "in_project", "of_example", "of_serve"
_FIRST, _PRACTISED = "first_in", "practised_in"
NOT_COUNTED: dict[str, int | None] = dict.fromkeys((_PROJECT, _EXAMPLE, _SERVE, _FIRST, _PRACTISED))
"""Of an answer that came with that to a copy."""


class CountedAt(NamedTuple):
    """Where an answer was given: in a batch or in none, to a serve of its example or to none."""

    project_id: int
    example_id: int
    batch_id: int | None
    serve_seq: int | None

    def values(self, reason: ReadReason) -> dict[str, int | None]:
        """What `counted_batch` asks for."""
        first, known = reason is ReadReason.FIRST, reason is ReadReason.KNOWN
        return {
            _PROJECT: self.project_id,
            _EXAMPLE: self.example_id,
            _SERVE: self.serve_seq if first else None,
            _FIRST: self.batch_id if first else None,
            _PRACTISED: self.batch_id if known else None,
        }


def counted_batch() -> ColumnElement[int | None]:
    """Of a first read: the batch of its serve, or that of its answer where the serve has none.

    Who puts an example aside may have it answered at the desk of another batch, or in none. A known
    answer counts in the practice batch that it is a member of: it was served long before.
    """
    project, example, serve, first, practised = (
        bindparam(name, type_=BigId) for name in NOT_COUNTED
    )
    of_serve = select(Serve.batch_id).where(
        Serve.project_id == project, Serve.serve_seq == serve, Serve.example_id == example
    )
    practice = select(BatchMember.batch_id).where(
        BatchMember.batch_id == practised, BatchMember.example_id == example
    )
    return func.coalesce(of_serve.scalar_subquery(), first, practice.scalar_subquery())
