"""Which source brought in the wrong labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.study.answered import Answered
from app.audit.study.report import OfSource
from app.db.parts import parts
from app.db.tables.datasets import Example, Project
from app.noise.limits import wilson
from app.noise.sources import Tally, attribution, compare_sources


def told_sources(
    session: Session, project: Project, found: Answered, *, rng: np.random.Generator
) -> list[OfSource]:
    """By random checks alone: what the queue points at says nothing of a source."""
    sizes = _source_sizes(session, project.id)
    if len(sizes) < 2:
        return []
    ids = sorted(sizes)
    place = {source: nth for nth, source in enumerate(ids)}
    drawn = np.flatnonzero(found.drawn)
    given_by = _source_of(session, [int(one) for one in found.example_ids[drawn]])
    mine = np.array([place.get(one, -1) for one in given_by], dtype=np.int64)
    some = mine >= 0
    checks = np.bincount(mine[some], minlength=len(ids))
    wrong = np.bincount(mine[some & found.wrong[drawn]], minlength=len(ids))
    tally = Tally(wrong, checks, np.array([sizes[one] for one in ids]))
    against, share = compare_sources(tally), attribution(tally, rng=rng)
    return [
        OfSource(
            source,
            int(checks[nth]),
            int(wrong[nth]),
            *wilson(int(wrong[nth]), int(checks[nth])),
            p=float(against.p[nth]),
            differs=bool(against.differs[nth]),
            part=share.part[nth].value,
            named=bool(against.named[nth]),
        )
        for nth, source in enumerate(ids)
    ]


def _source_sizes(session: Session, project_id: int) -> dict[int, int]:
    """Labelled examples of each source."""
    rows = session.execute(
        select(Example.source_id, func.count())
        .where(
            Example.project_id == project_id,
            Example.source_id.is_not(None),
            Example.given_label_id.is_not(None),
        )
        .group_by(Example.source_id)
    )
    return {source: count for source, count in rows if source is not None}


def _source_of(session: Session, example_ids: Sequence[int]) -> list[int]:
    """The source of each, 0 where none is known."""
    by_example: dict[int, int] = {}
    for some in parts(example_ids):
        rows = session.execute(select(Example.id, Example.source_id).where(Example.id.in_(some)))
        by_example.update((example, source or 0) for example, source in rows)
    return [by_example[one] for one in example_ids]
