"""What a study of the noise says, as it is kept and shown; labels and sources by their ids."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

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
class Report:
    """Everything a study found; `detectable` is a share of the data, none if nothing would show.

    Without random checks `left` of pairs and labels is what the model suspects and no more.
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

    def written(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        parts = {"pairs": Pair, "labels": OfLabel, "groups": Group, "sources": OfSource}
        rows = {name: [kind(**one) for one in stored[name]] for name, kind in parts.items()}
        return cls(**{**stored, **rows})
