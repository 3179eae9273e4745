"""What was measured of the remedies, in the words of screens and programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.audit.recovery.report import Measured, Report
from app.shares import percent
from app.training.advice import Advice, Findings, advice
from app.training.interval import Interval
from app.training.kinds import NoiseKind
from app.training.remedies.registry import REMEDIES
from app.training.remedies.remedy import Simplicity

NOT_A_FORECAST = "Measured on this data with noise added; not a forecast."
NO_DIFFERENCE = "No clear difference: keep the simplest."

KIND_WORDS = {
    NoiseKind.RANDOM: "at random, any label for any other",
    NoiseKind.PAIRS: "by the pairs of labels that were found confused",
    NoiseKind.GROUP: "around the confirmed slice",
}


class Verdict(StrEnum):
    BASE = "compared with"
    PICK = "recommended"
    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "no clear difference"
    CONTROL = "control"


def verdict(one: Measured, report: Report) -> Verdict:
    """What its paired difference to "as it is" says; better only if the interval leaves out 0."""
    remedy = REMEDIES[one.remedy]
    if remedy.control:
        return Verdict.CONTROL
    if one.width == remedy.widths[0]:
        if one.remedy == report.pick and remedy.simplicity is not Simplicity.NOTHING:
            return Verdict.PICK
        if remedy.simplicity is Simplicity.NOTHING:
            return Verdict.BASE
    return (
        Verdict.BETTER if one.gain.above else Verdict.WORSE if one.gain.below else Verdict.UNCLEAR
    )


def share_words(one: Interval) -> str:
    """A share with its interval."""
    return f"{percent(one.value)} ({percent(one.low)} to {percent(one.high)})"


def points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def gain_words(one: Interval, *, by_cost: bool) -> str:
    """A paired difference: points of accuracy, or cost saved an example."""
    if by_cost:
        value, low, high = (f"{x:+.2f}".replace("-", "−") for x in (one.value, one.low, one.high))
        return f"{value} ({low} to {high})"
    return f"{points(one.value)} ({points(one.low)} to {points(one.high)})"


@dataclass(frozen=True, slots=True)
class Told:
    """`lines` say what to do, `advice` what the rules add."""

    lines: list[str]
    advice: list[Advice]


def told(report: Report, sources: Mapping[int, str]) -> Told:
    return Told([_recommendation(report), _basis(report)], advice_of(report, sources))


def _recommendation(report: Report) -> str:
    remedy, found = REMEDIES[report.pick], report.of(report.pick)
    if remedy.simplicity is Simplicity.NOTHING or found is None:
        return NO_DIFFERENCE
    gain = gain_words(found.gain, by_cost=bool(report.costs))
    saved = "less cost an example" if report.costs else "points more right"
    return f"{remedy.words} is better than leaving the data as it is: {gain} {saved}."


def _basis(report: Report) -> str:
    some = "" if report.examples >= report.labelled else f" of {report.labelled:,}"
    return (
        f"Scored on {report.checked:,} examples drawn at random whose label people settled; "
        f"{report.wrong:,} of them came with a wrong label. Of all labels about "
        f"{share_words(report.rate)} were wrong as imported. Small networks were trained on the "
        f"vectors of {report.examples:,}{some} labeled examples."
    )


def advice_of(report: Report, sources: Mapping[int, str]) -> list[Advice]:
    """By the rules of the page; what review brought counts only where it surely brought more."""
    cleaning = report.review[-1].gain if report.review else None
    return advice(
        Findings(
            rate=report.rate.value,
            kind=NoiseKind(report.kind),
            source=sources.get(report.source) if report.source is not None else None,
            group=report.group or None,
            cleaning=cleaning.value if cleaning is not None and cleaning.above else 0.0,
            doubling=report.doubling,
            crossed=report.crossed,
        )
    )
