"""What was measured of the remedies, as it is kept and shown; labels and sources by their ids."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

from app.db.records import read_record
from app.db.types import JsonObject
from app.training.interval import Interval


@dataclass(frozen=True, slots=True)
class Measured:
    """A remedy with one head. `gain` is the paired difference to "as it is", by what was asked
    for: accuracy, or cost saved where a cost matrix was given."""

    remedy: str
    width: int
    accuracy: Interval
    balanced: Interval
    cost: Interval
    gain: Interval


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One head at one share of the decisions, or at one share of wrong labels.

    `gain` is the paired difference to the first point of the same head.
    """

    at: float
    width: int
    accuracy: Interval
    gain: Interval


@dataclass(frozen=True, slots=True)
class Cost:
    """What it costs to give one label for the right one; 1 where nothing is said."""

    right: int
    given: int
    cost: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured.

    `checked` examples scored it, of which `wrong` came with a wrong label. `examples` were
    trained on, of `labelled`. `rate` is the share of wrong labels as imported, `today` after
    review. `kind` is what noise was added, `group` the slice it was added around. `crossed`: the
    rate from which the large head surely does worse than the linear one.
    """

    checked: int
    wrong: int
    examples: int
    labelled: int
    rate: Interval
    today: float
    kind: str
    group: str
    source: int | None
    pick: str
    remedies: list[Measured]
    review: list[CurvePoint]
    noise: list[CurvePoint]
    doubling: float
    crossed: float | None
    costs: list[Cost]

    def written(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def read(cls, stored: JsonObject) -> Self:
        return read_record(cls, stored)

    def of(self, remedy: str, *, main: bool = True) -> Measured | None:
        """The remedy with its first head, or with its other one."""
        found = [one for one in self.remedies if one.remedy == remedy]
        return found[0] if main and found else found[1] if len(found) > 1 else None
