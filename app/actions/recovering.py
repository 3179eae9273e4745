"""Have the remedies of a project measured, and keep what comes out."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.actions.turn import Caller, work_by_slug
from app.audit.recovery.asking import (
    READING,
    ask_for_recovery,
    checked_so_far,
    missing,
    recovery_job,
)
from app.audit.recovery.report import Cost, Report
from app.datasets.blobs import BlobStore
from app.datasets.labels import labels_of
from app.db.engine import database_now, reading, writing
from app.db.tables.audit import Recovery
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.words import Role
from app.errors import Conflict, Invalid
from app.progress import Progress, quiet
from app.ranking.runs import vectors_kept
from app.review.books.may import check_in_use

MOST_COSTS = 100
HIGHEST_COST = 1_000_000.0


def measure_again(caller: Caller, slug: str, costs: Sequence[Cost] = ()) -> Job:
    """A lead asks; the same asked twice is one job."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        project = turn.session.get_one(Project, turn.project_id)
        _check_costs(turn.session, project.id, costs)
        if recovery_job(turn.session, project.id) is None:
            check_can_measure(turn.session, project)
        return ask_for_recovery(
            turn.session, project.id, list(costs), by=turn.member.person_id, now=turn.now
        )


def check_can_measure(session: Session, project: Project) -> None:
    """Without vectors nothing is trained, and without checks nothing is scored; nothing is measured
    in a project that was put away."""
    check_in_use(project)
    if not vectors_kept(session, project):
        raise Conflict(
            "The ranking of this project kept no vectors to train on.",
            next_step="Score the project without a pushed array, or push embeddings.",
            code="no_vectors",
        )
    more = missing(checked_so_far(session, project))
    if more:
        raise Conflict(
            f"{more:,} more {'example' if more == 1 else 'examples'} drawn at random must be "
            "decided before one remedy can be told from another.",
            next_step="Make an audit batch, have it reviewed, and measure then.",
            code="too_few_checked",
        )


def _check_costs(session: Session, project_id: int, costs: Sequence[Cost]) -> None:
    labels = {one.id for one in labels_of(session, project_id)}
    if len(costs) > MOST_COSTS:
        raise Invalid(f"At most {MOST_COSTS} costs are said.", next_step="Say those that matter.")
    if len({(one.right, one.given) for one in costs}) < len(costs):
        raise Invalid("A pair of labels has two costs.", next_step="Leave one of them.")
    for one in costs:
        if not {one.right, one.given} <= labels or one.right == one.given:
            raise Invalid(
                "A cost is of two different labels of this project.",
                next_step="Choose the right label and another one that is given for it.",
            )
        if not (math.isfinite(one.cost) and 0 <= one.cost <= HIGHEST_COST):
            raise Invalid(
                f"The cost {one.cost} is not between 0 and {HIGHEST_COST:,.0f}.",
                next_step="Say how many times as bad it is as any other wrong label.",
            )


def measure_project(
    engine: Engine,
    project_id: int,
    *,
    blobs: BlobStore | None,
    costs: Sequence[Cost] = (),
    progress: Progress = quiet,
) -> bool:
    """Measure every remedy and keep the result; whether there was enough to measure by.

    Nothing is held open in the database while networks are trained.
    """
    from app.audit.recovery.gathering import gather  # heavy: loaded when it is first measured
    from app.audit.recovery.telling import Wanted, tell

    began = time.monotonic()
    with reading(engine) as session:
        project = session.get(Project, project_id)
        if project is None or project.run_id is None:
            return False
        place = (project.log_seq, project.run_id)
        progress(READING, 0, 1)
        seed = project_id * 1_000_003 + project.run_id
        found = gather(session, project, blobs, np.random.default_rng(seed))
    report = None
    if found is not None and not missing(len(found.material.checked)):
        report = tell(found, Wanted(tuple(costs), seed, progress))
    with writing(engine) as session:
        if session.get(Project, project_id, with_for_update=True) is None:
            return False  # it was removed meanwhile
        row = _row(session, project_id, place, report)
        row.took_ms = round(1000 * (time.monotonic() - began))
        session.merge(row)
    return report is not None


def _row(
    session: Session, project_id: int, place: tuple[int, int], report: Report | None
) -> Recovery:
    return Recovery(
        project_id=project_id,
        up_to_seq=place[0],
        run_id=place[1],
        made_at=database_now(session),
        report=report.written() if report is not None else {},
    )
