"""How many labels are still wrong, as far as it is known, and to whom it may be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.db.tables.audit import Estimate
from app.db.tables.datasets import Project
from app.noise.stopping import draws_needed, is_shown
from app.review.books.own_reads import first_in_hand

FEWEST_CHECKS = 100
"""Under so many random checks the interval is so wide that its middle says nothing."""


class Known(StrEnum):
    """How much the random checks say by now."""

    NOTHING = "nothing"  # no example has a label
    UNCHECKED = "unchecked"  # no random check is decided
    EARLY = "early"
    TOLD = "told"
    ALL_READ = "all_read"
    IN_HAND = "in_hand"  # who looks holds examples it knows of
    CONFLICT = "conflict"  # the checks do not behave as random ones would


class Band(StrEnum):
    """What a share of wrong labels means for who trains on them."""

    SAFE = "safe"
    MANAGEABLE = "manageable"
    MITIGATE = "mitigate"
    BROKEN = "broken"


BANDS = (
    (0.0, Band.SAFE),
    (0.01, Band.MANAGEABLE),
    (0.05, Band.MITIGATE),
    (0.10, Band.BROKEN),
)
"""The share where each begins; it ends where the next one does."""


def band_of(share: float) -> Band:
    return next(band for start, band in reversed(BANDS) if share >= start)


@dataclass(frozen=True, slots=True)
class Health:
    """Wrong labels left, as of one place of the log; all counts are labels."""

    row: Estimate
    behind: bool  # the last answers are not in it yet
    whole: bool  # its pool is all that was imported: what was wrong then can be told
    confirmations: int
    target: float
    chosen: bool
    closing: bool
    in_hand: bool = False  # it knows of serves whose examples who looks has not answered

    @property
    def known(self) -> Known:
        row = self.row
        if self.in_hand:
            return Known.IN_HAND
        if not row.pool:
            return Known.NOTHING
        if row.conflict:
            return Known.CONFLICT
        if not row.unserved and not row.open_answers:
            return Known.ALL_READ
        if row.middle is None:
            return Known.UNCHECKED
        return Known.EARLY if row.draws < FEWEST_CHECKS else Known.TOLD

    @property
    def share(self) -> float:
        return (self.row.middle or 0) / max(1, self.row.labels)

    @property
    def low(self) -> float:
        return self.row.low / max(1, self.row.labels)

    @property
    def high(self) -> float:
        return self.row.high / max(1, self.row.labels)

    @property
    def at_import(self) -> float | None:
        """The share that was wrong when it came; only while all of it is one pool."""
        if not self.whole or self.known is not Known.TOLD:
            return None
        return ((self.row.middle or 0) + self.row.found) / max(1, self.row.labels)

    @property
    def against_random(self) -> tuple[float, float] | None:
        """Between how many times as many wrong labels a read has found as in random order."""
        row = self.row
        if self.known is not Known.TOLD or not row.found:
            return None
        rate = row.found / row.serves
        most, least = ((row.found + left) / row.pool for left in (row.high, row.low))
        return rate / most, rate / least

    @property
    def shown(self) -> bool:
        """The bound lies within the target."""
        return is_shown(self.row.high, self.row.labels, self.target)

    @property
    def needed(self) -> int:
        """Random checks that would show the target, if none of them finds anything."""
        if self.row.target_bp == round(10_000 * self.target):
            return self.row.needed
        return draws_needed(self.target, self.row.pool)

    @property
    def may_stop(self) -> bool:
        """What was chosen as target is certain, as certain as the interval is."""
        known = self.known in (Known.TOLD, Known.EARLY, Known.ALL_READ)
        return self.chosen and known and self.shown


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at it, and when; the console has nobody's cards in hand."""

    person_id: int
    now: datetime


def health_of(session: Session, project: Project, viewer: Viewer | None = None) -> Health | None:
    """None before the first estimate is told.

    Leads read like everybody: while they hold cards that it knows of, they are not told it. The
    number of checks alone would say which of their cards is one.
    """
    row = session.get(Estimate, project.epoch_id) if project.epoch_id else None
    if row is None:
        return None
    held = (
        first_in_hand(session, project, viewer.person_id, now=viewer.now)
        if viewer is not None
        else None
    )
    return Health(
        row,
        in_hand=held is not None and held <= row.up_to_serve,
        behind=(row.up_to_seq, row.up_to_serve) != (project.log_seq, project.serve_seq),
        whole=row.pool == row.labels,
        confirmations=project.confirmations,
        target=project.target_bp / 10_000,
        chosen=project.target_chosen_at is not None,
        closing=project.closing,
    )
