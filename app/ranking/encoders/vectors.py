"""Vectors of a project's examples: kept by content, so that only what is new is encoded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.arrays import Embeddings
from app.datasets.blobs import BlobStore
from app.db.tables.ranking import ScoringRun
from app.db.words import RunState
from app.errors import Gone, NotFound
from app.learning.pool import threads
from app.learning.threads import one_thread
from app.progress import Progress
from app.ranking.encoders.encoder import Encoder
from app.ranking.encoders.files import read_files
from app.ranking.encoders.runners import RUNNERS, Run, Runner
from app.ranking.load import Dataset

Half = NDArray[np.float16]
Kept = Mapping[str, Half]
"""Vectors by the hash of the content."""


@dataclass(frozen=True)
class EncodingMeans:
    """Where files are, who hears how far it is, and how many threads begin how."""

    blobs: BlobStore
    progress: Progress
    threads: int
    begin: Callable[[], None] | None = None


def kept_by(session: Session, project_id: int, encoder: Encoder) -> str:
    """The blob of the newest run that kept vectors of this very encoder; empty if none did."""
    query = (
        select(ScoringRun.artefacts)
        .where(ScoringRun.project_id == project_id, ScoringRun.state == RunState.COMPLETE)
        .order_by(ScoringRun.id.desc())
    )
    named = (artefacts.get(encoder.kept_as, "") for artefacts in session.scalars(query))
    return next(filter(None, named), "")


def read_kept(blobs: BlobStore, name: str) -> Kept:
    """What was kept; nothing where it is gone or cannot be read: it can be made again."""
    if not name:
        return {}
    try:
        with blobs.open(name) as file, np.load(file, allow_pickle=False) as archive:
            hashes, vectors = archive["hashes"], archive["vectors"]
    except (Gone, NotFound, KeyError, ValueError, OSError, zipfile.BadZipFile):
        return {}
    return {bytes(one).hex(): vector for one, vector in zip(hashes, vectors, strict=True)}


def keep(blobs: BlobStore, kept: Kept) -> str:
    """The vectors of the examples that are there now, and of no others, as one blob."""
    names = sorted(kept)
    hashes = np.frombuffer(bytes.fromhex("".join(names)), dtype=np.uint8).reshape(len(names), -1)
    file = io.BytesIO()
    np.savez(file, hashes=hashes, vectors=np.stack([kept[name] for name in names]))
    return blobs.put(file.getvalue())


def missing(data: Dataset, kept: Kept) -> list[int]:
    """Rows whose content has no vector yet, each content once."""
    first: dict[str, int] = {}
    for row, name in enumerate(data.content_hashes):
        if name not in kept:
            first.setdefault(name, row)
    return list(first.values())


@one_thread
def encode(data: Dataset, encoder: Encoder, kept: Kept, means: EncodingMeans) -> Kept:
    """Vectors of every content of the dataset; only those that are not kept are made.

    Calls run beside each other and do not depend on their number: each is made of the same rows,
    on one numerical thread until the last of them is done.
    Half the digits are kept, so that memory and disk hold twice as many. DataProblem if a file of
    the encoder is not the one that is known.
    """
    rows = missing(data, kept)
    found = {name: kept[name] for name in set(data.content_hashes) if name in kept}
    if not rows:
        return found
    runner = RUNNERS[encoder.name]
    call = partial(_some, runner, runner.load(read_files(encoder)), data, means.blobs)
    parts = [rows[at : at + runner.at_once] for at in range(0, len(rows), runner.at_once)]
    means.progress("encoding", 0, len(rows))
    done = 0
    with threads(means.threads, begin=means.begin) as workers:
        for part, waiting in [(part, workers.submit(call, part)) for part in parts]:
            vectors = waiting.result()
            found |= {data.content_hashes[row]: one for row, one in zip(part, vectors, strict=True)}
            done += len(part)
            means.progress("encoding", done, len(rows))
    return found


def in_order(data: Dataset, kept: Kept) -> Embeddings:
    """One row an example; zeros where there was nothing to read."""
    return np.stack([kept[name] for name in data.content_hashes]).astype(np.float32)


@one_thread
def _some(runner: Runner, run: Run, data: Dataset, blobs: BlobStore, rows: list[int]) -> Half:
    inputs = list(runner.inputs(blobs, (data.contents[row] for row in rows)))
    there = [place for place, one in enumerate(inputs) if one is not None]
    made = run([inputs[place] for place in there]) if there else None
    vectors = np.zeros((len(rows), runner.width), dtype=np.float16)
    if made is not None:
        vectors[there] = made
    return vectors
