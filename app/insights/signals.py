"""What each detection signal of the served ranking is worth here, by the decisions made since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypedDict

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from app.audit.wrong import is_wrong, judges_its_label
from app.datasets.current_labels import standing_label
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import RunCounts, Score, ScoringRun
from app.db.tables.review import Decision
from app.db.words import FINAL, ReadReason, Stream
from app.noise.limits import wilson
from app.ranking.signal_names import SIGNALS, bit_of
from app.review.batches.filters import unseen_imports

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
    groups = _groups(session, project) if counts.get("signals") else []
    return SignalsFound(
        run=run.number if run else None,
        fired=counts.get("signals", {}),
        absent=counts.get("signals_absent", {}),
        every=_outcomes(groups),
        random=_outcomes([group for group in groups if group.drawn]),
    )


class _Counted(TypedDict, total=False):
    """What a run counted of its signals; an old one counted none."""

    signals: dict[str, int | None]
    signals_absent: dict[str, str]


class _Group(NamedTuple):
    """So many decided examples on which the same signals fired, with the same outcome."""

    mask: int
    changed: bool
    drawn: bool
    examples: int


def _groups(session: Session, project: Project) -> list[_Group]:
    """Decided examples by the signals that fired, whether changed, and whether drawn at random.

    Removed for another reason than its label, an example tells nothing about the label.
    """
    drawn = select(Decision.example_id).where(
        Decision.project_id == project.id,
        Decision.stream == Stream.AUDIT,
        Decision.read_reason == ReadReason.FIRST,
    )
    changed = case((is_wrong(standing_label()), 1), else_=0)
    decided = (  # found first: of the million that have a score few are decided
        select(Example.id, changed.label("changed"))
        .where(
            Example.project_id == project.id,
            Example.status.in_(FINAL),
            func.coalesce(Example.given_label_id, 0) != 0,  # not by the index of given labels
            judges_its_label(),
            Example.import_id.not_in(unseen_imports(session, project.id)),
        )
        .cte("decided")
        .prefix_with("MATERIALIZED")
    )
    # Asking of the signals what always holds lets the index that has them answer, not their rows.
    own_run = and_(Score.run_id == project.run_id, Score.signals >= 0)
    columns = (
        Score.signals,
        decided.c.changed,
        case((decided.c.id.in_(drawn), 1), else_=0).label("drawn"),  # a list, looked up in
    )
    query = (
        select(*columns, func.count())
        .select_from(decided)
        .join(Score, and_(own_run, Score.example_id == decided.c.id))
        .group_by(*columns)
    )
    return [
        _Group(mask, bool(changed), bool(is_drawn), examples)
        for mask, changed, is_drawn, examples in session.execute(query)
    ]


def _outcomes(groups: Sequence[_Group]) -> Found:
    changed = [group for group in groups if group.changed]
    return Found(
        decided=_examples(groups),
        changed=_examples(changed),
        unfound=_examples(group for group in changed if not group.mask),
        signals={name: _worth(bit_of(name), groups) for name in SIGNALS},
    )


def _worth(bit: int, groups: Sequence[_Group]) -> Worth:
    fired = [group for group in groups if group.mask & bit]
    changed = _examples(group for group in fired if group.changed)
    only = _examples(group for group in fired if group.changed and group.mask == bit)
    return Worth(_examples(fired), changed, only, *wilson(changed, _examples(fired)))


def _examples(groups: Iterable[_Group]) -> int:
    return sum(group.examples for group in groups)
