"""The table of remedies and the two curves of the recovery page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.audit.recovery.report import CurvePoint, Measured, Report
from app.audit.recovery.words import Verdict, gain_words, share_words, verdict
from app.shares import percent
from app.training.network import LARGE, LINEAR
from app.training.remedies.registry import REMEDIES
from app.web.charts.line import Curve, Expected, Forecast, Line
from app.web.charts.numbers import Axis, Unit

LARGE_WORDS, LINEAR_WORDS = "Large model", "Linear model"

TONES = {Verdict.PICK: "confirm", Verdict.BETTER: "confirm", Verdict.WORSE: "remove"}


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """`linear` is what the linear head of the same remedy scores, where it has one."""

    words: str
    trained: str
    score: str
    balanced: str
    cost: str
    gain: str
    linear: str
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True)
class CurveRow:
    at: str
    large: str
    linear: str
    gain: str


def remedy_rows(report: Report) -> list[RemedyRow]:
    """Those of the registry, in its order; what a later version no longer knows is left out."""
    found = [(REMEDIES[name], report.of(name)) for name in REMEDIES]
    return [_row(one, report) for _, one in found if one is not None]


def _row(one: Measured, report: Report) -> RemedyRow:
    remedy = REMEDIES[one.remedy]
    said = verdict(one, report)
    other = report.of(one.remedy, main=False)
    return RemedyRow(
        words=remedy.words,
        trained=remedy.trained,
        score=share_words(one.accuracy),
        balanced=share_words(one.balanced),
        cost=f"{one.cost.value:.2f} ({one.cost.low:.2f} to {one.cost.high:.2f})",
        gain="" if said is Verdict.BASE else gain_words(one.gain, by_cost=bool(report.costs)),
        linear=share_words(other.accuracy) if other is not None else "",
        verdict=said.value.capitalize(),
        tone=TONES.get(said, ""),
    )


def curve_rows(points: Sequence[CurvePoint]) -> list[CurveRow]:
    linear = {one.at: one for one in points if one.width == LINEAR}
    large = [one for one in points if one.width == LARGE]
    return [
        CurveRow(
            percent(one.at),
            share_words(one.accuracy),
            share_words(linear[one.at].accuracy) if one.at in linear else "",
            gain_words(one.gain, by_cost=False) if place else "",
        )
        for place, one in enumerate(large)
    ]


def review_chart(report: Report) -> Line:
    axis = Axis("of the decisions applied, in the order they were made", Unit.SHARE)
    return _chart("What review bought", axis, report.review)


def noise_chart(report: Report) -> Line:
    axis = Axis("of the labels wrong", Unit.SHARE)
    return _chart("What noise costs here", axis, report.noise)


def _chart(title: str, x: Axis, points: Sequence[CurvePoint]) -> Line:
    large = [one for one in points if one.width == LARGE]
    linear = tuple((one.at, one.accuracy.value) for one in points if one.width == LINEAR)
    band = tuple(
        Expected(one.at, one.accuracy.value, one.accuracy.low, one.accuracy.high) for one in large
    )
    return Line(
        title,
        x,
        Axis("of the checked examples right", Unit.SHARE),
        Curve(LARGE_WORDS, tuple((one.at, one.accuracy.value) for one in large)),
        forecast=Forecast("95% band", band) if band else None,
        reference=Curve(LINEAR_WORDS, linear) if linear else None,
    )
