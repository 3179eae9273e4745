"""How many wrong labels are left, for programs; the same words as on the overview."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from app.db.words import Role
from app.errors import Conflict
from app.insights.health import Health, Known, health_of
from app.insights.health_words import headline, told
from app.web.who import Looking, at, viewer_of

router = APIRouter()


class LeftShown(BaseModel):
    """Labels; `middle` is null without a random check. It means nothing without the other two."""

    low: int
    middle: int | None
    high: int


class RecheckShown(BaseModel):
    """Decided examples read again at random, and how many of these reads came out otherwise."""

    reads: int
    otherwise: int


class EstimateShown(BaseModel):
    """As of `as_of_seq` of the log; `behind` while the last answers are not in it yet.

    `labels` is what shares and the target are of; `left` counts open answers as left.
    """

    known: Known
    labels: int
    checks: int
    open_answers: int
    open_checks: int
    found: int
    not_shown_yet: int
    left: LeftShown | None
    recheck: RecheckShown
    target_percent: float
    prove: bool
    closing: bool
    may_stop: bool
    ranking_misses: bool
    words: list[str]
    as_of_seq: int
    behind: bool
    made_at: datetime


def estimate_shown(health: Health) -> EstimateShown:
    row = health.row
    return EstimateShown(
        known=health.known,
        labels=row.labels,
        checks=row.draws,
        open_answers=row.open_answers,
        open_checks=row.open_draws,
        found=row.found,
        not_shown_yet=row.unserved,
        left=None if row.conflict else LeftShown(low=row.low, middle=row.middle, high=row.high),
        recheck=RecheckShown(reads=row.rechecks, otherwise=row.overturned),
        target_percent=100 * health.target,
        prove=health.chosen,
        closing=health.closing,
        may_stop=health.may_stop,
        ranking_misses=row.unseen,
        words=told(health),
        as_of_seq=row.up_to_seq,
        behind=health.behind,
        made_at=row.made_at,
    )


@router.get("/api/v1/projects/{slug}/estimate")
def read_estimate(slug: str, caller: Looking) -> EstimateShown:
    """409 until the first one is told, a few seconds after the import."""
    here = at(caller, slug, Role.LEAD)
    health = health_of(caller.session, here.project, viewer_of(caller))
    if health is None:
        raise Conflict(
            "No estimate is told yet.",
            next_step="A worker tells it a few seconds after the import; ask again.",
            code="not_told",
        )
    if health.in_hand:
        raise Conflict(
            headline(health), next_step="Answer them, or give them back.", code="cards_in_hand"
        )
    return estimate_shown(health)
