"""What waits for somebody, in counts so cheap that every page may show them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, exists, func, select
from sqlalchemy.orm import Session

from app.db.tables.datasets import DataImport
from app.db.tables.review import Batch, BatchMember, Disagreement, ReadDue
from app.db.words import BatchState, Due, ImportState
from app.review.books.progress import asked_to_read

_FOR_EXPERTS = (ReadDue.reason == Due.EXPERT, ReadDue.done_at.is_(None))


def waits_in(session: Session, project_id: int) -> dict[str, int]:
    """For the leads of a project: open batches, open cases, what was sent to the experts, files
    that wait for an answer."""
    counts = {
        "batches": select(func.count(Batch.id)).where(
            Batch.project_id == project_id, Batch.state == BatchState.OPEN
        ),
        "disagreements": select(func.count(Disagreement.id)).where(
            Disagreement.project_id == project_id, Disagreement.settled_at.is_(None)
        ),
        "experts": select(func.count(ReadDue.id)).where(
            ReadDue.project_id == project_id, *_FOR_EXPERTS
        ),
        "import": select(func.count(DataImport.id)).where(
            DataImport.project_id == project_id, DataImport.state == ImportState.STAGED
        ),
    }
    columns: list[ScalarSelect[int]] = [one.scalar_subquery() for one in counts.values()]
    return dict(zip(counts, session.execute(select(*columns)).one(), strict=True))


def waits_for(
    session: Session, person_id: int, project_ids: Sequence[int], *, expert_in: Sequence[int]
) -> int:
    """Open batches this person is asked to read that have something waiting; where they are an
    expert also what others sent to the experts. One statement."""
    waits = exists().where(BatchMember.batch_id == Batch.id, BatchMember.waiting)
    batches = asked_to_read(select(func.count(Batch.id)), person_id, project_ids).order_by(None)
    sent = select(func.count(ReadDue.id)).where(
        ReadDue.project_id.in_(expert_in),
        ReadDue.first_by.is_distinct_from(person_id),
        *_FOR_EXPERTS,
    )
    both = batches.where(waits).scalar_subquery() + sent.scalar_subquery()
    return session.scalar(select(both)) or 0
