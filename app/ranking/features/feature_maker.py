"""How the examples of a data type become what models learn from; only the worker loads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from app.datasets.blobs import BlobStore
from app.db.tables.ranking import FieldRanges
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


@dataclass(frozen=True, slots=True)
class FieldsRead:
    """What the values of rows say of each other.

    `unusual` names, by row, the fields whose values stand apart; `ranges` says, by the name of a
    column of numbers, where most of them lie.
    """

    unusual: Mapping[int, list[str]] = field(default_factory=dict)
    ranges: Mapping[str, FieldRanges] = field(default_factory=dict)


def _no_fields(data: Dataset) -> FieldsRead:
    return FieldsRead()


@dataclass(frozen=True, slots=True)
class FeatureMaker:
    """The heavy half of a data type; `fields` reads the parts of its rows, where they have any."""

    make: Callable[[Examples], MadeFeatures]
    fields: Callable[[Dataset], FieldsRead] = _no_fields
