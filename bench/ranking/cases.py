"""The sets the ranking is judged on, as frozen cases."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings, Labels, Probs, normalised
from app.learning.combine import mean_of

BESIDE_THE_REPOSITORY = Path(__file__).parents[3] / "shared" / "data"
NOISE_TAGS = ("natural", "15", "30")
NOISE_KINDS = ("random", "class", "instance")
AGGREGATE_NETWORKS = ("resnet18", "resnet50d", "efficientnet_b1", "swin_base", "twins_pcpvt")
WORST_NETWORKS = ("resnet18", "resnet50d", "efficientnet_b1")


@dataclass(frozen=True)
class Case:
    """One set with one noise and one prediction; ``voters`` says what a fresh vote will be.

    ``voters`` has shape (n_examples, n_classes), rows sum to 1; None where a review is settled
    by one expert. ``group`` names cases that share labels and voters.
    """

    name: str
    group: str
    given: Labels
    truth: Labels
    pred_probs: Probs
    voters: Probs | None = None

    @property
    def wrong(self) -> NDArray[np.bool_]:
        return np.asarray(self.given != self.truth, dtype=np.bool_)

    @property
    def n_errors(self) -> int:
        return int(self.wrong.sum())


@dataclass(frozen=True)
class Embedded:
    """A set whose examples have vectors instead of predictions."""

    name: str
    given: Labels
    truth: Labels
    embeddings: Embeddings


def data_folder() -> Path:
    return Path(os.environ.get("RELABEL_BENCH_DATA", BESIDE_THE_REPOSITORY))


def relabelling_cases() -> Iterator[Case]:
    """Thirteen cases where votes come from people who err."""
    yield from _cifar10h()
    labels = arrays("cifar10n/labels.npz")
    truth, given = _labels(labels["clean_label"]), _labels(labels["worse_label"])
    voters = _other_two_labels(labels)
    for name, probs in _networks("worst", WORST_NETWORKS).items():
        yield Case(f"cifar10n worst {name}", "cifar10n worst", given, truth, probs, voters)


def detection_cases() -> Iterator[Case]:
    """Seventeen cases where one expert settles every review."""
    labels = arrays("cifar10n/labels.npz")
    truth = _labels(labels["clean_label"])
    for noise, column, networks in (
        ("aggre", "aggre_label", AGGREGATE_NETWORKS),
        ("worst", "worse_label", WORST_NETWORKS),
    ):
        group, given = f"cifar10n {noise}", _labels(labels[column])
        for name, probs in _networks(noise, networks).items():
            yield Case(f"{group} {name}", group, given, truth, probs)
    yield _verified()
    for kind in NOISE_KINDS:
        yield from _banking77(kind)


def embedded_cases() -> Iterator[Embedded]:
    """BANKING77 with three kinds of noise, to be learnt from embeddings."""
    embeddings = arrays("banking77/minilm_embeddings.npz")["emb"].astype(np.float32)
    for kind in NOISE_KINDS:
        stored = arrays(f"banking77/pred_probs_{kind}.npz")
        given, truth = _labels(stored["given"]), _labels(stored["true"])
        yield Embedded(f"banking77 {kind}", given, truth, embeddings)


def _cifar10h() -> Iterator[Case]:
    counts = arrays("cifar10h/counts.npz")["counts"].astype(np.float64)
    voters = counts / counts.sum(axis=1, keepdims=True)
    truth = _labels(counts.argmax(axis=1))
    stored = arrays("cifar10h/relabel_simulation.npz")
    for tag in NOISE_TAGS:
        group, given = f"cifar10h {tag}", _labels(stored[f"given_{tag}"])
        views = {name: _probs(stored[f"pred_{tag}_{name}"]) for name in ("weak", "knn", "strong")}
        predictions = {
            "weak": views["weak"],
            "strong": views["strong"],
            "mean": mean_of(list(views.values())),
        }
        for name, probs in predictions.items():
            yield Case(f"{group} {name}", group, given, truth, probs, voters)


def _other_two_labels(labels: Mapping[str, NDArray[Any]]) -> Probs:
    """Chances of a fresh vote: the two labels not given, and one vote from the class confusion."""
    truth = _labels(labels["clean_label"])
    rows = np.arange(len(truth))
    votes = np.zeros((len(truth), int(truth.max()) + 1))
    for column in ("random_label1", "random_label2", "random_label3"):
        votes[rows, labels[column]] += 1.0
    confusion = np.stack([votes[truth == one].sum(axis=0) for one in range(votes.shape[1])])
    confusion /= confusion.sum(axis=1, keepdims=True)
    votes[rows, labels["worse_label"]] -= 1.0
    votes += confusion[truth]
    return np.asarray(votes / votes.sum(axis=1, keepdims=True))


def _networks(noise: str, names: tuple[str, ...]) -> dict[str, Probs]:
    """Predictions of every network, and last their mean."""
    found = {
        name: _probs(arrays(f"cifar10n/pred_probs_{noise}_{name}.npz")["pred_probs"])
        for name in names
    }
    return found | {"mean": mean_of(list(found.values()))}


def _verified() -> Case:
    stored = arrays("cifar10_test_verified/pred_probs_and_labels.npz")
    truth = _labels(arrays("cifar10h/counts.npz")["counts"].argmax(axis=1))
    name = "cifar10 test"
    return Case(name, name, _labels(stored["given"]), truth, _probs(stored["pred_probs"]))


def _banking77(kind: str) -> Iterator[Case]:
    stored = arrays(f"banking77/pred_probs_{kind}.npz")
    group = f"banking77 {kind}"
    given, truth = _labels(stored["given"]), _labels(stored["true"])
    minilm, tfidf = _probs(stored["minilm_lr"]), _probs(stored["tfidf_centroid"])
    yield Case(f"{group} minilm", group, given, truth, minilm)
    yield Case(f"{group} mean", group, given, truth, mean_of([minilm, tfidf]))


@cache
def arrays(name: str) -> Mapping[str, NDArray[Any]]:
    """What a file of the data folder holds; it is read once."""
    with np.load(data_folder() / name) as stored:
        return {key: stored[key] for key in stored.files}


def _labels(stored: NDArray[Any]) -> Labels:
    return stored.astype(np.int64)


def _probs(stored: NDArray[Any]) -> Probs:
    return normalised(stored).astype(np.float32)
