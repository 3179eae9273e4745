"""What an import brings about: a new audit epoch, and a new ranking."""

from __future__ import annotations

import random

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.audit.epochs import prepare_epoch, start_epoch, write_keys
from app.db.engine import database_now, writing
from app.ranking.runs import start_scoring


class Following:
    """Told by an import before and after its rows are shown."""

    def __init__(self, created_by: int | None = None) -> None:
        self._created_by = created_by
        self._epoch_id = 0

    def prepare(self, engine: Engine, project_id: int, import_id: int) -> None:
        """Write fresh keys in chunks while the old epoch still runs."""
        rng = random.SystemRandom()
        with writing(engine) as session:
            self._epoch_id = prepare_epoch(session, project_id, reason="import")
        after: int | None = 0
        while after is not None:
            with writing(engine) as session:
                after = write_keys(
                    session, self._epoch_id, after=after, rng=rng, import_id=import_id
                )

    def after_import(self, session: Session, project_id: int, import_id: int) -> None:
        """In the transaction that shows the rows: open the epoch, ask for a ranking."""
        now = database_now(session)
        start_epoch(session, self._epoch_id, now=now)
        start_scoring(session, project_id, created_by=self._created_by, now=now)
