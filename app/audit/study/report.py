"""What a study of the noise says, as it is kept and shown; labels and sources by their ids."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Self

from app.db.records import read_record
from app.db.types import JsonObject


@dataclass(frozen=True, slots=True)
class Pair:
    """Examples that came as one label and are another: found so far, and expected to be left."""

    given: int
    right: int
    found: int
    left: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OfLabel:
    """Wrong labels among the undecided examples of one given label, with 95 % limits."""

    label: int
    undecided: int
    found: int
    left: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """Examples that share a property and hold more wrong labels than quality and label explain.

    `p` holds for all groups that were looked at together. `to_ask` are unanswered examples of it
    in random order, `to_review` those that look worst; both are cut short.
    """

    words: str
    answers: int
    wrong: int
    expected: float
    p: float
    undecided: int
    to_ask: list[int]
    to_review: list[int]


@dataclass(frozen=True, slots=True)
class OfSource:
    """One source by random checks alone; `named` says whether it has enough of them."""

    source: int
    checks: int
    wrong: int
    low: float
    high: float
    p: float
    differs: bool
    part: str
    named: bool


@dataclass(frozen=True, slots=True)
class OfOrigin:
    """Labels that came about alike, by random checks alone: `role` and what the file says there."""

    role: str
    value: str
    checks: int
    wrong: int
    low: float
    high: float
    p: float
    differs: bool
    named: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows of one side (recent ones, or those of a split) against the others.

    `by` is date or split, `column` the column of the file, `side` the split or the day from which
    rows are recent; `against` the other split where there are two. `p` holds for all comparisons
    of the study; without `told_apart` too few rows have vectors. Checks are random ones.
    """

    by: str
    column: str
    read_as: str
    side: str
    against: str
    rows: int
    others: int
    told_apart: float | None
    p: float
    shows: float | None
    checks: int
    wrong: int
    other_checks: int
    other_wrong: int
    errors_p: float
    content: str
    errors: str
    move: str


@dataclass(frozen=True, slots=True)
class Movement:
    """Everything that was compared, and why some of it could not be.

    `unclear` are columns of dates of which none says whether day or month comes first.
    """

    vectors: bool
    dates: list[str]
    unclear: list[str]
    splits: int
    found: list[Moved]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a study found; `detectable` is a share of the data, none if nothing would show.

    Without random checks `left` of pairs and labels is what the model suspects and no more.
    `movement` is none in a report that was kept before rows were compared, `origins` empty in one
    that was kept before they were told.
    """

    answers: int
    wrong: int
    checks: int
    kind: str
    class_p: float
    slice_p: float
    detectable: float | None
    looked_at: list[str]
    groups_tried: int
    pairs: list[Pair]
    labels: list[OfLabel]
    groups: list[Group]
    sources: list[OfSource]
    checks_wrong: int = 0
    movement: Movement | None = None
    origins: list[OfOrigin] = field(default_factory=list)

    def written(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def read(cls, stored: JsonObject) -> Self:
        return read_record(cls, stored)
