"""What a test-set audit says, as it is kept, sent and shown; models by their ids, shares of 1."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

from app.db.records import read_record
from app.db.types import JsonObject


@dataclass(frozen=True, slots=True)
class Bounded:
    """A share with the bounds that belong to it; no estimate where nothing was drawn."""

    estimate: float | None
    low: float
    high: float
    exact: bool


@dataclass(frozen=True, slots=True)
class OfModel:
    """Share of right predictions of one model: on labels as they came, and on right ones."""

    model: int
    given: float
    corrected: Bounded


@dataclass(frozen=True, slots=True)
class OfPair:
    """How far the second of two models is ahead of the first on right labels.

    `differ` examples tell them apart; `reads` of them count, in the order of the draw, with `open`
    ones between that are taken in the way that says least. `held_back` more are decided that come
    too late in that order to count yet. `more` reads would likely bring the bounds to `reach`;
    about `needed` more would decide.
    """

    first: int
    second: int
    differ: int
    reads: int
    open: int
    held_back: int
    given: float
    corrected: Bounded
    verdict: str
    needed: int | None
    more: int
    reach: float


@dataclass(frozen=True, slots=True)
class Line:
    """How often a model is right if this share of labels were wrong, with its bounds."""

    model: int
    at: list[float]
    right: list[float]
    low: list[float]
    high: list[float]


@dataclass(frozen=True, slots=True)
class OfFlip:
    """Whether wrong labels would change which of two models is ahead, and at which share."""

    first: int
    second: int
    flip: str
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`size` labelled examples when it opened, of which `gone` left since.

    Of the `differ` on which not all models agree `decided` are read, `reads` of them in the order
    of the draw; of `fitting_none` no label fits, or several. `draws` random checks tell how many
    labels of the split are wrong.
    """

    size: int
    gone: int
    differ: int
    decided: int
    reads: int
    fitting_none: int
    draws: int
    reviewed: int
    found_wrong: int
    wrong: Bounded
    models: list[OfModel]
    pairs: list[OfPair]
    flips: list[OfFlip]
    lines: list[Line]

    def written(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def read(cls, stored: JsonObject) -> Self:
        return read_record(cls, stored)
