"""The pool of the open audit: an unserved example leaves it through a serve, and no other way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, select

from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.audit import AuditKey, Serve

_epoch: Any = bindparam("epoch")
_example: Any = bindparam("example")


class Unserved(RuntimeError):
    """An example of the open pool would be decided without a serve: the audit could draw it yet."""


def in_pool(epoch_id: Any, example_id: Any) -> ColumnElement[bool]:
    """Whether an example is among those that the audit of this epoch draws from, served or not."""
    return exists().where(AuditKey.epoch_id == epoch_id, AuditKey.example_id == example_id)


_UNSERVED = select(
    in_pool(_epoch, _example)
    & ~exists().where(Serve.epoch_id == _epoch, Serve.example_id == _example)
)


def check_served(lock: ProjectLock, example_id: int, serve_seq: int | None) -> None:
    """Refuse to record a decision on an example that was never served in the open epoch."""
    if serve_seq is None and is_unserved(lock, example_id):
        raise Unserved(f"example {example_id} of project {lock.project_id} was never served")


def is_unserved(lock: ProjectLock, example_id: int) -> bool:
    """Whether an example still waits in the open pool."""
    if lock.epoch_id is None:
        return False
    asked = {"epoch": lock.epoch_id, "example": example_id}
    return bool(run(lock.session, _UNSERVED, asked).scalar())
