"""What was found of agreement and of each reviewer, as it is kept; labels and people by ids."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

from app.db.records import read_record
from app.db.types import JsonObject

REMOVED = 0
"""Stands where a label would, for answers that remove the example."""


@dataclass(frozen=True, slots=True)
class Limits:
    """An estimate with its 95 % limits."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Agreement beyond chance over `shared` examples; none under 50, or if all said one label."""

    found: Limits | None
    shared: int


@dataclass(frozen=True, slots=True)
class BetweenTwo:
    """Cohen's kappa of two people over the examples that both read."""

    one: int
    other: int
    kappa: Coefficient


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Shared examples on which `both` labels were said, of those on which `either` was."""

    one: int
    other: int
    both: int
    either: int
    examples: list[int]


@dataclass(frozen=True, slots=True)
class Swapped:
    """Answers of one person that said one label where the example ended with another."""

    said: int
    final: int
    count: int


@dataclass(frozen=True, slots=True)
class OtherwiseEnded:
    """An answer whose example ended with something else."""

    example: int
    said: int
    seq: int


@dataclass(frozen=True, slots=True)
class Pulled:
    """Changes among reads that were blind and that were shown the label, of random checks.

    `effect` is the share of the first less that of the second; none under 20 reads of either kind.
    `first` are such reads that were answered before the label was shown, `first_effect` the share
    of these first answers that changed it, less that of reads that were shown it. Of all first
    answers that `differed` from the label, not of random checks alone, `went_back` took it once
    they saw it; `given_up` is their share, none under 20.
    """

    blind: int
    blind_changed: int
    shown: int
    shown_changed: int
    effect: Limits | None
    first: int = 0
    first_changed: int | None = None
    first_effect: Limits | None = None
    differed: int = 0
    went_back: int | None = None
    given_up: Limits | None = None

    @property
    def tells(self) -> bool:
        """Whether anything of it has answers enough behind it."""
        return any((self.effect, self.first_effect, self.given_up))

    @property
    def decided_first(self) -> bool:
        return bool(self.first or self.differed)


@dataclass(frozen=True, slots=True)
class OfReviewer:
    """One person's answers.

    `measured` are reads whose right outcome is known from others, `right` the share that said it,
    drawn towards the common one; `known` are those of them to known answers. `changes` are answers
    that gave another label to an example that is final now, `overturned` those it did not keep.
    What has no 20 answers behind it is none.
    """

    person: int
    answers: int
    median_seconds: float | None
    measured: int
    right: Limits | None
    known: int
    known_right: int | None
    changes: int
    overturned: int | None
    pulled: Pulled
    differs: bool
    ended: int
    swapped: list[Swapped]
    otherwise: list[OtherwiseEnded]
    speed: list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found; `people` are all who answered, by their ids."""

    alpha: Coefficient
    fleiss: Coefficient
    cohen: list[BetweenTwo]
    pairs: list[ConfusedPair]
    pulled: Pulled
    people: list[OfReviewer]

    def written(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def read(cls, stored: JsonObject) -> Self:
        return read_record(cls, stored)

    def of(self, person: int) -> OfReviewer | None:
        return next((one for one in self.people if one.person == person), None)
