"""Ask fresh examples of suspicious groups before one is called a slice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from app.actions.activity import note_batch
from app.actions.turn import Caller, at_console, work_by_slug
from app.audit.study.asking import last_study
from app.audit.study.probes import Drawn, limit_of, to_probe, under_way
from app.audit.study.report import Report
from app.db.engine import database_now, writing
from app.db.log import ProjectLock, lock_project
from app.db.tables.audit import Probe
from app.db.tables.datasets import Project
from app.db.tables.review import Batch
from app.db.words import Role
from app.errors import Conflict
from app.noise.probe import price
from app.review.batches.batch import Opening, open_batch
from app.review.batches.filling import grow
from app.review.batches.plan import BatchPlan


@dataclass(frozen=True, slots=True)
class Begun:
    """A probe that began: its batch, and about how many answers its groups take."""

    batch: Batch
    groups: int
    least: int
    most: int


def probe_groups(caller: Caller, slug: str) -> Begun:
    """A lead has the groups of the last study asked again, all in one blind batch."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _begin(turn.lock, by=turn.member.person_id, now=turn.now)


def probe_from_console(session: Session, named: str) -> Begun:
    """The same for whoever holds the machine."""
    with at_console(session, named) as (lock, by):
        return _begin(lock, by=by.person_id, now=by.now)


def _begin(lock: ProjectLock, *, by: int | None, now: datetime) -> Begun:
    report, drawn = _drawn(lock)
    first = {example for one in drawn for example in one.first}
    plan = BatchPlan(by="probe", example_ids=tuple(first), size=len(first))
    batch = open_batch(lock, plan, Opening(by, now))
    _keep(lock, drawn, batch, limit=limit_of(report))
    note_batch(lock, batch, by=by, now=now)
    return Begun(batch, len(drawn), *price([one.size for one in drawn]))


def _drawn(lock: ProjectLock) -> tuple[Report, list[Drawn]]:
    """What can be probed now, or why nothing can."""
    session = lock.session
    kept = last_study(session, session.get_one(Project, lock.project_id))
    if kept is None or kept.report is None:
        raise Conflict(
            "No group was looked for yet, or too little was decided.",
            next_step="Have patterns looked for first, under Insights.",
            code="no_study",
        )
    if asking := under_way(kept.probes):
        raise Conflict(
            f"A probe is under way in batch {asking[0].batch}.",
            next_step="Decide its examples first, or close the batch to end the probe.",
            code="probe_under_way",
        )
    drawn = to_probe(session, lock.project_id, kept.report, kept.probes)
    if not drawn:
        raise Conflict(
            "There is no group to probe: none stands out, all were probed, or too little of them "
            "is left to review.",
            next_step="Look for patterns again after more answers.",
            code="nothing_to_probe",
        )
    return kept.report, drawn


def _keep(lock: ProjectLock, drawn: list[Drawn], batch: Batch, *, limit: float) -> None:
    last = select(func.coalesce(func.max(Probe.round), 0)).where(
        Probe.project_id == lock.project_id
    )
    number = (lock.session.scalar(last) or 0) + 1
    rows = [
        {
            "project_id": lock.project_id,
            "round": number,
            "words": one.words,
            "limit_share": limit,
            "size": one.size,
            "joined": len(one.first),
            "example_ids": one.example_ids,
            "to_review": one.to_review,
            "batch_id": batch.id,
            "made_at": batch.created_at,
        }
        for one in drawn
    ]
    lock.session.execute(insert(Probe), rows)


def carry_on(engine: Engine, project_id: int, batch_id: int) -> int:
    """The next examples of groups that go on join their batch; how many of them."""
    with writing(engine) as session:
        lock = lock_project(session, project_id)
        joined = grow(lock, session.get_one(Batch, batch_id), now=database_now(session))
        lock.save()
    return joined
