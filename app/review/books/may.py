"""Who may read which example."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from app.accounts.membership import LEVEL, Member
from app.audit.stands import since_reopening, stands
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Source
from app.db.tables.review import Batch, BatchPerson, Decision, ReadDue
from app.db.words import ReadReason, Role
from app.errors import NotFound
from app.review.books.dues import FIRST_READS


def leads(member: Member) -> bool:
    return bool(member.is_admin) or member.role is Role.LEAD


def reads_of(role: Role) -> tuple[str, ...]:
    """Whose reads a role may give, as `read_due.for_role` names them: its own and lower ones."""
    return tuple(name for name, least in _LEAST.items() if LEVEL[role] >= LEVEL[least])


_LEAST = {"": Role.REVIEWER, Role.EXPERT.value: Role.EXPERT, Role.LEAD.value: Role.LEAD}


def readable_batch(session: Session, member: Member, batch_id: int) -> Batch:
    """The batch, if this person is asked to read it; leads may read every batch of theirs."""
    asked = exists().where(
        BatchPerson.batch_id == Batch.id, BatchPerson.person_id == member.person_id
    )
    row = session.execute(
        select(Batch, asked.label("asked")).where(
            Batch.id == batch_id, Batch.project_id == member.project_id
        )
    ).one_or_none()
    if row is None or not (row.Batch.everyone or row.asked or leads(member)):
        raise NotFound()
    batch: Batch = row.Batch
    return batch


def bars_its_giver() -> ColumnElement[bool]:
    """Whether whoever gave a `Decision` may not also give a `ReadDue` beside it.

    Another read of theirs would not be independent, once their answer stands since the example was
    last opened. A late answer saw nothing and does not count; a first read is nobody's second.
    """
    return and_(
        Decision.example_id == ReadDue.example_id,
        ReadDue.reason.not_in(FIRST_READS),
        Decision.read_reason != ReadReason.LATE,
        stands(),
        since_reopening(),
    )


def barred_sources(session: Session, project_id: int, person_id: int) -> frozenset[int]:
    """Sources that are this person: nobody judges labels they gave."""
    sources = session.scalars(
        select(Source.id).where(Source.project_id == project_id, Source.person_id == person_id)
    )
    return frozenset(sources)


def active_people(session: Session, project_id: int) -> dict[int, Role]:
    """Everyone who is asked to read in this project now, and as what."""
    rows = session.execute(
        select(Membership.person_id, Membership.role)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.project_id == project_id,
            Membership.left_at.is_(None),
            Person.disabled_at.is_(None),
        )
    )
    return dict(rows.all())
