"""How the examples of a data type become what models learn from; only the worker loads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from app.datasets.blobs import BlobStore
from app.learning.features import Features
from app.progress import Progress
from app.ranking.load import Dataset

if TYPE_CHECKING:
    from app.ranking.pictures import Pictures


@dataclass(frozen=True, slots=True)
class Examples:
    """What features are made of: the examples, their files, chance, and who hears of it."""

    data: Dataset
    blobs: BlobStore
    seed: int
    progress: Progress


class MadeFeatures(NamedTuple):
    features: Features
    pictures: Pictures | None = None  # where the examples are pictures


def _nothing_unusual(data: Dataset) -> dict[int, list[str]]:
    return {}


@dataclass(frozen=True, slots=True)
class FeatureMaker:
    """The heavy half of a data type; `unusual` names the parts of a row that stand apart."""

    make: Callable[[Examples], MadeFeatures]
    unusual: Callable[[Dataset], dict[int, list[str]]] = _nothing_unusual
