"""Wrong labels found so far against the reads it took, as the overview draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.insights.forecast import Ahead
from app.insights.health import Health, Known
from app.web.charts.line import Curve, Expected, Forecast, Line
from app.web.charts.numbers import Axis


@dataclass(frozen=True, slots=True)
class FoundCard:
    chart: Line
    side: str


def found_card(health: Health | None, ahead: Sequence[Ahead] = ()) -> FoundCard | None:
    """None before anything was handed out."""
    if health is None or not health.row.serves or health.in_hand:
        return None
    points = tuple((float(serves), float(wrong)) for serves, wrong in health.row.curve)
    row = health.row
    chart = Line(
        "Wrong labels found",
        Axis("examples handed out"),
        Axis("wrong labels found"),
        Curve("as reviewed", points),
        mark=f"{row.found:,} found in {row.serves:,}",
        forecast=_forecast(health, ahead),
        reference=_random_order(health, ahead),
    )
    return FoundCard(chart, _side(health))


def _forecast(health: Health, ahead: Sequence[Ahead]) -> Forecast | None:
    """Beginning where the measured curve ends."""
    if not ahead:
        return None
    row = health.row
    start = Expected(float(row.serves), float(row.found), float(row.found), float(row.found))
    further = (
        Expected(
            float(row.serves + one.reads),
            row.found + one.middle,
            row.found + one.low,
            row.found + one.high,
        )
        for one in ahead
    )
    return Forecast("by the ranking, forecast", (start, *further))


def _random_order(health: Health, ahead: Sequence[Ahead]) -> Curve | None:
    """What as many reads in random order would have found, by the estimate."""
    if health.known is not Known.TOLD:
        return None
    row = health.row
    wrong = row.found + (row.middle or 0)
    reads = row.serves + (ahead[-1].reads if ahead else 0)
    end = (float(reads), reads * wrong / row.pool)
    return Curve("random order, by the estimate", ((0.0, 0.0), end))


def _side(health: Health) -> str:
    times = health.against_random
    if times is None:
        return ""
    low, high = times
    return f"{low:.1f} to {high:.1f} times as many per read as in random order"
