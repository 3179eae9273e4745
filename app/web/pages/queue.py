"""The reviewer's queue, the lead's list of projects, and the page at a batch's end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.accounts.membership import Member, projects_of
from app.accounts.people import Who
from app.db.tables.datasets import Project
from app.db.tables.review import Batch
from app.db.words import Mode, Role
from app.review.answering.look_again import look_again
from app.review.answering.own_results import last_batch, own_part, own_week
from app.review.books.progress import QueuedBatch, progress, queue_of
from app.review.serving.owed import Waiting, count_owed
from app.web.pages.own_changes import ChangesCard, changes_card

Part = tuple[Project, Role]

MODE_WORDS = {Mode.EVERYTHING: "", Mode.DECIDE_FIRST: " · decide first", Mode.BLIND: " · blind"}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A batch; or, without a size, reads that wait outside batches."""

    url: str
    name: str
    about: str
    left: int
    size: int = 0
    done: int = 0
    due: datetime | None = None
    verb: str = "Open"
    minutes: int | None = None
    checks: bool = False
    before: str = ""  # what its desk hands out first, beside its own examples


@dataclass(frozen=True, slots=True)
class ProjectRow:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class HomePage:
    first_name: str
    batches: int
    reads: int  # that wait outside them
    first: QueueRow | None
    others: list[QueueRow]
    first_due: datetime | None
    started: bool
    week: int
    median: str
    projects: list[ProjectRow]


@dataclass(frozen=True, slots=True)
class DonePage:
    number: int
    name: str
    url: str
    finished: bool
    answers: int
    copies: int
    time: str
    median: str
    relabeled: int
    confirmed: int
    removed: int
    referred: int
    blind: bool
    waiting: int
    with_others: int
    next_url: str
    next_name: str
    known: int
    as_settled: int
    looks: int
    changes: ChangesCard | None


def queue_page(
    session: Session, who: Who, *, now: datetime, first_page: Callable[[str], str]
) -> HomePage:
    """What there is to review, the batch of the last answer first, then by due date."""
    mine = [(p, role) for p, role in projects_of(session, who) if p.archived_at is None]
    asked = queue_of(session, who.id, [p.id for p, _ in mine])
    queued = [row for row in asked if row.waiting or row.done < row.batch.size]
    last = last_batch(session, who.id)
    queued.sort(key=lambda row: row.batch.id != last)
    rows = [_row(row) for row in queued]
    if rows:
        left = progress(session, queued[0].batch, who.id).seconds_left
        rows[0] = _row(queued[0], seconds_left=left)
    owed = count_owed(session, who.id, [(p.id, role) for p, role in mine], now=now)
    rows = _with_second_reads(rows, queued, owed)
    batches = len(rows)
    batched = {row.batch.project_id for row in queued}
    rows += _reads(mine, owed, batched=batched)
    week = own_week(session, who.id, now=now)
    dues = [row.due for row in rows if row.due is not None]
    return HomePage(
        first_name=(who.name.split() or [who.name])[0],
        batches=batches,
        reads=sum(row.left for row in rows[batches:]),
        first=rows[0] if rows else None,
        others=rows[1:],
        first_due=min(dues) if dues else None,
        started=bool(queued) and queued[0].batch.id == last,
        week=week.answers,
        median=seconds_in_words(week.median_seconds),
        projects=[
            ProjectRow(project.name, first_page(project.slug))
            for project, role in mine
            if role is Role.LEAD
        ],
    )


def _with_second_reads(
    rows: Sequence[QueueRow], queued: Sequence[QueuedBatch], owed: Mapping[int, Waiting]
) -> list[QueueRow]:
    """A batch's desk hands out the second reads of its project first: told at the first of them."""
    told = set[int]()
    shown = []
    for row, one in zip(rows, queued, strict=True):
        project = one.batch.project_id
        second = owed[project].second if project in owed and project not in told else 0
        told.add(project)
        words = f"{second:,} second {'read' if second == 1 else 'reads'} first" if second else ""
        shown.append(replace(row, before=words))
    return shown


def _reads(
    mine: Sequence[Part], owed: Mapping[int, Waiting], *, batched: Collection[int]
) -> list[QueueRow]:
    """Reads that wait outside batches, one row a project.

    The desk of a batch hands out the owed reads of its project too. So the row stands only where
    the queue has no batch of that project, or where something was sent to this person's role:
    such reads would wait behind a whole batch. It counts what its desk hands out, of every kind.
    """
    return [
        _reads_row(project, owed[project.id])
        for project, _ in mine
        if project.id in owed and (owed[project.id].expert or project.id not in batched)
    ]


def _reads_row(project: Project, waiting: Waiting) -> QueueRow:
    total = waiting.total
    kinds = [
        (waiting.expert, "sent to the expert", "sent to the expert"),
        (waiting.second, "second read", "second reads"),
        (waiting.first, "read to give", "reads to give"),
    ]
    said = [f"{count:,} {one if count == 1 else many}" for count, one, many in kinds if count]
    name, about = f"{total:,} reads wait", f"{project.name} · {', '.join(said)}"
    if waiting.second == total:
        name, about = f"{said[0]} {'waits' if total == 1 else 'wait'}", project.name
    elif len(said) == 1:
        name, about = said[0], project.name
    return QueueRow(url=f"/review/reads/{project.slug}", name=name, about=about, left=total)


def _row(queued: QueuedBatch, *, seconds_left: int | None = None) -> QueueRow:
    batch = queued.batch
    return QueueRow(
        url=f"/review/{batch.id}",
        name=batch.name,
        about=queued.project_name + MODE_WORDS[batch.mode],
        done=min(queued.done, batch.size),
        size=batch.size,
        due=batch.due_at,
        verb="Open" if queued.done else "Start",
        left=max(0, batch.size - queued.done),
        checks=bool(batch.rule.get("known")),
        minutes=None if seconds_left is None else max(1, round(seconds_left / 60)),
    )


def done_page(session: Session, batch: Batch, member: Member, who: Who, *, data: Path) -> DonePage:
    """How a batch went, for one of its reviewers."""
    numbers = progress(session, batch, member.person_id)
    part = own_part(session, batch, member.person_id)
    again = look_again(session, batch, member.person_id)
    ids = [p.id for p, _ in projects_of(session, who) if p.archived_at is None]
    following = [
        row for row in queue_of(session, who.id, ids) if row.batch.id != batch.id and row.waiting
    ]
    blind = batch.mode is Mode.BLIND
    return DonePage(
        number=batch.number,
        name=batch.name,
        url=f"/review/{batch.id}",
        finished=numbers.done >= numbers.size,
        answers=numbers.own,
        copies=numbers.copies,
        time=_duration(part.seconds),
        median=seconds_in_words(part.median_seconds),
        relabeled=numbers.relabeled,
        confirmed=numbers.confirmed,
        removed=numbers.removed,
        referred=part.referred,
        blind=blind,
        waiting=part.waiting,
        with_others=part.with_others,
        next_url=f"/review/{following[0].batch.id}" if following else "",
        next_name=following[0].batch.name if following else "",
        known=again.known,
        as_settled=again.as_settled,
        looks=len(again.looks),
        changes=changes_card(session, batch, member.person_id, data=data),
    )


def seconds_in_words(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    return f"{minutes} min" if minutes < 90 else f"{seconds / 3600:.1f} h"
