"""Who may read which example: one predicate, asked where one is handed out or an answer recorded.

An active member of a project that is in use, with the role and among the batch's people; not who
gave its label; not who answered it, or ruled on it, since it was last opened; not who put it aside
twice since.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.accounts.membership import LEVEL, Member, is_active, takes_part
from app.audit.stands import OPENS, since_reopening, stands
from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.accounts import Membership
from app.db.tables.datasets import Example, Project, Source
from app.db.tables.review import Batch, BatchPerson, Decision, Lease, ReadDue, Reversal
from app.db.words import BatchState, ReadReason, Role, Routing, Status, WhyEnded
from app.errors import NotFound, ProjectArchived
from app.review.books.dues import PUT_ASIDE

MOST_SKIPS = 2  # who has put an example aside so often is not handed it again
_SKIPPED = literal(WhyEnded.SKIPPED, Lease.ended_why.type, literal_execute=True)  # or no index fits

Id: TypeAlias = ColumnElement[int] | InstrumentedAttribute[int]
"""Of whatever stands in the statement around: what is said of it takes all but its own tables."""

# Once: of an alias made anew, SQLAlchemy makes all columns anew.
_of_lease, _labelled = aliased(Batch), aliased(Example)
_skipped, _opened = aliased(Lease), aliased(Reversal)


def check_in_use(project: ProjectLock | Project) -> None:
    """Nothing is handed out or recorded in a project that was put away."""
    if project.archived:
        raise ProjectArchived(
            "This project is archived: nothing in it can be answered or changed.",
            next_step="Ask a lead to bring it back; what you have not sent is not lost.",
        )


def leads(member: Member) -> bool:
    return bool(member.is_admin) or member.role is Role.LEAD


def role_of(member: Member) -> Role:
    """The role that holds here: an admin acts as lead."""
    return Role.LEAD if leads(member) else member.role or Role.REVIEWER


def reads_of(role: Role) -> tuple[str, ...]:
    """Whose reads a role may give, as `read_due.for_role` names them: its own and lower ones."""
    return tuple(name for name, least in _LEAST.items() if LEVEL[role] >= LEVEL[least])


_LEAST = {"": Role.REVIEWER, Role.EXPERT.value: Role.EXPERT, Role.LEAD.value: Role.LEAD}


def readable_batch(session: Session, member: Member, batch_id: int) -> Batch:
    """The batch, if this person is asked to read it; leads may read every batch of theirs."""
    row = session.execute(
        select(Batch, is_asked(literal(member.person_id)).label("asked")).where(
            Batch.id == batch_id, Batch.project_id == member.project_id
        )
    ).one_or_none()
    if row is None or not (row.asked or leads(member)):
        raise NotFound()
    batch: Batch = row.Batch
    return batch


def is_asked(person: Id) -> ColumnElement[bool]:
    """Whether a `Batch` is for this person; one for experts is for them and for leads."""
    named = exists().where(BatchPerson.batch_id == Batch.id, BatchPerson.person_id == person)
    judges = takes_part(person, Batch.project_id, Role.EXPERT, Role.LEAD)
    return and_(
        or_(Batch.everyone, named.correlate_except(BatchPerson)),
        or_(Batch.routing != Routing.EXPERTS, judges),
    )


def is_for_experts(batch_id: Any, person: Id) -> ColumnElement[bool]:
    """Whether first reads that an open batch handed out are for experts, and this person is none.

    Put aside, given back or run out, they stay with them.
    """
    return (
        exists()
        .where(
            _of_lease.id == batch_id,
            _of_lease.routing == Routing.EXPERTS,
            _of_lease.state != BatchState.CLOSED,
            not_(takes_part(person, _of_lease.project_id, Role.EXPERT, Role.LEAD)),
        )
        .correlate_except(_of_lease)
    )


def was_handed(session: Session, person_id: int, token: str, batch_id: int) -> bool:
    """Whether an example of a batch was handed to this person under this token, live or ended."""
    mine = exists().where(
        Lease.token == token, Lease.person_id == person_id, Lease.batch_id == batch_id
    )
    return bool(session.scalar(select(mine)))


def may_read(example_id: Id, person: Id) -> ColumnElement[bool]:
    """What the example itself says, whoever holds it and in whatever batch it is."""
    return and_(
        not_(gave_its_label(example_id, person)),
        not_(has_read(example_id, person)),
        not_(put_it_aside(example_id, person)),
    )


def gave_its_label(example_id: Id, person: Id) -> ColumnElement[bool]:
    """Nobody judges a label they gave."""
    return (
        exists()
        .where(
            _labelled.id == example_id,
            Source.id == _labelled.source_id,
            Source.person_id == person,
        )
        .correlate_except(_labelled, Source)
    )


def is_own_label(session: Session, example_id: int, person_id: int) -> bool:
    """Whether a person gave this example its label, and so must not judge it."""
    return bool(session.scalar(select(gave_its_label(literal(example_id), literal(person_id)))))


def has_read(example_id: Id, person: Id) -> ColumnElement[bool]:
    """Another read of theirs would not be independent: they answered, or saw the answers.

    A late answer to a lease saw nothing and does not count; one given directly saw it all.
    """
    saw_nothing = and_(
        Decision.read_reason == ReadReason.LATE,
        or_(Decision.lease_token.is_not(None), Decision.supersedes.is_not(None)),
    )
    return (
        exists()
        .where(
            Decision.example_id == example_id,
            Decision.person_id + 0 == person,  # by the example's index: a person has thousands
            not_(saw_nothing),
            stands(),
            since_reopening(),
        )
        .correlate_except(Decision)
    )


def is_first_answer(person: Id) -> ColumnElement[bool]:
    """Whether a direct answer to an `Example` is its first: none stands, nobody else holds it."""
    held = exists().where(
        Lease.example_id == Example.id, Lease.ended_at.is_(None), Lease.person_id != person
    )
    return and_(Example.status == Status.UNREVIEWED, not_(held.correlate(Example)))


def put_it_aside(example_id: Id, person: Id) -> ColumnElement[bool]:
    """They skipped it as often as anybody may, since it was last opened."""
    times = (
        select(func.count())
        .where(
            _skipped.example_id == example_id,
            _skipped.person_id == person,
            _skipped.ended_why == _SKIPPED,
            func.coalesce(_skipped.ended_seq, 0) >= last_opened(example_id),
        )
        .correlate_except(_skipped)
        .scalar_subquery()
    )
    return times >= MOST_SKIPS


def last_opened(example_id: Id) -> ColumnElement[int]:
    """The event that last opened an example anew; 0 where none did."""
    last = (
        select(func.max(_opened.seq))
        .where(_opened.example_id == example_id, _opened.kind.in_(OPENS))
        .correlate_except(_opened)
        .scalar_subquery()
    )
    return func.coalesce(last, 0)


def may_give(person: Id, for_role: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether this person may give a `ReadDue`; `for_role` says whether their role allows it."""
    return and_(
        ReadDue.first_by.is_distinct_from(person),
        or_(ReadDue.for_person.is_(None), ReadDue.for_person == person),
        for_role,
        or_(ReadDue.reason.not_in(PUT_ASIDE), not_(is_for_experts(ReadDue.batch_id, person))),
        may_read(ReadDue.example_id, person),
    )


def somebody_may_give() -> ColumnElement[bool]:
    """Whether anybody who takes part in its project may give a `ReadDue`."""
    for_role = or_(*[and_(Membership.role == r, ReadDue.for_role.in_(reads_of(r))) for r in Role])
    return (
        exists()
        .where(
            Membership.project_id == ReadDue.project_id,
            is_active(),
            may_give(Membership.person_id, for_role),
        )
        .correlate(ReadDue)
    )


def others_may_read(example_id: Id, me: Any, project: Any) -> ColumnElement[bool]:
    """Whether anybody but `me` may read an example, so that a further read is given."""
    return exists().where(
        Membership.project_id == project,
        Membership.person_id != me,
        is_active(),
        may_read(example_id, Membership.person_id),
    )


_READERS = select(Membership.person_id, Membership.role).where(
    Membership.project_id == bindparam("project"),
    is_active(),
    may_read(bindparam("example", type_=Integer), Membership.person_id),
)


def readers_of(session: Session, project_id: int, example_id: int) -> dict[int, Role]:
    """Everyone who takes part and may read this example now, and as what."""
    rows = run(session, _READERS, {"project": project_id, "example": example_id})
    return {row.person_id: row.role for row in rows}


def somebody_else_may_read(session: Session, project_id: int, example_id: int, *, but: int) -> bool:
    """Whether anybody beside this person may read an example now."""
    return bool(readers_of(session, project_id, example_id).keys() - {but})


def has_expert(session: Session, project_id: int, *, but: int) -> bool:
    """Whether an example that is sent to an expert finds one beside this person."""
    people = active_people(session, project_id)
    return any(role is Role.EXPERT for person, role in people.items() if person != but)


def barred_sources(session: Session, project_id: int, person_id: int) -> frozenset[int]:
    """Sources that are this person: nobody judges labels they gave."""
    sources = session.scalars(
        select(Source.id).where(Source.project_id == project_id, Source.person_id == person_id)
    )
    return frozenset(sources)


def active_people(session: Session, project_id: int) -> dict[int, Role]:
    """Everyone who takes part in this project now, and as what."""
    rows = session.execute(
        select(Membership.person_id, Membership.role).where(
            Membership.project_id == project_id, is_active()
        )
    )
    return dict(rows.all())
