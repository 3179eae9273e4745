"""Whether a project is whole: its log, its serves, and that nothing waits for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.log import FIRST_HASH, chain
from app.db.tables.audit import AuditKey, Serve
from app.db.tables.datasets import Project
from app.db.tables.review import Event
from app.review.books.forgotten import forgotten, misled, misread

MOST_NAMED = 5  # numbers that a finding names


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be, and what to do."""

    what: str
    next_step: str


def examine(session: Session, project: Project) -> Iterator[Finding]:
    """Everything that is wrong with a project; nothing, where it is whole."""
    yield from _log(session, project)
    yield from _serves(session, project)
    waiting = forgotten(session, project.id)
    if waiting:
        yield Finding(
            f"{len(waiting):,} served examples wait for nobody ({_named(waiting)}).",
            "Rule on them on their own pages, and report it.",
        )
    held = misled(session, project.id)
    if held:
        yield Finding(
            f"{len(held):,} examples are held by people who may not read them.",
            "Close and reopen their batch's tabs; they go to others within half an hour.",
        )


def notes(session: Session, project: Project) -> Iterator[str]:
    """What is no fault now, and stays in the log."""
    twice = misread(session, project.id)
    if twice:
        yield (
            f"{len(twice):,} answers are by people who had read the example before "
            f"(events {_named(twice)}); no measure counts them."
        )


def _log(session: Session, project: Project) -> Iterator[Finding]:
    """The chain, from its first event to its head."""
    head, seq = FIRST_HASH, 0
    events = select(Event.seq, Event.body, Event.hash).where(Event.project_id == project.id)
    for event in session.execute(events.order_by(Event.seq).execution_options(yield_per=5_000)):
        seq += 1
        head = chain(head, event.body.encode())
        if event.seq != seq or event.hash != head:
            yield Finding(
                f"The log is broken at event {event.seq}.",
                "Restore a backup that is whole; relabel verify says which releases are.",
            )
            return
    if (seq, head) != (project.log_seq, project.log_hash):
        yield Finding(
            f"The log has {seq:,} events and its head says {project.log_seq:,}.",
            "Restore a backup that is whole; relabel verify says which releases are.",
        )


def _serves(session: Session, project: Project) -> Iterator[Finding]:
    """Numbered without gaps, and what is left of the open pool counted right."""
    count, last = session.execute(
        select(func.count(), func.coalesce(func.max(Serve.serve_seq), 0)).where(
            Serve.project_id == project.id
        )
    ).one()
    if not count == last == project.serve_seq:
        yield Finding(
            f"There are {count:,} serves, numbered to {last:,}; {project.serve_seq:,} are counted.",
            "Report it: the next estimate starts with a new audit.",
        )
    if project.epoch_id is None:
        return
    served = (
        select(func.count())
        .select_from(AuditKey)
        .join(
            Serve,
            (Serve.epoch_id == AuditKey.epoch_id) & (Serve.example_id == AuditKey.example_id),
        )
        .where(AuditKey.epoch_id == project.epoch_id)
    )
    keys = select(func.count()).where(AuditKey.epoch_id == project.epoch_id)
    left = (session.scalar(keys) or 0) - (session.scalar(served) or 0)
    if left != project.unserved:
        yield Finding(
            f"{left:,} examples of the open audit are unserved; {project.unserved:,} are counted.",
            "Report it: the next estimate starts with a new audit.",
        )


def _named(numbers: list[int]) -> str:
    more = ", …" if len(numbers) > MOST_NAMED else ""
    return ", ".join(str(number) for number in numbers[:MOST_NAMED]) + more
