"""Answers outside a lease: in place of an own earlier one, directly, or as a lead's ruling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, exists, literal, select

from app.accounts.turn import Turn
from app.datasets.current_labels import current_label, standing_label
from app.datasets.labels import NOT_YET
from app.datasets.visible import visible_imports
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Batch, Decision, Lease
from app.db.words import BatchState, Mode, ReadReason, Role, Status, Stream, WhyEnded
from app.errors import BatchClosed, Conflict, ExampleErased, Forbidden, LeaseLost, NotFound
from app.review.answering.answers import (
    Asked,
    NamedLabel,
    Recorded,
    Submission,
    about_to_say,
    asked_before,
    check,
    record,
)
from app.review.answering.copies import answer_copies, change_copies
from app.review.answering.further_reads import After, FurtherReads, owe_further
from app.review.answering.hidden import said_blind
from app.review.answering.lease_look import is_still_asked
from app.review.books.coins import UNTHROWN, throw
from app.review.books.copies import has_copies
from app.review.books.fold import Folded
from app.review.books.leases import end_own
from app.review.books.may import (
    check_in_use,
    gave_its_label,
    has_read,
    is_asked,
    is_first_answer,
    leads,
    put_it_aside,
    role_of,
)
from app.review.books.pool import is_unserved
from app.review.books.questions import settle_about
from app.review.books.standing import bring_in_line, stored
from app.review.books.stuck import list_stuck
from app.review.serving.draws import serve_direct


@dataclass(frozen=True, slots=True)
class _About:
    """How an example stands that is answered outside a lease."""

    example_id: int
    status: Status
    serve_seq: int | None
    stream: Stream | None
    first: bool  # a direct answer would be its first
    own: bool  # held by who answers
    own_label: bool
    has_read: bool
    skipped: bool
    given: int | None  # the label that stands, as it is called now
    has_copies: bool


def _look(turn: Turn, answer: Submission, example_id: int | None) -> _About:
    """The example, if it is there to be answered and this answer makes sense for it."""
    check_in_use(turn.lock)
    here = and_(Serve.epoch_id == turn.lock.epoch_id, Serve.example_id == Example.id)
    chosen = and_(
        Label.id == answer.label_id,
        Label.project_id == Example.project_id,
        Label.schema_revision > NOT_YET,
    )
    me = literal(turn.member.person_id)
    own = exists().where(
        Lease.example_id == Example.id, Lease.ended_at.is_(None), Lease.person_id == me
    )
    row = turn.session.execute(
        select(
            Example.id,
            Example.status,
            Serve.serve_seq,
            Serve.stream,
            is_first_answer(me).label("first"),
            own.label("own"),
            gave_its_label(Example.id, me),
            has_read(Example.id, me),
            put_it_aside(Example.id, me),
            current_label(standing_label()),
            has_copies(),
            Label.id,
            Label.name,
            Label.retired_at,
        )
        .outerjoin(Label, chosen)
        .outerjoin(Serve, here)
        .where(
            Example.id == example_id,
            Example.project_id == turn.project_id,
            Example.import_id.in_(visible_imports(turn.project_id)),
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    *about, label_id, name, retired_at = row
    found = _About(*about)
    if found.status is Status.ERASED:
        raise ExampleErased()
    label = NamedLabel(label_id, name, retired_at) if label_id is not None else None
    check(answer, given=found.given, label=label)
    return found


def change(turn: Turn, answer: Submission) -> Recorded:
    """Put a new answer in the place of an own earlier one, until the batch ends."""
    me = literal(turn.member.person_id)
    query: Any = (
        select(Decision, Decision.batch_id, Batch.state, is_asked(me).label("asked"))
        .outerjoin(Batch, Batch.id == Decision.batch_id)
        .where(
            Decision.project_id == turn.project_id,
            Decision.seq == answer.supersedes,
            Decision.person_id == turn.member.person_id,
        )
    )
    row: Row[Any] | None = turn.session.execute(query).one_or_none()
    if row is None or answer.example_id not in (None, row.Decision.example_id):
        raise NotFound()
    earlier = row.Decision
    about = _look(turn, answer, earlier.example_id)
    answer = said_blind(answer, earlier.mode, given=about.given)
    check_open(turn, earlier.batch_id, row.state)
    check_may_stand(
        turn,
        Standing(
            earlier.adjudicates,
            is_direct(earlier.lease_token, earlier.supersedes, earlier.with_seq),
        ),
        own_label=about.own_label,
        asked=is_still_asked(turn, row),
    )
    before = stored(turn.session, turn.project_id, earlier.example_id)
    late = earlier.read_reason is ReadReason.LATE
    if not late and all(standing.seq != earlier.seq for standing in before.folded().standing):
        raise LeaseLost(
            "That answer was replaced or undone already.",
            next_step="Look at the latest answer instead.",
        )
    seq, state = _say(turn, answer, asked_before(earlier), about)
    change_copies(turn, answer, earlier.seq, seq=seq, given=about.given)
    return Recorded(seq, "stored", earlier.example_id, earlier.batch_id, state.status)


def is_direct(lease: str | None, supersedes: int | None, with_seq: int | None) -> bool:
    """Of an answer: given to no lease, in no other's place, and not with that to a copy."""
    return lease is None and supersedes is None and with_seq is None


class Standing(NamedTuple):
    """What an own answer is, that is to stand (again): a ruling, or one to no lease."""

    ruling: bool
    direct: bool


def check_may_stand(turn: Turn, answer: Standing, *, own_label: bool, asked: bool) -> None:
    """Whoever could not give an answer now lets none stand either, in another's place or again."""
    role = role_of(turn.member)
    if (answer.ruling and role is not Role.LEAD) or (answer.direct and role is Role.REVIEWER):
        raise Forbidden(
            "Your role does not give such an answer any more.", next_step="Ask a lead to decide."
        )
    check_unbiased(own_label=own_label)
    if not asked:
        raise Forbidden(
            "This batch is not for you any more.", next_step="Tell a lead what is wrong."
        )


def check_unbiased(*, own_label: bool) -> None:
    if own_label:
        raise Forbidden(
            "You gave this example its label, so somebody else has to judge it.",
            next_step="Ask another lead of the project.",
        )


def check_open(turn: Turn, batch_id: int | None, state: BatchState | None) -> None:
    """Own answers may change until the batch ends; a lead's always."""
    if batch_id is not None and state is BatchState.CLOSED and not leads(turn.member):
        raise BatchClosed(
            "The batch has ended, so its answers stand.", next_step="Tell a lead what is wrong."
        )


def answer_directly(turn: Turn, answer: Submission) -> Recorded:
    """An answer to no lease, by a lead or an expert: everybody else answers what was handed out.

    A first answer where nothing stands and nobody holds it. Else its history was on the screen, so
    it never confirms anything.
    """
    if role_of(turn.member) is Role.REVIEWER:
        raise Forbidden(
            "Reviewers answer what was handed out to them.",
            next_step="Claim examples of a batch, or ask a lead to decide this one.",
        )
    about = _look(turn, answer, answer.example_id)
    check_unbiased(own_label=about.own_label)
    if about.has_read or about.skipped:
        raise Conflict(
            "You have read this example already.",
            next_step="Change the answer you gave, or undo it first.",
            code="read_already",
        )
    asked = _served(turn, Asked(about.example_id, Mode.EVERYTHING, ReadReason.FIRST), about)
    if not about.first:
        asked = replace(asked, read_reason=ReadReason.LATE)
    seq, state = _say(turn, answer, asked, about)
    if asked.read_reason is ReadReason.LATE:
        return Recorded(seq, "late", asked.example_id, None, state.status)
    copies = 0
    if about.has_copies:
        copies = answer_copies(turn, answer, asked, seq=seq, given=about.given)
    return Recorded(seq, "stored", asked.example_id, None, state.status, copies=copies)


def _served(turn: Turn, asked: Asked, about: _About) -> Asked:
    """With the serve by which the example leaves, or has left, the pool of the open audit."""
    if about.serve_seq is not None:
        return replace(asked, serve_seq=about.serve_seq, stream=about.stream)
    if not is_unserved(turn.lock, about.example_id):
        return asked
    seq = serve_direct(turn.lock, about.example_id, now=turn.now)
    return replace(asked, serve_seq=seq, stream=Stream.DIRECT)


def _say(turn: Turn, answer: Submission, asked: Asked, about: _About) -> tuple[int, Folded]:
    """Record an answer, with its coins where it makes the example final, and what follows."""
    before = stored(turn.session, turn.project_id, asked.example_id)
    said = about_to_say(turn, answer, asked)
    state = before.folded(said)
    coins = UNTHROWN  # no read of a copy is measured
    if asked.with_seq is None:
        coins = throw(turn.rng, state, said, before=before.thrown, second_share=0)
    record(turn, answer, asked, coins)
    if about.own:
        end_own(turn, about.example_id, why=WhyEnded.ANSWERED)
    if asked.adjudicates:
        settle_about(turn, asked.example_id, seq=said.seq)
    bring_in_line(turn.lock, asked.example_id, state, now=turn.now)
    if coins != UNTHROWN:
        owe_further(turn, asked.example_id, state, FurtherReads(), After(said, coins))
    if asked.read_reason is ReadReason.LATE:  # who has seen the history reads it no more
        list_stuck(turn.lock, now=turn.now, examples=[asked.example_id])
    return said.seq, state


def adjudicate(turn: Turn, answer: Submission) -> Recorded:
    """A lead's ruling: final by itself. It has seen every answer, also an own one."""
    about = _look(turn, answer, answer.example_id)
    check_unbiased(own_label=about.own_label)
    plain = Asked(about.example_id, Mode.EVERYTHING, ReadReason.THIRD, adjudicates=True)
    seq, state = _say(turn, answer, _served(turn, plain, about), about)
    return Recorded(seq, "stored", about.example_id, None, state.status)
