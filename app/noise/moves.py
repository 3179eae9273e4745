"""Whether data moved, or its labels: what each finding means, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.noise.limits import FEWEST

SURE = 0.05
"""What is called a difference is by chance in at most one of twenty projects."""

LEAST_TOLD_APART = 0.55
"""A difference under this is too small to act on; with many rows the smallest one shows."""

AS_OFTEN = 0.05
"""Labels are wrong as often if shares that differ by more than this are ruled out."""


class Content(StrEnum):
    """Whether one set of rows can be told from the other."""

    DIFFERS = "differs"
    LITTLE = "differs a little"
    ALIKE = "no difference found"
    TOO_FEW = "too few rows"


class Often(StrEnum):
    """How often labels of one set are wrong, against the other."""

    MORE = "more often"
    FEWER = "less often"
    AS_OFTEN = "as often"
    UNKNOWN = "not enough random checks"


class Move(StrEnum):
    """What is found, in the words of the pages."""

    DRIFT = "drift"
    BOTH = "drift and noise"
    NOISE = "noise"
    DRIFT_AT_LEAST = "drift, noise not known"
    NOTHING = "no difference found"
    NOT_ENOUGH = "not enough"


@dataclass(frozen=True)
class MoveRecord:
    """A finding: how it is named; what it means; what to do where rows differ by their date, and
    where they differ by their split."""

    move: Move
    title: str
    meaning: str
    by_date: str
    by_split: str


_RECENT = "Collect and label recent rows, and train again"
_ALIKE = "Label rows like those it lacks, or deal the splits out anew, and train again"
_RELABEL = "Review and relabel where labels are wrong more often"

_RECORDS = (
    MoveRecord(
        Move.DRIFT,
        "Drift",
        "that is drift, not noise",
        f"{_RECENT}; relabeling will not help.",
        f"{_ALIKE}; relabeling will not help.",
    ),
    MoveRecord(
        Move.BOTH,
        "Drift and noise",
        "that is drift and noise",
        f"{_RELABEL}; then collect and label recent rows, and train again.",
        f"{_RELABEL}; then label rows like those it lacks, or deal the splits out anew.",
    ),
    MoveRecord(Move.NOISE, "Noise", "that is noise, not drift", f"{_RELABEL}.", f"{_RELABEL}."),
    MoveRecord(
        Move.DRIFT_AT_LEAST,
        "Drift",
        "that is drift, and perhaps noise too",
        f"{_RECENT}. More random checks on both sides tell whether relabeling would help.",
        f"{_ALIKE}. More random checks on both sides tell whether relabeling would help.",
    ),
    MoveRecord(Move.NOTHING, "No difference found", "", "", ""),
    MoveRecord(Move.NOT_ENOUGH, "Not enough", "", "", ""),
)

MOVES: Mapping[Move, MoveRecord] = MappingProxyType({one.move: one for one in _RECORDS})


def content_of(told_apart: float, p: float) -> Content:
    """By the p that holds for all comparisons together."""
    if p > SURE:
        return Content.ALIKE
    return Content.DIFFERS if told_apart >= LEAST_TOLD_APART else Content.LITTLE


def often_of(p: float, limits: tuple[float, float], *, fewest_checks: int) -> Often:
    """By the exact p of all comparisons together, and the limits of the difference of shares."""
    if fewest_checks < FEWEST:
        return Often.UNKNOWN
    if p <= SURE:
        return Often.MORE if sum(limits) > 0 else Often.FEWER
    low, high = limits
    return Often.AS_OFTEN if low >= -AS_OFTEN and high <= AS_OFTEN else Often.UNKNOWN


def move_of(content: Content, often: Often) -> Move:
    """A difference that is too small to act on is none."""
    if content is Content.DIFFERS:
        return _OF_DIFFERENT[often]
    if often in (Often.MORE, Often.FEWER):
        return Move.NOISE
    return Move.NOT_ENOUGH if content is Content.TOO_FEW else Move.NOTHING


_OF_DIFFERENT = MappingProxyType(
    {
        Often.MORE: Move.BOTH,
        Often.FEWER: Move.BOTH,
        Often.AS_OFTEN: Move.DRIFT,
        Often.UNKNOWN: Move.DRIFT_AT_LEAST,
    }
)
