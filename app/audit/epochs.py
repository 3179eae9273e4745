"""Audit epochs: a fixed pool, a fresh uniform key for each of its examples."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from app.datasets.current_labels import standing_label
from app.datasets.labels import label_mapping
from app.db.log import ProjectLock
from app.db.tables.audit import AuditEpoch, AuditKey, Serve
from app.db.tables.datasets import DataImport, Example
from app.db.words import DECIDED, EventKind, ImportState, Stream
from app.labels import mapped

KEY_BITS = 62  # fits both databases' signed integers; a tie among 10^8 keys is improbable
CHUNK = 5_000
_DECIDED = sorted(DECIDED)


def prepare_epoch(session: Session, project_id: int, *, reason: str) -> int:
    """Start a new epoch beside the one that runs; it counts nothing until it opens."""
    number = session.scalar(
        select(func.coalesce(func.max(AuditEpoch.number), 0) + 1).where(
            AuditEpoch.project_id == project_id
        )
    )
    epoch = AuditEpoch(project_id=project_id, number=number or 1, reason=reason)
    session.add(epoch)
    session.flush()
    return epoch.id


def write_keys(
    session: Session, epoch_id: int, *, after: int, rng: random.Random, import_id: int | None = None
) -> int | None:
    """Give fresh keys to the labelled, undecided examples of the next page; None: no more pages.

    A page is so many examples of whatever project, by id, so that each costs the same however
    large the project is. `import_id` names the import that is being committed, whose rows nobody
    else sees yet.
    """
    if after == 0:
        project = select(AuditEpoch.project_id).where(AuditEpoch.id == epoch_id).scalar_subquery()
        first = session.scalar(select(func.min(Example.id)).where(Example.project_id == project))
        after = (first or 1) - 1
    page = select(Example.id).where(Example.id > after).order_by(Example.id).limit(CHUNK)
    ids = list(session.scalars(page))
    if not ids:
        return None
    here = Example.id.in_(page)  # by the primary key, whatever else the project could be read by
    _give_keys(session, epoch_id, _without_key(session, epoch_id, import_id, here), rng=rng)
    return ids[-1]


def _without_key(
    session: Session, epoch_id: int, import_id: int | None, *which: ColumnElement[bool]
) -> Sequence[Row[int, int | None]]:
    """Labelled, undecided examples that have no key yet, and the label that stands for each."""
    project_id = session.scalars(
        select(AuditEpoch.project_id).where(AuditEpoch.id == epoch_id)
    ).one()
    visible = select(DataImport.id).where(
        DataImport.project_id == project_id,
        (DataImport.state == ImportState.DONE) | (DataImport.id == import_id),
    )
    keyed = exists().where(AuditKey.epoch_id == epoch_id, AuditKey.example_id == Example.id)
    return session.execute(
        select(Example.id, standing_label())
        .where(
            Example.project_id == project_id,
            Example.given_label_id.is_not(None),
            Example.status.not_in(_DECIDED),
            Example.import_id.in_(visible),
            ~keyed,
            *which,
        )
        .order_by(Example.id)
        .limit(CHUNK)
    ).all()


def _give_keys(
    session: Session, epoch_id: int, rows: Sequence[Row[int, int | None]], *, rng: random.Random
) -> None:
    if not rows:
        return
    project_id = session.get_one(AuditEpoch, epoch_id).project_id
    names = label_mapping(session, project_id)
    session.connection().execute(
        insert(AuditKey.__table__),  # type: ignore[arg-type]  # columns only: no objects are made
        [
            {
                "epoch_id": epoch_id,
                "example_id": example_id,
                "key": rng.getrandbits(KEY_BITS),
                "label_at_open": mapped([standing or 0], names)[0],
            }
            for example_id, standing in rows
        ],
    )


def start_epoch(lock: ProjectLock, epoch_id: int, *, now: datetime, rng: random.Random) -> None:
    """Open a prepared epoch: the old one closes, the served and undecided are carried over.

    Examples that were opened again while the keys were written get theirs now.
    """
    session = lock.session
    epoch = session.get_one(AuditEpoch, epoch_id)
    _write_all_keys(session, epoch_id, rng=rng)
    decided = select(Example.id).where(
        Example.project_id == epoch.project_id, Example.status.in_(_DECIDED)
    )
    session.execute(
        delete(AuditKey)
        .where(AuditKey.epoch_id == epoch_id, AuditKey.example_id.in_(decided))
        .execution_options(synchronize_session=False)
    )
    pool = session.scalar(
        select(func.count()).select_from(AuditKey).where(AuditKey.epoch_id == epoch_id)
    )
    epoch.pool_size = lock.unserved = pool or 0
    epoch.opened_at = now
    if lock.epoch_id is not None:
        session.execute(
            update(AuditEpoch)
            .where(AuditEpoch.id == lock.epoch_id)
            .values(closed_at=now, last_key=lock.drawn_key)
        )
        _carry(lock, epoch_id, now=now)
        carried = session.execute(
            select(Serve.id, Serve.example_id)
            .where(Serve.epoch_id == epoch_id)
            .order_by(Serve.serve_seq)
        ).all()
        lock.serve_seq += len(carried)
        lock.unserved -= len(carried)
    lock.epoch_id, lock.drawn_key = epoch_id, -1
    lock.append(
        EventKind.EPOCH,
        {"epoch": epoch_id, "reason": epoch.reason, "pool": epoch.pool_size},
        actor=None,
        now=now,
    )


def _carry(lock: ProjectLock, new: int, *, now: datetime) -> None:
    """Serve first, under their own stream, what was ever served and has no decision now."""
    session = lock.session
    serves = session.execute(
        select(Serve.project_id, Serve.example_id, Serve.batch_id)
        .join(AuditKey, (AuditKey.epoch_id == new) & (AuditKey.example_id == Serve.example_id))
        .order_by(Serve.serve_seq)
    )
    rows = list({row.example_id: row for row in serves}.values())
    if not rows:
        return
    pool = session.get_one(AuditEpoch, new).pool_size
    session.execute(
        insert(Serve),
        [
            {
                "project_id": row.project_id,
                "epoch_id": new,
                "serve_seq": lock.serve_seq + place,
                "example_id": row.example_id,
                "stream": Stream.CARRIED,
                "unserved_before": pool - place + 1,
                "batch_id": row.batch_id,
                "at": now,
            }
            for place, row in enumerate(rows, start=1)
        ],
    )


def open_epoch(lock: ProjectLock, *, reason: str, now: datetime, rng: random.Random) -> int:
    """Prepare, fill and open an epoch in one transaction (small projects and tests)."""
    epoch_id = prepare_epoch(lock.session, lock.project_id, reason=reason)
    start_epoch(lock, epoch_id, now=now, rng=rng)
    return epoch_id


def _write_all_keys(session: Session, epoch_id: int, *, rng: random.Random) -> None:
    """Mostly nearly all have theirs, and one look finds the rest; else page by page."""
    rest = _without_key(session, epoch_id, None)
    _give_keys(session, epoch_id, rest, rng=rng)
    after: int | None = 0 if len(rest) == CHUNK else None
    while after is not None:
        after = write_keys(session, epoch_id, after=after, rng=rng)
