"""Where a Relabel keeps things: its database and its files."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from app.datasets.blobs import BlobStore


@dataclass(frozen=True, slots=True)
class Storage:
    engine: Engine
    blobs: BlobStore
