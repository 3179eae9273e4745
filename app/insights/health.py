"""How many labels are still wrong, in the words the screens and programs use.

The number and its interval are told by `app.audit.estimates`; here they are put into words, with
what they are based on and what they do not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.db.tables.audit import Estimate
from app.db.tables.datasets import Project
from app.insights.own_reads import first_in_hand
from app.noise.limits import clopper_pearson
from app.noise.stopping import allowed, draws_needed
from app.shares import percent

FEWEST_CHECKS = 100
"""Under so many random checks the interval is so wide that its middle says nothing."""

FEWEST_RECHECKS = 20


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
    (0.01, Band.SAFE),
    (0.05, Band.MANAGEABLE),
    (0.10, Band.MITIGATE),
    (float("inf"), Band.BROKEN),
)
"""Each ends where its share does."""

BAND_WORDS = {
    Band.SAFE: "safe to train on",
    Band.MANAGEABLE: "manageable: you can train, with care",
    Band.MITIGATE: "mitigate before training",
    Band.BROKEN: "broken: fix the source first",
}


def band_of(share: float) -> Band:
    return next(band for end, band in BANDS if share < end)


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
        return self.row.high <= allowed(self.row.labels, self.target)

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


def headline(health: Health) -> str:
    """The sentence that tells what is left."""
    row = health.row
    match health.known:
        case Known.NOTHING:
            return "No example here has a label yet."
        case Known.IN_HAND:
            return (
                "You hold examples that you have not answered. What the random checks say is "
                "shown once you have answered them, or left the desk."
            )
        case Known.CONFLICT:
            return (
                "The random checks do not behave as random ones would, so no number can be told. "
                "Somebody may have edited the history, or draws were dropped."
            )
        case Known.ALL_READ:
            return "Every label was looked at: none is left that your reviewers would change."
        case Known.UNCHECKED:
            return f"Nothing is known yet: none of {row.pool:,} labels was checked at random."
        case Known.EARLY:
            return (
                f"Too early to say: {row.draws:,} random "
                f"{'check' if row.draws == 1 else 'checks'} only rule out more than "
                f"{percent(health.high)}."
            )
        case Known.TOLD:
            return (
                f"Wrong labels left: about {row.middle:,} (between {row.low:,} and {row.high:,})."
            )


def basis(health: Health) -> str:
    """How sure it is, and what it rests on."""
    words = (
        "95% sure, valid at every moment you look. Based on "
        f"{health.row.draws:,} random checks hidden in the queue."
    )
    return words if health.known is Known.TOLD else ""


def what_counts(health: Health) -> str:
    """What the number is of, and what is not in it."""
    if health.confirmations > 1:
        return (
            "We count labels that two of your reviewers would change. "
            "Errors both miss are not in this number."
        )
    return (
        "We count labels that your reviewer would change. What one reviewer misses, or changes "
        "wrongly, is in this number too: with a second reader it is nearer to the truth."
    )


def verdict(health: Health) -> str:
    """What the share means; "Probably" where the interval crosses a border."""
    if health.known is not Known.TOLD:
        return ""
    words = BAND_WORDS[band_of(health.share)]
    sure = band_of(health.low) is band_of(health.high)
    return f"{words[0].upper()}{words[1:]}." if sure else f"Probably {words}."


def held_back(health: Health) -> str:
    """Answers that are open widen the interval."""
    row = health.row
    if not row.open_answers or health.in_hand:
        return ""
    one = row.open_answers == 1
    words = f"{row.open_answers:,} {'example was' if one else 'examples were'} handed out and "
    words += f"{'is' if one else 'are'} not decided"
    if row.open_draws:
        words += f", {row.open_draws:,} of them random checks"
    return f"{words}: {'it counts' if one else 'they count'} as left until then."


def stop_words(health: Health) -> str:
    """Whether to stop; only what the bound says."""
    target = percent(health.target)
    if health.in_hand:
        return ""
    if health.may_stop:
        return (
            f"You can stop: at most {percent(health.high)} of labels are still wrong "
            f"(target {target}, 95% sure)."
        )
    if health.chosen and health.row.unseen:
        return "Random checks keep finding errors the ranking does not see."
    return ""


def proof_words(health: Health) -> str:
    """What it costs to be certain of the target, told before it is chosen."""
    target = percent(health.target)
    if health.in_hand:
        return ""
    if health.known is Known.ALL_READ or health.shown:
        return f"The checks so far show that at most {target} of labels are wrong."
    if not health.needed:
        return (
            f"Once the open answers are decided, the checks may show that at most {target} of "
            "labels are wrong."
        )
    return (
        f"To show that at most {target} of labels are wrong takes about {health.needed:,} more "
        "random checks if none of them finds a wrong one, and more if some do. Review what the "
        "ranking puts first until about a quarter of that is left, then prove it."
    )


def rechecked_words(health: Health) -> str:
    """Errors inside what was decided: the second number."""
    reads, other = health.row.rechecks, health.row.overturned
    if not reads or health.in_hand:
        return ""
    words = (
        f"{reads:,} decided {'example was' if reads == 1 else 'examples were'} read again at "
        f"random: {other:,} came out otherwise"
    )
    if reads < FEWEST_RECHECKS:
        return f"{words}. Too few to say more."
    low, high = clopper_pearson(other, reads)
    return f"{words}. Between {percent(low)} and {percent(high)} of what was decided may differ."


SAYINGS = (headline, basis, held_back, verdict, stop_words, rechecked_words, what_counts)


def told(health: Health) -> list[str]:
    """Everything there is to say, a sentence or two each, the number first."""
    return [line for saying in SAYINGS if (line := saying(health))]
