"""Who asks in a bench: the people it made, each as a caller of the actions."""

from __future__ import annotations

import random
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.people import who_of
from app.actions.turn import Caller
from app.db.tables.accounts import Person


def caller(session: Session, person_id: int, *, now: datetime) -> Caller:
    """This person, with the same chance in every run."""
    return Caller(session, who_of(session.get_one(Person, person_id)), now, random.Random(1))
