"""Who asks for examples, in which batch, and the parameters of the statements that answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from app.accounts.turn import Turn
from app.db.log import ProjectLock
from app.db.types import UtcDateTime
from app.review.batches.batch import Batched
from app.review.books.may import reads_of, role_of

ME: Any = bindparam("me")
PROJECT: Any = bindparam("project")
BATCH: Any = bindparam("batch")
NOW = bindparam("now", type_=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Desk:
    """A turn in which examples are handed out: at a batch's desk or grid, or in no batch at all."""

    turn: Turn
    batch: Batched | None
    on_grid: bool = False

    @property
    def lock(self) -> ProjectLock:
        return self.turn.lock

    @property
    def session(self) -> Session:
        return self.turn.lock.session

    @property
    def batch_id(self) -> int | None:
        return self.batch.id if self.batch is not None else None

    def asked(self, **more: object) -> dict[str, object]:
        """The parameters of every statement a claim runs."""
        return {
            "me": self.turn.member.person_id,
            "project": self.lock.project_id,
            "batch": self.batch_id,
            "now": self.turn.now,
            "epoch": self.lock.epoch_id,
            "run": self.lock.run_id,
            **more,
        }

    @property
    def roles(self) -> tuple[str, ...]:
        """Whose due reads this person may do."""
        return reads_of(role_of(self.turn.member))
