"""First a ranking at once, then a better one: in which run an encoder reads the examples."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.errors import DataProblem
from app.jobs.courtesy import give_way
from app.jobs.task import AtWork
from app.learning.features import Encoded
from app.ranking.encoders.encoder import Encoder
from app.ranking.encoders.files import read_files
from app.ranking.encoders.registry import encoder_for, is_installed
from app.ranking.encoders.vectors import (
    EncodingMeans,
    Kept,
    encode,
    in_order,
    keep,
    kept_by,
    missing,
    read_kept,
)
from app.ranking.load import Dataset
from app.ranking.runs import ScoreArguments
from app.ranking.uploads import Uploads

AT_ONCE_SECONDS = 5.0
"""What is encoded sooner is not put off: two rankings within seconds would only confuse."""


@dataclass(frozen=True)
class Encoding:
    """What an encoder does in this run. `later`: in a run of its own, after this one."""

    encoder: Encoder | None = None
    kept: Kept = field(default_factory=dict)
    kept_in: str = ""  # the blob
    later: bool = False
    notes: tuple[str, ...] = ()


NO_ENCODING = Encoding()


def plan_encoding(
    session: Session, at: AtWork, data: Dataset, uploads: Uploads, arguments: ScoreArguments
) -> Encoding:
    """Nothing, at once, or in a run that follows; vectors that are kept cost nothing."""
    encoder = encoder_for(data.data_type)
    wanted = at.settings.encoders == "on" and uploads.pred_probs is None
    if encoder is None or not wanted or not is_installed(encoder):
        return NO_ENCODING
    blobs = BlobStore(at.settings.blob_directory)
    kept_in = kept_by(session, data.project_id, encoder)
    kept = read_kept(blobs, kept_in)
    new = missing(data, kept)
    try:
        if new:
            read_files(encoder)
    except DataProblem as refusal:
        return Encoding(notes=(f"{refusal.detail} {refusal.next_step}",))
    seconds = len(new) * encoder.milliseconds / 1000
    later = not arguments.encoders and seconds > AT_ONCE_SECONDS
    return Encoding(encoder, kept, kept_in, later)


@dataclass(frozen=True)
class EncodedHere:
    """Vectors for the learners, and the blobs they are kept in."""

    encoded: tuple[Encoded, ...] = ()
    artefacts: dict[str, str] = field(default_factory=dict)


def encoded_here(at: AtWork, data: Dataset, blobs: BlobStore, encoding: Encoding) -> EncodedHere:
    """Encode what this run is to encode; what an earlier run kept stays kept meanwhile."""
    encoder = encoding.encoder
    if encoder is None:
        return EncodedHere()
    if encoding.later:
        kept_in = encoding.kept_in
        return EncodedHere(artefacts={encoder.kept_as: kept_in} if kept_in else {})
    means = EncodingMeans(blobs, at.progress, at.settings.threads, give_way)
    vectors = encode(data, encoder, encoding.kept, means)
    return EncodedHere(
        (Encoded(encoder.name, in_order(data, vectors)),), {encoder.kept_as: keep(blobs, vectors)}
    )


def the_better_one(arguments: ScoreArguments) -> ScoreArguments:
    """The same ranking asked for again, with the encoder."""
    return replace(arguments, encoders=True)
