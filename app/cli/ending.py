"""What a command says that could not do what it was asked."""

from __future__ import annotations

from app.cli.screen import errors
from app.db.failures import OUT_OF_RANGE, failure_of, out_of_range
from app.errors import Failure


def failure_met(error: Exception) -> Failure | None:
    """Say what happened and what to do next; None for a mistake of ours, which says nothing."""
    failure = out_of_range() if isinstance(error, OUT_OF_RANGE) else failure_of(error)
    if failure is None:
        return None
    errors.print(failure.in_full, markup=False)
    if failure.next_step:
        errors.print(failure.next_step, markup=False)
    return failure
