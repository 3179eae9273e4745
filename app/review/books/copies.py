"""Identical examples, which are answered together: which of them one answer goes to.

One look at a text says what all its copies are. They are not looks of their own: they leave the
pool of the audit under a stream of their own, throw no coins and measure nobody.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from app.accounts.membership import Member
from app.datasets.current_labels import current_label, standing_label
from app.db.prepared import run
from app.db.tables.audit import Serve
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.review import Decision, Lease, ReadDue
from app.db.types import BigId, UtcDateTime
from app.db.words import Due, ImportState, ReadReason, Status, Stream
from app.review.books.may import last_opened, may_give, may_read, others_may_read, reads_of, role_of
from app.review.books.pool import in_pool

MOST_COPIES = 50
"""Copies that one answer goes to; of a larger group the rest stay where they are."""

READ_TOGETHER = (ReadReason.FIRST, ReadReason.CONFIRM, ReadReason.COIN)
"""Reads whose answer goes to copies: the first one, and second ones, which confirm a change."""

_me = bindparam("me", type_=BigId)
_project = bindparam("project", type_=BigId)
_head = bindparam("head", type_=BigId)
_MOST = bindparam("most", type_=Integer)
_copy = aliased(Example)


def has_copies() -> ColumnElement[bool]:
    """Of an `Example`: whether an identical one is still to be read; by one index.

    Whether an answer goes to it, `copies_of` says.
    """
    same = exists().where(
        _same_content(_copy, Example), _copy.status.in_((Status.UNREVIEWED, Status.PENDING))
    )
    return same.correlate_except(_copy)


def contents_in_hand() -> ColumnElement[bool]:
    """Of an `Example`: whether an identical one is in hand for its first read in this batch."""
    held = aliased(Example)
    out = (
        select(held.content_hash)
        .select_from(Lease)
        .join(held, held.id == Lease.example_id)
        .where(
            Lease.project_id == _project,
            Lease.batch_id == bindparam("batch"),
            Lease.ended_at.is_(None),
            Lease.expires_at > bindparam("now", type_=UtcDateTime),
            Lease.read_reason == ReadReason.FIRST,
        )
        .correlate(None)
    )
    return Example.content_hash.in_(out)


def _same_content(copy: type[Example], head: type[Example]) -> ColumnElement[bool]:
    return and_(
        copy.project_id == head.project_id,
        copy.content_hash == head.content_hash,
        copy.id != head.id,
    )


class Copy(NamedTuple):
    """An identical example that an answer goes to."""

    example_id: int
    given: int | None  # as it was imported
    given_now: int | None  # the label that stands for it
    serve_seq: int | None
    stream: Stream | None
    answered: bool  # something was said of it before
    others: bool  # somebody else may read it


def copies_of(
    session: Session, member: Member, example_id: int, read: ReadReason
) -> list[Row[Any]]:
    """The examples that this person's answer to an identical one goes to, as `Copy` names them.

    Nothing that is served otherwise, in somebody's hand, erased, of an import that is not visible,
    or not theirs to judge; and nothing where the project has each example read by itself.
    """
    if read not in READ_TOGETHER:
        return []
    query = _fresh() if read is ReadReason.FIRST else _pending(reads_of(role_of(member)))
    asked = {
        "me": member.person_id,
        "project": member.project_id,
        "head": example_id,
        "most": MOST_COPIES + 1,
    }
    return list(run(session, query, asked))


def _columns(copy: type[Example]) -> tuple[Any, ...]:
    answered = exists().where(Decision.example_id == copy.id).correlate(copy)
    return (
        copy.id.label("example_id"),
        copy.given_label_id.label("given"),
        current_label(standing_label(copy)).label("given_now"),
        Serve.serve_seq,
        Serve.stream,
        answered.label("answered"),
        others_may_read(copy.id, _me, _project).label("others"),
        in_pool(Project.epoch_id, copy.id).label("in_pool"),
    )


def _alike(copy: type[Example], head: type[Example]) -> Select[Any]:
    """What every kind of copy has: its serve beside it, visible, and in nobody's hand."""
    here = and_(Serve.epoch_id == Project.epoch_id, Serve.example_id == copy.id)
    visible = exists().where(DataImport.id == copy.import_id, DataImport.state == ImportState.DONE)
    held = exists().where(Lease.example_id == copy.id, Lease.ended_at.is_(None))
    return (
        select(*_columns(copy))
        .select_from(head)
        .join(Project, and_(Project.id == head.project_id, Project.copies_together))
        .join(copy, _same_content(copy, head))
        .outerjoin(Serve, here)
        .where(
            head.id == _head,
            head.project_id == _project,
            visible.correlate(copy),
            not_(held.correlate(copy)),
        )
        .order_by(copy.id)
        .limit(_MOST)
    )


@cache
def _fresh() -> Select[Any]:
    """Copies that nobody has read: never served, or taken back with an answer to this example."""
    head, copy = aliased(Example), aliased(Example)
    first = aliased(Decision)
    came_with = (
        exists()
        .where(
            Decision.example_id == copy.id,
            first.project_id == copy.project_id,
            first.seq == Decision.with_seq,
            first.example_id == head.id,
        )
        .correlate(copy, head)
    )
    taken_back = and_(came_with, last_opened(copy.id) == 0)
    return _alike(copy, head).where(
        copy.status == Status.UNREVIEWED,
        or_(Serve.id.is_(None), taken_back),
        may_read(copy.id, _me),
    )


@cache
def _pending(roles: tuple[str, ...]) -> Select[Any]:
    """Copies whose change waits for a second reader since the same answer as this example's."""
    head, copy = aliased(Example), aliased(Example)
    due, said = aliased(ReadDue), aliased(Decision)
    group = func.coalesce(said.with_seq, said.seq)
    of_head = (
        select(group)
        .join(due, and_(due.created_by_seq == said.seq, due.project_id == said.project_id))
        .where(due.example_id == _head, due.reason.in_((Due.CONFIRM, Due.COIN)))
        .order_by(due.id.desc())
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    answer = aliased(Decision)
    owed = (
        exists()
        .where(
            ReadDue.example_id == copy.id,
            ReadDue.reason == Due.CONFIRM,
            ReadDue.done_at.is_(None),
            answer.project_id == ReadDue.project_id,
            answer.seq == ReadDue.created_by_seq,
            func.coalesce(answer.with_seq, answer.seq) == of_head,
            may_give(_me, ReadDue.for_role.in_(roles)),
        )
        .correlate(copy)
    )
    return _alike(copy, head).where(copy.status == Status.PENDING, owed)


def copies_answered(session: Session, project_id: int, seq: int) -> int:
    """How many examples an answer went to beside its own."""
    query = select(func.count()).where(Decision.project_id == project_id, Decision.with_seq == seq)
    return session.scalar(query) or 0
