"""Turns for tests of the rooms below the actions, opened and saved as actions do it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.accounts.turn import Turn
from app.db.engine import writing
from app.db.log import lock_project


@contextmanager
def turn_of(
    session: Session, member: Member, *, now: datetime, rng: random.Random | None = None
) -> Iterator[Turn]:
    """A turn of this person in the project they take part in."""
    turn = Turn(lock_project(session, member.project_id), member, now, rng or random.Random(1))
    yield turn
    turn.lock.save()


@contextmanager
def acting(
    engine: Engine, member: Member, *, now: datetime, rng: random.Random | None = None
) -> Iterator[Turn]:
    """The same in a transaction of its own."""
    with writing(engine) as session, turn_of(session, member, now=now, rng=rng) as turn:
        yield turn
