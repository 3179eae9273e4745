"""What the audit of a split says, as it is kept, sent and shown; counts of labels."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

from app.db.records import read_record
from app.db.types import JsonObject


@dataclass(frozen=True, slots=True)
class Cost:
    """Between what so many more random reads would likely leave the bounds."""

    reads: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class SplitReport:
    """Of `pool` labels that were undecided when it opened `taken` were handed out or drawn since,
    `draws` of them at random; `found` are known to be wrong. Of the rest, those still open among
    them, `low` to `high` are wrong as well; no bounds where no number fits what was drawn.

    `known` labels of the split were decided when it opened, `known_wrong` of them otherwise than
    they came. `costs`: what more random reads would bring, if as many are wrong as by now.
    """

    known: int
    known_wrong: int
    pool: int
    taken: int
    draws: int
    open_draws: int
    found: int
    low: int | None
    middle: float | None
    high: int | None
    costs: list[Cost]

    @property
    def size(self) -> int:
        """Labels of the split."""
        return self.known + self.pool

    @property
    def wrong_so_far(self) -> int:
        """Labels that were found wrong, and are mended or removed."""
        return self.known_wrong + self.found

    @property
    def exact(self) -> bool:
        return self.low is not None and self.low == self.high

    def written(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def read(cls, stored: JsonObject) -> Self:
        return read_record(cls, stored)
