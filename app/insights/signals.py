"""What each detection signal of the served ranking is worth here, by the decisions made since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import RunCounts, Score, ScoringRun
from app.db.tables.review import Decision
from app.db.words import WRONG_LABEL, ReadReason, Status, Stream
from app.insights.filters import unseen_imports
from app.insights.wilson import wilson
from app.ranking.signal_names import SIGNALS, bit_of

ENOUGH = 20
"""Decided examples below which nothing is said."""


class State(StrEnum):
    UNSCORED = "unscored"  # no ranking is served
    OLD = "old"  # the served ranking has no signals
    FEW = "few"  # not enough decisions yet
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Worth:
    """Of the decided examples: on how many it fired, and how many of those labels were changed.

    `low` and `high` bound that share (Wilson, 95 %). `only` counts changed labels on which no
    other signal fired.
    """

    fired: int
    changed: int
    only: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Found:
    """Decided examples with a given label, how many were changed, and how many nothing found."""

    decided: int
    changed: int
    unfound: int
    signals: dict[str, Worth]

    @property
    def enough(self) -> bool:
        return self.decided >= ENOUGH


@dataclass(frozen=True, slots=True)
class SignalsFound:
    """`fired`: on how many of all examples, None where a signal is not applicable; `absent` says
    why. `random` has those alone that were drawn at random."""

    run: int | None
    fired: dict[str, int | None]
    absent: dict[str, str]
    every: Found
    random: Found

    @property
    def state(self) -> State:
        if self.run is None:
            return State.UNSCORED
        if not self.fired:
            return State.OLD
        return State.READY if self.every.enough else State.FEW


def signals_found(session: Session, project: Project) -> SignalsFound:
    """Three statements, however many examples there are."""
    run = session.get(ScoringRun, project.run_id) if project.run_id else None
    counts: RunCounts = run.counts if run else {}
    rows = _groups(session, project) if counts.get("signals") else []
    return SignalsFound(
        run=run.number if run else None,
        fired=counts.get("signals", {}),
        absent=counts.get("signals_absent", {}),
        every=_found((mask, changed, n) for mask, changed, _, n in rows),
        random=_found((mask, changed, n) for mask, changed, drawn, n in rows if drawn),
    )


def _groups(session: Session, project: Project) -> list[tuple[int, bool, bool, int]]:
    """Decided examples by the signals that fired, whether changed, and whether drawn at random.

    Removed for another reason than its label, an example tells nothing about the label.
    """
    drawn = (
        select(Decision.example_id)
        .where(
            Decision.project_id == project.id,
            Decision.stream == Stream.AUDIT,
            Decision.read_reason == ReadReason.FIRST,
        )
        .distinct()
        .subquery()
    )
    wrong = and_(Example.status == Status.REMOVED, Example.removed_reason.in_(WRONG_LABEL))
    changed = or_(Example.status == Status.RELABELED, wrong)
    columns = (
        Score.signals,
        case((changed, 1), else_=0).label("changed"),
        case((drawn.c.example_id.is_not(None), 1), else_=0).label("drawn"),
    )
    query = (
        select(*columns, func.count())
        .select_from(Example)
        .join(Score, and_(Score.run_id == project.run_id, Score.example_id == Example.id))
        .outerjoin(drawn, drawn.c.example_id == Example.id)
        .where(
            Example.project_id == project.id,
            Example.status.in_((Status.CONFIRMED, Status.RELABELED, Status.REMOVED)),
            Example.given_label_id.is_not(None),
            or_(Example.status == Status.CONFIRMED, changed),
            Example.import_id.not_in(unseen_imports(session, project.id)),
        )
        .group_by(*columns)
    )
    return [
        (mask, bool(is_changed), bool(is_drawn), n)
        for mask, is_changed, is_drawn, n in session.execute(query)
    ]


def _found(groups: Iterable[tuple[int, bool, int]]) -> Found:
    told = list(groups)
    return Found(
        decided=sum(n for _, _, n in told),
        changed=sum(n for _, changed, n in told if changed),
        unfound=sum(n for mask, changed, n in told if changed and not mask),
        signals={name: _worth(bit_of(name), told) for name in SIGNALS},
    )


def _worth(bit: int, groups: list[tuple[int, bool, int]]) -> Worth:
    fired = sum(n for mask, _, n in groups if mask & bit)
    changed = sum(n for mask, is_changed, n in groups if mask & bit and is_changed)
    only = sum(n for mask, is_changed, n in groups if mask == bit and is_changed)
    return Worth(fired, changed, only, *wilson(changed, fired))
