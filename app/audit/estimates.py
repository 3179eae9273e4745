"""How many wrong labels are left: told from the random checks of the open epoch, and kept."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.audit.accuracy import rechecked
from app.audit.outcomes import epoch_serves, serves_before
from app.datasets.visible import visible_imports
from app.db.tables.audit import AuditEpoch, Estimate
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import ScoringRun
from app.db.words import Status
from app.noise.left import Left, wrong_left
from app.noise.serves import Outcome, Serves
from app.noise.stopping import allowed, draws_needed
from app.noise.unseen import unseen_errors
from app.ranking.runs import ranked_anew_at

REST = 10
"""Telling an estimate takes at most one part in so many of the time."""

POINTS = 200  # of the curve of what was found


def stale_estimates(session: Session, *, now: datetime) -> list[int]:
    """Projects whose estimate does not know their last answers; takes no lock."""
    rows = session.execute(
        select(Project.id, Estimate.made_at, Estimate.took_ms)
        .outerjoin(Estimate, Estimate.epoch_id == Project.epoch_id)
        .outerjoin(ScoringRun, ScoringRun.id == Project.run_id)
        .where(
            Project.epoch_id.is_not(None),
            Project.deleted_at.is_(None),
            or_(
                Estimate.epoch_id.is_(None),
                Estimate.up_to_seq != Project.log_seq,
                Estimate.up_to_serve != Project.serve_seq,
                Estimate.target_bp != Project.target_bp,
                Estimate.made_at < ScoringRun.finished_at,
            ),
        )
        .order_by(Project.id)
    )
    return [row.id for row in rows if row.made_at is None or _rested(row.made_at, row.took_ms, now)]


def _rested(made_at: datetime, took_ms: int, now: datetime) -> bool:
    return now - made_at >= REST * timedelta(milliseconds=took_ms)


@dataclass(frozen=True, slots=True)
class Told:
    """An estimate, and the serves it was told from."""

    row: Estimate
    serves: Serves
    left: Left


def tell(
    session: Session, project: Project, *, now: datetime, by_person: Collection[str] = ()
) -> Told | None:
    """The estimate of the open epoch as the database is read now; None where none is open.

    `by_person`: batch rules whose examples a person picks.
    """
    epoch = session.get(AuditEpoch, project.epoch_id) if project.epoch_id else None
    if epoch is None:
        return None
    began = time.monotonic()
    serves = epoch_serves(session, epoch, by_person=by_person)
    since = serves_before(session, epoch, ranked_anew_at(session, project))
    left = wrong_left(serves)
    rechecks, overturned = rechecked(session, project.id)
    labels, target = labels_in(session, project.id), project.target_bp / 10_000
    row = Estimate(
        epoch_id=epoch.id,
        project_id=project.id,
        up_to_seq=project.log_seq,
        up_to_serve=project.serve_seq,
        made_at=now,
        target_bp=project.target_bp,
        needed=_needed(serves, allowed(labels, target)),
        labels=labels,
        pool=serves.pool,
        serves=len(serves),
        draws=left.draws,
        found=left.found,
        unserved=left.unserved,
        open_answers=left.open_answers,
        open_draws=left.open_draws,
        low=left.low or 0,
        middle=None if left.estimate is None else round(left.estimate),
        high=serves.pool if left.high is None else left.high,
        conflict=left.conflict,
        unseen=unseen_errors(serves, since=since).alarm,
        rechecks=rechecks,
        overturned=overturned,
        curve=_curve(serves),
    )
    row.took_ms = round(1000 * (time.monotonic() - began))
    return Told(row, serves, left)


def keep(session: Session, row: Estimate) -> None:
    """It takes the place of the epoch's last one, unless that is of a later place of the log."""
    last = session.get(Estimate, row.epoch_id, with_for_update=True)
    if last is None or (last.up_to_seq, last.up_to_serve) <= (row.up_to_seq, row.up_to_serve):
        session.merge(row)


def _needed(serves: Serves, most: int) -> int:
    """Further random checks that leave at most so many, if none of them finds a wrong label.

    A target is a share of all labels, of which the pool may be a part.
    """
    if most >= serves.pool:
        return 0
    return draws_needed((most + 0.5) / serves.pool, serves.pool, after=serves)


def labels_in(session: Session, project_id: int) -> int:
    """Labelled examples: what a target is a share of."""
    labelled = and_(
        Example.project_id == project_id,
        Example.given_label_id.is_not(None),
        Example.status != Status.ERASED,
        Example.import_id.in_(visible_imports(project_id)),
    )
    return session.scalar(select(func.count()).where(labelled)) or 0


def _curve(serves: Serves) -> list[list[int]]:
    """Pairs: so many were served, and so many of them are known to be wrong."""
    wrong = np.cumsum(serves.outcome == Outcome.WRONG)
    places = np.unique(np.linspace(0, len(wrong), POINTS + 1).astype(int))
    return [[int(place), int(wrong[place - 1]) if place else 0] for place in places]
