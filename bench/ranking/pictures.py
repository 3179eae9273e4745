"""Protocol G: only pictures and labels are known; what does an encoder add to our own features?"""

import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import roc_auc_score

from app.arrays import Labels
from app.learning.encoders.pictures import SIDE
from app.learning.features import Features
from app.learning.image import Picture, image_features, resized
from app.learning.predict import out_of_sample
from app.ranking.encoders.registry import PICTURES
from app.scoring.vpv import vpv
from bench.ranking.area import order_of
from bench.ranking.cases import data_folder
from bench.ranking.detection import EPS, share_of_reviews
from bench.ranking.encoded import with_encoder

SEED = 0
DRAWS = 3
BUILT_IN = "built-in pipeline"
ENCODED = "with the encoder"


@dataclass(frozen=True)
class Row:
    """One pipeline in one set; ``cpu_seconds`` is predictions alone, features apart."""

    case: str
    pipeline: str
    share: float
    auroc: float
    cpu_seconds: float


def evaluate() -> Iterator[Row]:
    """Both pipelines on every set of labels."""
    pictures, votes = _photographs()
    truth = votes.argmax(axis=1).astype(np.int64)
    built_in = image_features(pictures, seed=SEED)
    inputs = [resized(picture, SIDE) for picture in pictures]
    encoded = with_encoder(built_in, PICTURES, inputs, SEED)
    for name, given in _labels(votes, truth):
        for pipeline, features in ((BUILT_IN, built_in), (ENCODED, encoded)):
            yield _judged(name, pipeline, features, given, truth)


def _judged(name: str, pipeline: str, features: Features, given: Labels, truth: Labels) -> Row:
    begun = time.process_time()
    probs = out_of_sample(features, given, n_classes=10, seed=SEED).pred_probs
    priority = vpv(given, probs, eps=EPS)
    spent = time.process_time() - begun
    wrong = given != truth
    share = share_of_reviews(wrong[order_of(priority)])
    return Row(name, pipeline, share, float(roc_auc_score(wrong, priority)), spent)


def _photographs() -> tuple[Sequence[Picture], NDArray[np.float64]]:
    """CIFAR-10 test pictures and how about 51 people labelled each of them."""
    folder = data_folder() / "cifar10_test_images"
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pictures = [np.asarray(Image.open(folder / row["file"]).convert("RGB")) for row in rows]
    with np.load(data_folder() / "cifar10h" / "counts.npz") as archive:
        counts = archive["counts"]
    return pictures, counts[[int(row["id"]) for row in rows]].astype(np.float64)


def _labels(votes: NDArray[np.float64], truth: Labels) -> Iterator[tuple[str, Labels]]:
    """The vote of one person each; and the third that people find hardest, to the next class."""
    chances = (votes / votes.sum(axis=1, keepdims=True)).cumsum(axis=1)
    for draw in range(DRAWS):
        drawn = np.random.default_rng(draw).random(len(votes))
        yield f"human votes {draw}", np.minimum((drawn[:, None] > chances).sum(axis=1), 9)
    rows = np.arange(len(votes))
    others = votes.copy()
    others[rows, truth] = -1
    hardest = np.argsort(votes[rows, truth], kind="stable")[: len(votes) // 3]
    given = truth.copy()
    given[hardest] = others[hardest].argmax(axis=1)
    yield "hardest third wrong", given
