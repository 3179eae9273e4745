"""Wrong labels found so far against the reads it took, as the overview draws it."""

from __future__ import annotations

from dataclasses import dataclass

from app.insights.health import Health, Known
from app.web.charts.line import Curve, Line
from app.web.charts.numbers import Axis


@dataclass(frozen=True, slots=True)
class FoundCard:
    chart: Line
    side: str


def found_card(health: Health | None) -> FoundCard | None:
    """None before anything was handed out."""
    if health is None or not health.row.serves:
        return None
    points = tuple((float(serves), float(wrong)) for serves, wrong in health.row.curve)
    row = health.row
    chart = Line(
        "Wrong labels found",
        Axis("examples handed out"),
        Axis("wrong labels found"),
        Curve("as reviewed", points),
        mark=f"{row.found:,} found in {row.serves:,}",
        reference=_random_order(health),
    )
    return FoundCard(chart, _side(health))


def _random_order(health: Health) -> Curve | None:
    """What as many reads in random order would have found, by the estimate."""
    if health.known is not Known.TOLD:
        return None
    row = health.row
    wrong = row.found + (row.middle or 0)
    end = (float(row.serves), row.serves * wrong / row.pool)
    return Curve("random order, by the estimate", ((0.0, 0.0), end))


def _side(health: Health) -> str:
    times = health.against_random
    if times is None:
        return ""
    low, high = times
    return f"{low:.1f} to {high:.1f} times as many per read as in random order"
