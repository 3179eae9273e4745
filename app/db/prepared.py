"""Statements of the hot path are built once and run with their parameters, past the ORM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.orm import Session

Parameters = Mapping[str, Any]


def run(
    session: Session,
    statement: Executable,
    parameters: Parameters | Sequence[Parameters] | None = None,
) -> CursorResult[Any]:
    """Execute in the session's transaction; pending objects are not flushed first."""
    return session.connection().execute(statement, parameters)
