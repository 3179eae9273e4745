"""What a reviewer does at the desk: answer, skip, refer, undo, redo, look, give back.

Each is one turn: lock once, act, hand out what is missing, save.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from app.accounts.turn import Turn
from app.actions.turn import Caller, turn_at_batch, turn_at_example, turn_at_lease, turn_by_slug
from app.datasets.guidelines import GuidelineNews, guideline_news
from app.db.tables.review import Lease
from app.db.words import Verdict
from app.errors import Conflict, Invalid
from app.review.answering import put_aside, undo
from app.review.answering.answers import Recorded, Submission
from app.review.answering.decisions import submit
from app.review.answering.own_results import last_outside_batches
from app.review.answering.resume import last_aside
from app.review.answering.undo import Undone
from app.review.batches.batch import Batched
from app.review.books.leases import give_back_own
from app.review.books.may import readable_batch
from app.review.books.progress import BatchNumbers, batch_numbers
from app.review.serving.desk import Desk
from app.review.serving.hand_out import DESK, Around, HandedOut, hand_out
from app.review.serving.reveal import Revealed, reveal


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the asker's page wants beside the act, and what it has already."""

    examples: int = 0
    in_hand: Collection[str] = ()  # leases whose examples it holds
    guideline: int | None = None  # the revision it shows


NOTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act at the desk, and what goes out with the reply."""

    guideline: GuidelineNews
    handed: HandedOut = field(default_factory=HandedOut)
    recorded: Recorded | None = None
    seq: int | None = None  # of a skip or a referral, which can be undone by it
    numbers: BatchNumbers | None = None


def _news(turn: Turn, wanted: Wanted) -> GuidelineNews:
    lock = turn.lock
    revision = lock.guideline_revision
    return guideline_news(lock.session, lock.project_id, revision=revision, shown=wanted.guideline)


def _more(
    turn: Turn, batch: Batched | None, wanted: Wanted, around: Around | None = None
) -> HandedOut:
    """Further examples of the batch the act was in."""
    if not wanted.examples or batch is None:
        return HandedOut()
    desk = Desk(turn, batch)
    return hand_out(desk, want=wanted.examples, in_hand=wanted.in_hand, around=around)


def claim(caller: Caller, batch_id: int, wanted: Wanted) -> Done:
    """Examples of a batch for one of its readers."""
    with turn_at_batch(caller, batch_id) as turn:
        batch = readable_batch(turn.session, turn.member, batch_id)
        handed = hand_out(Desk(turn, batch), want=wanted.examples, in_hand=wanted.in_hand)
        numbers = batch_numbers(turn.session, batch, turn.member.person_id)
        return Done(_news(turn, wanted), handed, numbers=numbers)


def claim_owed(caller: Caller, slug: str, wanted: Wanted) -> Done:
    """Reads that are owed in a project, for whoever takes part and may give them."""
    with turn_by_slug(caller, slug) as turn:
        want = min(wanted.examples, DESK)
        handed = hand_out(Desk(turn, None), want=want, in_hand=wanted.in_hand)
        return Done(_news(turn, wanted), handed)


def answer(caller: Caller, submission: Submission, wanted: Wanted = NOTHING) -> Done:
    """Record one answer: to a lease, or else to an example, directly or in place of an own one."""
    if (submission.lease is None) == (submission.example_id is None):
        raise Invalid(
            "An answer needs its lease, or else its example.",
            next_step="Send `lease` from a claim, or `example` for a direct answer.",
        )
    if submission.lease is not None and submission.supersedes is not None:
        raise Invalid(
            "An answer to a lease takes no other answer's place.",
            next_step="Leave out `supersedes`, or name your earlier answer's example instead.",
        )
    if submission.lease is not None:
        opened = turn_at_lease(caller, submission.lease)
    else:
        opened = turn_at_example(caller, submission.example_id or 0)
    with opened as turn:
        recorded, batch, around = submit(turn, submission, refill=min(wanted.examples, DESK))
        return Done(_news(turn, wanted), _more(turn, batch, wanted, around), recorded)


def skip(caller: Caller, token: str, *, key: str, wanted: Wanted = NOTHING) -> Done:
    """Put an example aside, for later and for others."""
    with turn_at_lease(caller, token) as turn:
        return _aside(turn, put_aside.skip(turn, token, key=key), wanted)


def refer(
    caller: Caller, token: str, *, key: str, note: str = "", wanted: Wanted = NOTHING
) -> Done:
    """Send an example to the experts, or to the leads where there is none."""
    with turn_at_lease(caller, token) as turn:
        return _aside(turn, put_aside.refer(turn, token, key=key, note=note), wanted)


def _aside(turn: Turn, lease: Lease, wanted: Wanted) -> Done:
    handed = HandedOut()
    if wanted.examples and lease.batch_id is not None:
        batch = readable_batch(turn.session, turn.member, lease.batch_id)
        handed = _more(turn, batch, wanted)
    return Done(_news(turn, wanted), handed, seq=lease.ended_seq)


def show(caller: Caller, token: str, *, verdict: Verdict, label: int | None) -> Revealed:
    """What *decide first* shows once the reviewer has answered."""
    with turn_at_lease(caller, token) as turn:
        return reveal(turn, token, verdict=verdict, label=label)


def give_back(caller: Caller, tokens: Sequence[str]) -> int:
    """A closed tab gives its examples back at once; returns how many."""
    with turn_at_lease(caller, tokens[0]) as turn:
        return give_back_own(turn, tokens)


def undo_in_batch(caller: Caller, batch_id: int, *, key: str, seq: int | None = None) -> Undone:
    """Take back an own answer, skip or referral in a batch: the named one, or the last."""
    with turn_at_batch(caller, batch_id) as turn:
        return undo.undo(turn, key=key, seq=seq, batch_id=batch_id)


def undo_named(caller: Caller, example_id: int, *, seq: int, key: str) -> Undone:
    """Take back an own answer to an example, or that it was skipped or sent to an expert."""
    with turn_at_example(caller, example_id) as turn:
        return undo.undo(turn, key=key, seq=seq, example_id=example_id)


def undo_read(caller: Caller, slug: str, *, key: str) -> Undone:
    """Take back the last own answer, skip or referral among the reads that are in no batch."""
    with turn_by_slug(caller, slug) as turn:
        answered = last_outside_batches(turn.session, turn.project_id, turn.member.person_id)
        aside = turn.session.scalar(select(last_aside(turn, Lease.batch_id.is_(None))))
        last = max(answered or 0, aside or 0)
        if not last:
            raise Conflict("There is nothing to undo.", next_step="Go on with the next example.")
        return undo.undo(turn, key=key, seq=last)


def redo(caller: Caller, example_id: int, *, seq: int, key: str) -> Undone:
    """Let an own answer stand again that was undone."""
    with turn_at_example(caller, example_id) as turn:
        return undo.redo(turn, key=key, seq=seq, example_id=example_id)
