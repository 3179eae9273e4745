"""Who asks for examples, in which batch, and the parameters of the statements that answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam
from sqlalchemy.orm import Session

from app.db.log import ProjectLock
from app.db.tables.review import Batch
from app.db.types import UtcDateTime
from app.db.words import Role
from app.review.books.may import reads_of

if TYPE_CHECKING:
    from app.accounts.membership import Member

ME: Any = bindparam("me")
PROJECT: Any = bindparam("project")
BATCH: Any = bindparam("batch")
NOW = bindparam("now", type_=UtcDateTime)


@dataclass(frozen=True)
class Desk:
    """Who asks, in which batch, under the project's lock."""

    session: Session
    held: ProjectLock
    member: Member
    batch: Batch | Row[Any] | None
    now: datetime
    rng: random.Random
    on_grid: bool = False

    def asked(self, **more: Any) -> dict[str, Any]:
        """The parameters of every statement a claim runs."""
        return {
            "me": self.member.person_id,
            "project": self.held.project_id,
            "batch": self.batch.id if self.batch is not None else None,
            "now": self.now,
            "epoch": self.held.epoch_id,
            "run": self.held.run_id,
            **more,
        }

    @property
    def roles(self) -> tuple[str, ...]:
        """Whose due reads this person may do."""
        return reads_of(Role.LEAD if self.member.is_admin else self.member.role or Role.REVIEWER)


def is_grid(batch: Any) -> bool:
    """Whether first reads of a batch are pages of tiles."""
    return batch is not None and batch.rule.get("by") == "grid"
