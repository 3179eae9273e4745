"""An act of several transactions: each is opened when its turn has come."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from app.accounts.people import Who
from app.actions.turn import Caller
from app.db.engine import reading, writing


@dataclass(frozen=True, slots=True)
class Errand:
    """Who asks for something that no single transaction may hold, such as keeping a large file."""

    engine: Engine
    who: Who
    now: datetime
    rng: random.Random

    @contextmanager
    def acting(self) -> Iterator[Caller]:
        with writing(self.engine) as session:
            yield Caller(session, self.who, self.now, self.rng)

    @contextmanager
    def looking(self) -> Iterator[Caller]:
        with reading(self.engine) as session:
            yield Caller(session, self.who, self.now, self.rng)
