"""What kind of noise it is, and where the rest of it is, as the overview shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.audit.study.asking import Kept
from app.audit.study.report import Report
from app.insights.noise_words import TITLES, is_sure
from app.noise.kinds import Kind
from app.web.charts.bars import Bar, Bars
from app.web.charts.numbers import Axis

MOST_LABELS = 4


@dataclass(frozen=True, slots=True)
class NoiseCard:
    """`groups` are those that chance does not explain."""

    title: str
    groups: tuple[str, ...]
    left: Bars


def noise_card(kept: Kept | None, names: Mapping[int, str], here: str) -> NoiseCard | None:
    """None before anything was looked for, or while too little is decided."""
    report = kept.report if kept is not None else None
    if report is None:
        return None
    groups = tuple(group.words for group in report.groups if is_sure(group))
    return NoiseCard(TITLES[Kind(report.kind)], groups, labels_left(report, names, here))


def labels_left(
    report: Report, names: Mapping[int, str], here: str, *, most: int = MOST_LABELS
) -> Bars:
    """The given labels with most wrong ones left, each with its limits."""
    rows = sorted((one for one in report.labels if one.undecided), key=lambda one: -one.left)
    bars = tuple(
        Bar(
            names.get(one.label, "a retired label"),
            one.left,
            min(one.low, one.left),
            max(one.high, one.left),
            f"{here}/examples?given={one.label}&status=unreviewed",
            f"{one.found:,} found, {one.undecided:,} open",
        )
        for one in rows[:most]
    )
    return Bars(
        "Where the remaining wrong labels are", "Given label", Axis("expected"), bars, most=most
    )
