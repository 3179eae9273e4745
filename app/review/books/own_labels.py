"""A source is a member: from then on they judge none of the labels it gave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.db.log import ProjectLock
from app.db.tables.datasets import Source
from app.db.words import WhyEnded
from app.review.books.leaving import give_up


def link(
    lock: ProjectLock, sources: Iterable[Source], person_id: int | None, *, now: datetime
) -> list[Source]:
    """Say whose labels these are, nobody's if None; returns those that were another's before.

    What the member holds of them goes to others at once, and what nobody else may read to the
    leads.
    """
    changed = [source for source in sources if source.person_id != person_id]
    for source in changed:
        source.person_id = person_id
    lock.session.flush()
    if changed and person_id is not None:
        give_up(lock, person_id, why=WhyEnded.OWN_LABEL, now=now)
    return changed
