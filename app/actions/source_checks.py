"""Have the labels of a source checked at random, by a plan that says what is accepted."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import insert

from app.actions.activity import note_batch
from app.actions.turn import Caller, work_by_slug
from app.audit.acceptance import Acceptance, SourceChecked, source_checks
from app.datasets.sources import source_in
from app.db.tables.audit import SourceCheck
from app.db.tables.review import Batch
from app.db.words import Role
from app.errors import Conflict, Invalid
from app.noise.acceptance import Plan, plan
from app.review.batches.batch import create_batch
from app.review.batches.members import fitting_of_each
from app.review.batches.plan import LARGEST_BATCH, BatchPlan

LEAST, MOST = 1.0, 20.0
"""Per cent that may be asked for: less takes more checks than a batch of them should have."""


def check_source(caller: Caller, slug: str, source_id: int, at_most_percent: float) -> Batch:
    """A lead asks whether at most so many per cent of a source's labels are wrong."""
    if not LEAST <= at_most_percent <= MOST:
        raise Invalid(
            f"A source may have {LEAST:g} to {MOST:g}% wrong.", next_step="Choose another share."
        )
    limit_bp = round(100 * at_most_percent)
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        session, project_id = turn.session, turn.project_id
        source = source_in(session, project_id, source_id)
        _check_not_asked(source_checks(session, project_id, source_id=source.id), limit_bp)
        asked = BatchPlan(by="source_check", size=LARGEST_BATCH, source_id=source.id)
        size = fitting_of_each(session, project_id, asked).get(source.id, 0)
        checks = _plan_for(limit_bp, size)
        batch = create_batch(turn, replace(asked, size=checks.checks))  # its name names no source
        row = {
            "project_id": project_id,
            "source_id": source.id,
            "batch_id": batch.id,
            "limit_bp": limit_bp,
            "checks": checks.checks,
            "failures": checks.failures,
            "size": size,
            "made_at": batch.created_at,
        }
        session.execute(insert(SourceCheck), [row])
        note_batch(turn.lock, batch, by=turn.member.person_id, now=turn.now)
        return batch


def _plan_for(limit_bp: int, size: int) -> Plan:
    """What is to be checked of so many labels, or why nothing can be."""
    if not size:
        raise Conflict(
            "No label of this source is left to check: all are reviewed or handed out.",
            next_step="Look at what was found so far, under Insights.",
            code="nothing_fits",
        )
    return plan(1.0 - limit_bp / 10_000, size=size)


def _check_not_asked(before: list[SourceChecked], limit_bp: int) -> None:
    """With enough tries chance would accept any source."""
    for one in before:
        if one.state is Acceptance.ASKING:
            raise Conflict(
                f"This source is being checked in batch {one.batch}.",
                next_step="Decide its examples first, or close the batch.",
                code="check_under_way",
            )
        if one.state is Acceptance.NOT_ACCEPTED and one.row.limit_bp >= limit_bp:
            raise Conflict(
                f"This source was not accepted in batch {one.batch}.",
                next_step="Review its examples, or import mended labels as a source of their own.",
                code="not_accepted",
            )
