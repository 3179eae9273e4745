"""What the reads of a batch will likely find, and how long they take; nothing is made for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.stands import is_look
from app.datasets.current_labels import current_label, standing_label
from app.datasets.display_names import name_on_screen
from app.datatypes.shown import Excerpt, content_of, excerpt_of
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.ranking import Score
from app.db.tables.review import Decision
from app.insights.forecast import doubt_left
from app.insights.health import Health, Known, Viewer, health_of
from app.review.batches.members import Picked
from app.review.batches.rules.rule import Draws, Rule

LOOKED_AT = 2_000
"""Of a larger batch the first so many stand for all of it."""

ANSWERS = 300
"""The last ones tell the pace."""

FEWEST_ANSWERS = 20
SHOWN = 3
LABELS = 4
_SECONDS = (0.3, 600.0)  # of an answer that was not given by a program, nor over lunch


@dataclass(frozen=True, slots=True)
class Outlook:
    """Each line is empty where nothing is known: no estimate, too few answers, nothing fits."""

    expected: str
    work: str
    mix: str
    first: tuple[Excerpt, ...]


NOTHING = Outlook("", "", "", ())


@dataclass(frozen=True, slots=True)
class _Member:
    quality: float | None
    label: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan's rule, how many examples fit, the first of them, and who asks."""

    rule: Rule
    fits: int
    first: Sequence[Picked]
    viewer: Viewer


def outlook(session: Session, project: Project, asked: Asked) -> Outlook:
    """What is known of a batch by the estimate, the pace of the team and its first examples."""
    if not asked.fits:
        return NOTHING
    ids = [one.example_id for one in asked.first]
    looked = _members(session, project, ids)
    return Outlook(
        _expected(session, project, asked, looked),
        _work(session, project, asked.fits),
        _mix(looked),
        _first(session, ids[:SHOWN]),
    )


def by_pace(session: Session, project: Project, fits: int) -> Outlook:
    """How long it takes and no more: what is drawn when the batch is made is not known before."""
    return replace(NOTHING, work=_work(session, project, fits) if fits else "")


def _members(session: Session, project: Project, ids: Sequence[int]) -> list[_Member]:
    rows = session.execute(
        select(Score.quality, Label)
        .select_from(Example)
        .outerjoin(Score, (Score.run_id == project.run_id) & (Score.example_id == Example.id))
        .outerjoin(Label, Label.id == current_label(standing_label()))
        .where(Example.id.in_(ids))
    )
    return [
        _Member(quality, "no label" if label is None else name_on_screen(label))
        for quality, label in rows
    ]


def _expected(session: Session, project: Project, asked: Asked, looked: Sequence[_Member]) -> str:
    """The estimate's bounds, spread over the doubt of the ranking; evenly over a random batch."""
    health, rule, fits = health_of(session, project, asked.viewer), asked.rule, asked.fits
    if health is None or health.known is not Known.TOLD or not health.row.unserved:
        return ""
    if rule.draws is Draws.ALL:
        share = min(1.0, fits / health.row.unserved)
    else:
        doubt = doubt_left(session, project, unread=health.row.unserved)
        held = sum(1.0 - one.quality for one in looked if one.quality is not None)
        share = min(1.0, held * fits / max(1, len(looked)) / doubt) if doubt > 0 else 0.0
    return _range(health, share, fits) if share else ""


def _range(health: Health, share: float, fits: int) -> str:
    low, high = (min(fits, round(share * left)) for left in (health.row.low, health.row.high))
    numbers = f"{low:,} to {high:,}" if low != high else f"{high:,}"
    return f"Expected to hold {numbers} wrong labels, by the random checks and the ranking."


def _work(session: Session, project: Project, fits: int) -> str:
    """At the pace of the last answers of this team."""
    rows = session.scalars(
        select(Decision.seconds)
        .where(Decision.project_id == project.id, is_look())
        .order_by(Decision.seq.desc())
        .limit(ANSWERS)
    )
    paces = paces_of(rows)
    if len(paces) < FEWEST_ANSWERS:
        return ""
    return f"About {long_words(fits * median(paces))} for one person, at this team’s pace."


def paces_of(rows: Iterable[float]) -> list[float]:
    """Without answers of a program, and those that a lunch is in."""
    return [seconds for seconds in rows if _SECONDS[0] <= seconds <= _SECONDS[1]]


def long_words(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"{minutes:,} {'minute' if minutes == 1 else 'minutes'}"
    return f"{minutes / 60:,.1f} hours"


def _mix(looked: Sequence[_Member]) -> str:
    """The given labels that come most often."""
    counts = Counter(one.label for one in looked)
    first = ", ".join(f"{label} ({count:,})" for label, count in counts.most_common(LABELS))
    more = len(counts) - LABELS
    of = f"Of the first {len(looked):,}: " if len(looked) == LOOKED_AT else "Given labels: "
    return f"{of}{first}{f' and {more:,} more' if more > 0 else ''}." if counts else ""


def _first(session: Session, ids: Sequence[int]) -> tuple[Excerpt, ...]:
    rows = session.execute(select(Example.id, Example.content).where(Example.id.in_(ids)))
    stored = {row.id: row.content for row in rows}
    return tuple(excerpt_of(content_of(one, stored[one])) for one in ids if one in stored)
