"""A turn: one act in a project, under its lock."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.db.log import ProjectLock


@dataclass(frozen=True, slots=True)
class Turn:
    """Who acts in which project, when, under which lock, and with which chance.

    Opened by an action, which saves the lock at its end; the rooms below are handed it.
    """

    lock: ProjectLock
    member: Member
    now: datetime
    rng: random.Random

    @property
    def session(self) -> Session:
        return self.lock.session

    @property
    def project_id(self) -> int:
        return self.lock.project_id


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, when, with which chance; nobody: from the console."""

    person_id: int | None
    pseudonym: str | None
    now: datetime
    rng: random.Random

    @classmethod
    def of(cls, turn: Turn) -> By:
        return cls(turn.member.person_id, turn.member.pseudonym, turn.now, turn.rng)

    @classmethod
    def console(cls, now: datetime) -> By:
        """Whoever holds the machine."""
        return cls(None, None, now, random.SystemRandom())
