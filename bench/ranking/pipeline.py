"""Protocol F: only texts and labels are known; does our own pipeline beat the usual one?"""

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from app.arrays import Labels
from app.learning.features import Features
from app.learning.predict import out_of_sample
from app.learning.text import text_features
from app.ranking.encoders.registry import SENTENCES, is_installed
from app.scoring.vpv import vpv
from bench.ranking.area import order_of
from bench.ranking.cases import NOISE_KINDS, data_folder
from bench.ranking.detection import EPS, share_of_reviews
from bench.ranking.encoded import with_encoder

FOLDS = 5
SEED = 0

OURS = "built-in pipeline"
ENCODED = "with the encoder"
USUAL = "TF-IDF, cleanlab"

Pipeline = Callable[[Sequence[str], Labels], NDArray[np.intp]]
"""Texts and given labels in, rows in the order of review out."""


@dataclass(frozen=True)
class Texts:
    """Texts with planted errors."""

    name: str
    texts: Sequence[str]
    given: Labels
    truth: Labels


@dataclass(frozen=True)
class Row:
    """One pipeline in one set: its share of the oracle's area, and the time it took.

    ``seconds`` passed on the clock; ``cpu_seconds`` were spent, which other work does not change.
    """

    case: str
    pipeline: str
    share: float
    seconds: float
    cpu_seconds: float


def built_in(texts: Sequence[str], given: Labels) -> NDArray[np.intp]:
    """Features, out-of-sample predictions and labels per vote, as without an upload."""
    return _order(text_features(texts, seed=SEED), given)


def encoded(texts: Sequence[str], given: Labels) -> NDArray[np.intp]:
    """The same, and what the sentence encoder sees."""
    features = text_features(texts, seed=SEED)
    return _order(with_encoder(features, SENTENCES, texts, SEED), given)


def _order(features: Features, given: Labels) -> NDArray[np.intp]:
    n_classes = int(given.max()) + 1
    probs = out_of_sample(features, given, n_classes=n_classes, seed=SEED).pred_probs
    return order_of(vpv(given, probs, eps=EPS))


def usual(texts: Sequence[str], given: Labels) -> NDArray[np.intp]:
    """TF-IDF of words and pairs of words, logistic regression, cleanlab's list of issues."""
    terms = TfidfVectorizer(ngram_range=(1, 2)).fit_transform(texts)
    learner = LogisticRegression()
    probs = cross_val_predict(learner, terms, given, cv=FOLDS, method="predict_proba")
    found = find_label_issues(given, probs, return_indices_ranked_by="self_confidence")
    return found_first(found, probs[np.arange(len(given)), given])


def found_first(found: NDArray[np.intp], confidence: NDArray[np.float64]) -> NDArray[np.intp]:
    """The rows found, in their order, then the rest, least confident first."""
    order = order_of(-confidence)
    return np.concatenate([found, order[~np.isin(order, found)]])


PIPELINES: Mapping[str, Pipeline] = {
    USUAL: usual,
    OURS: built_in,
    **({ENCODED: encoded} if is_installed(SENTENCES) else {}),
}


def evaluate(
    compared: Mapping[str, Pipeline] | None = None, *, cases: Iterable[Texts] | None = None
) -> Iterator[Row]:
    """Judge every pipeline in every set; both pipelines and all sets where none are named."""
    for case in text_cases() if cases is None else cases:
        for name, pipeline in (PIPELINES if compared is None else compared).items():
            begun, spent = time.perf_counter(), time.process_time()
            order = pipeline(case.texts, case.given)
            seconds, spent = time.perf_counter() - begun, time.process_time() - spent
            found = (case.given != case.truth)[order]
            yield Row(case.name, name, share_of_reviews(found), seconds, spent)


def text_cases() -> Iterator[Texts]:
    """BANKING77 with three kinds of noise."""
    path = data_folder() / "banking77" / "examples.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    names, truth = np.unique([row["true_label"] for row in rows], return_inverse=True)
    for kind in NOISE_KINDS:
        given = np.searchsorted(names, [row[f"given_{kind}"] for row in rows])
        yield Texts(f"banking77 {kind}", texts, given, truth)
