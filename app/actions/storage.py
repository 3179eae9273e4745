"""Where a Relabel keeps things: its database and its files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from app.datasets.blobs import BlobStore
from app.db.engine import writing
from app.errors import Failure


@dataclass(frozen=True, slots=True)
class Storage:
    engine: Engine
    blobs: BlobStore


NOBODYS = 0
"""No project: whatever import names the file needs it."""


@contextmanager
def gone_if_refused(storage: Storage, name: str) -> Iterator[None]:
    """Around an act on a file that was stored for it: where the act is refused, the file goes
    again, unless something else needs it."""
    from app.datasets.erased_files import delete_unneeded  # loads NumPy

    try:
        yield
    except Failure:
        with writing(storage.engine) as session:
            delete_unneeded(session, storage.blobs, NOBODYS, [name])
        raise
