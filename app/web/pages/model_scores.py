"""What the page of the test-set audit shows of its last report: words, rows and charts."""

from __future__ import annotations

from dataclasses import dataclass

from app.audit.models.report import AuditReport, OfModel
from app.insights.model_words import (
    Names,
    cost_words,
    flip_note,
    flip_words,
    headline,
    held_words,
    moved_words,
    pair_words,
    ranks,
)
from app.shares import percent
from app.web.charts.curves import Banded, Curves
from app.web.charts.numbers import Axis, Unit
from app.web.charts.slope import Slope, Slopes

_WRONG, _ACCURACY = Axis("wrong labels", Unit.SHARE), Axis("accuracy", Unit.SHARE)


@dataclass(frozen=True, slots=True)
class Scored:
    """A row of the scores: a model on given and on corrected labels, and how its rank moved."""

    name: str
    given: str
    corrected: str
    bounds: str
    moved: str


@dataclass(frozen=True, slots=True)
class Found:
    """A report, with its models by their names."""

    report: AuditReport
    names: Names

    @property
    def headline(self) -> str:
        return headline(self.report, self.names)

    @property
    def wrong(self) -> str:
        estimate = self.report.wrong.estimate
        return "–" if estimate is None else percent(estimate)

    @property
    def wrong_bounds(self) -> str:
        wrong = self.report.wrong
        if wrong.estimate is None:
            return "no random check yet"
        return f"{percent(wrong.low)} to {percent(wrong.high)}"

    @property
    def pairs(self) -> list[tuple[str, str, str]]:
        """What is said of each pair, what more reads would bring, what is not answered."""
        names, report = self.names, self.report
        return [
            (pair_words(one, names), cost_words(one, report, names), held_words(one))
            for one in report.pairs
        ]

    @property
    def flips(self) -> list[str]:
        return [flip_words(one, self.names) for one in self.report.flips]

    @property
    def flip_note(self) -> str:
        return flip_note(self.report)

    @property
    def corrected(self) -> bool:
        """Whether it is known how good each model is."""
        return all(one.corrected.estimate is not None for one in self.report.models)

    @property
    def scores(self) -> list[Scored]:
        found = {one.model: one for one in self.report.models}
        return [self._scored(found[one]) for one in ranks(self.report)]

    def _scored(self, one: OfModel) -> Scored:
        told = one.corrected
        return Scored(
            self.names[one.model],
            percent(one.given),
            "–" if told.estimate is None else percent(told.estimate),
            f"{percent(told.low)} to {percent(told.high)}",
            moved_words(self.report, one.model),
        )

    @property
    def slopes(self) -> Slopes:
        slopes = tuple(
            Slope(
                self.names[one.model],
                one.given,
                one.corrected.estimate,
                one.corrected.low,
                one.corrected.high,
            )
            for one in self.report.models
            if one.corrected.estimate is not None
        )
        title = "Ranking before and after"
        return Slopes(title, "labels as given", "labels corrected", _ACCURACY, slopes)

    @property
    def lines(self) -> Curves:
        """How often each model would be right, the more labels were wrong."""
        curves = tuple(
            Banded(
                self.names[one.model],
                *(tuple(some) for some in (one.at, one.right, one.low, one.high)),
            )
            for one in self.report.lines
        )
        title, here = "Accuracy with more wrong labels", "you are here"
        return Curves(title, _WRONG, _ACCURACY, curves, self.report.wrong.estimate, here)
