"""What models and neighbours say about each example of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings
from app.datasets.blobs import BlobStore
from app.datasets.findings import of_one
from app.db.tables.ranking import AveragedModel, MadeOf
from app.learning.combine import mean_of
from app.learning.doubtful import SecondFit
from app.learning.encoded import beside
from app.learning.features import Encoded, Features, View
from app.learning.neighbours import nearest_neighbours
from app.learning.picture_quality import PictureQuality, picture_quality
from app.learning.pool import WORKERS, Pool
from app.learning.predict import Options, Predictions, out_of_sample
from app.learning.shares import label_shares
from app.progress import Progress
from app.ranking.features.feature_maker import Examples
from app.ranking.features.registry import features_of
from app.ranking.load import Dataset
from app.ranking.uploads import Uploads

MOST_NAMED = 10
_IN_SAMPLE_AGREEMENT = 0.995
_IN_SAMPLE_LEAD = 0.05
_ENOUGH_TO_JUDGE = 50


@dataclass(frozen=True)
class Evidence:
    """`pred_probs` has one column a label; `scorable` marks what may be ranked.

    `members`: of how many predictions each row of `pred_probs` is the mean.

    `losses` of the given label are the user's, epoch by epoch, or else those of the models that
    were trained here, view by view; `pictures` are there where the examples are pictures.
    """

    pred_probs: NDArray[np.float32]
    scorable: NDArray[np.bool_]
    neighbours: NDArray[np.int64]
    similarities: NDArray[np.float32]
    embeddings: Embeddings
    members: NDArray[np.int64]
    notes: list[str] = field(default_factory=list)
    losses: NDArray[np.float32] | None = None
    votes: NDArray[np.int64] | None = None  # the favourite of each of the user's models
    pictures: PictureQuality | None = None
    made_of: MadeOf | None = None  # of the models that were trained here
    models: list[AveragedModel] = field(default_factory=list)  # pushed, and asked to take part


@dataclass(frozen=True)
class Means:
    """What a scoring works with: its chance, who hears of it, where calls run, how many here."""

    seed: int
    progress: Progress
    pool: Pool
    threads: int = WORKERS
    second_fit: SecondFit = "auto"


def gather(
    data: Dataset,
    uploads: Uploads,
    blobs: BlobStore,
    means: Means,
    encoded: tuple[Encoded, ...] = (),
) -> Evidence:
    """Use the user's probabilities where they were given, else train out of fold.

    `encoded`: vectors of encoders, which are learnt from beside the built-in features.
    """
    examples = Examples(data, blobs, means.seed, means.progress)
    features, pictures = features_of(data.data_type).make(examples)
    if uploads.embeddings is not None:
        own = View("own", _unit(uploads.embeddings), "softmax")
        features = Features((own, *features.views), uploads.embeddings)
    if uploads.pred_probs is not None:
        evidence = _from_upload(data, uploads, features, means)
    else:
        features = beside(features, encoded, seed=means.seed)
        evidence = _trained(data, features, means)
    if uploads.losses is not None:
        evidence = replace(evidence, losses=uploads.losses)
    evidence = replace(evidence, votes=uploads.model_votes)
    notes = [*uploads.notes, *evidence.notes]
    scorable = evidence.scorable
    if pictures is None:
        return replace(evidence, notes=notes)
    if pictures.unreadable:
        scorable = scorable.copy()
        scorable[pictures.unreadable] = False
        unread = f"{len(pictures.unreadable):,} images could not be read and are not ranked."
        notes.append(of_one(unread))
    quality = picture_quality(pictures.looks)
    return replace(evidence, scorable=scorable, notes=notes, pictures=quality)


def _trained(data: Dataset, features: Features, means: Means) -> Evidence:
    found = out_of_sample(
        features,
        data.standing,
        n_classes=len(data.label_ids),
        seed=means.seed,
        options=Options(
            means.progress,
            judged=data.given,
            groups=data.groups,
            pool=means.pool,
            decided=data.decided,
            second_fit=means.second_fit,
        ),
    )
    labelled = data.standing >= 0
    counts = np.bincount(data.standing[labelled], minlength=len(data.label_ids))
    rare = np.unique(data.standing[labelled & ~found.estimable])
    notes = []
    if len(rare):
        names = ", ".join(data.label_names[label] for label in rare[:MOST_NAMED])
        more = f" and {len(rare) - MOST_NAMED} more" if len(rare) > MOST_NAMED else ""
        notes.append(
            f"W402 {int(counts[rare].sum())} examples are listed apart, not ranked: their labels "
            f"have fewer than {found.n_folds} different examples ({names}{more})."
        )
    if "few_groups" in found.notes:
        notes.append(
            "Examples of one group or of the same content were not kept apart: some labels occur "
            "in a single group, and nothing could be learned about them elsewhere."
        )
    if "no_features" in found.notes:
        notes.append("The content gives nothing to learn from; only label counts were used.")
    return Evidence(
        pred_probs=found.pred_probs,
        scorable=found.estimable,
        neighbours=found.neighbours,
        similarities=found.similarities,
        embeddings=found.embeddings,
        members=np.full(len(data), len(found.averaged), dtype=np.int64),
        notes=notes,
        losses=found.losses,
        made_of=_made_of(found),
    )


def _made_of(found: Predictions) -> MadeOf:
    return {
        "averaged": list(found.averaged),
        "tried": [
            {
                "name": one.name,
                "without": one.without,
                "with_it": one.with_it,
                "enters": one.enters,
            }
            for one in found.tried
        ],
        "left_out": int(found.left_out.sum()),
    }


def _from_upload(data: Dataset, uploads: Uploads, features: Features, means: Means) -> Evidence:
    """No training: the user's probabilities, and neighbour shares where the user gave vectors."""
    assert uploads.pred_probs is not None
    means.progress("neighbours", 0, 1)
    near = nearest_neighbours(features.embeddings, pool=means.pool)
    means.progress("neighbours", 1, 1)
    shares = label_shares(near.indices, data.standing, len(data.label_ids))
    assert uploads.model_counts is not None and uploads.model_votes is not None
    probs, members = uploads.pred_probs, uploads.model_counts
    scorable = uploads.covered & (data.standing >= 0)
    whose = [f" of {name}" if len(uploads.models) > 1 else "" for name in uploads.models]
    votes = dict(zip(whose, uploads.model_votes.T, strict=True))
    notes = in_sample_notes(data, votes, shares, scorable)
    if uploads.embeddings is not None:
        probs = mean_of([probs * members.astype(np.float32)[:, None], shares])
        members = members + 1
    return Evidence(
        pred_probs=probs,
        scorable=scorable,
        neighbours=near.indices,
        similarities=near.similarities,
        embeddings=features.embeddings,
        members=members,
        notes=notes,
    )


def in_sample_notes(
    data: Dataset,
    votes_of: Mapping[str, NDArray[np.int64]],
    shares: NDArray[np.float32],
    scorable: NDArray[np.bool_],
) -> list[str]:
    """Predictions that know every label were most likely trained on them.

    `votes_of`: the favourite class of each row, -1 for none, by the words that say whose it is.
    """
    notes = []
    for whose, votes in votes_of.items():
        rows = scorable & (votes >= 0)
        if rows.sum() < _ENOUGH_TO_JUDGE:
            continue
        labels = data.standing[rows]
        agreement = float((votes[rows] == labels).mean())
        neighbours = float((shares[rows].argmax(axis=1) == labels).mean())
        if agreement < _IN_SAMPLE_AGREEMENT or agreement - neighbours < _IN_SAMPLE_LEAD:
            continue
        notes.append(
            f"W341 The uploaded predictions{whose} agree with {agreement:.1%} of the labels; the "
            f"nearest neighbors agree with {neighbours:.1%}. They were probably made by a model "
            "trained on these very examples: use out-of-fold predictions."
        )
    return notes


def _unit(vectors: Embeddings) -> Embeddings:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
