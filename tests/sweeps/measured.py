"""What measuring of remedies left behind, with something of every kind."""

from __future__ import annotations

from app.audit.recovery.report import Cost, CurvePoint, Measured, Report
from app.training.interval import Interval
from app.training.remedies.registry import REMEDIES


def _around(value: float) -> Interval:
    return Interval(value, value - 0.05, value + 0.05)


def measured(labels: list[int], *, costs: bool = True) -> Report:
    gains = {"relabel": 0.081, "generalized": 0.062, "remove_20": -0.07}
    remedies = [
        Measured(
            name, width, _around(0.8), _around(0.78), _around(0.2), _around(gains.get(name, 0.0))
        )
        for name, remedy in REMEDIES.items()
        for width in remedy.widths
    ]
    return Report(
        checked=400, wrong=48, examples=2_500, labelled=30_000, rate=Interval(0.12, 0.09, 0.155),
        today=0.09, kind="group", group="split is <b>test</b>", source=None, pick="relabel",
        remedies=remedies,
        review=[
            CurvePoint(at, width, _around(0.7 + at / 10), _around(at / 10))
            for at in (0.0, 0.25, 0.5, 1.0)
            for width in (0, 512)
        ],
        noise=[
            CurvePoint(at, width, _around(0.82 - at * share), _around(-at * share))
            for at in (0.09, 0.2, 0.3, 0.4)
            for width, share in ((0, 0.3), (512, 0.6))
        ],
        doubling=0.02, crossed=0.3,
        costs=[Cost(labels[0], labels[1], 20.0)] if costs else [],
    )  # fmt: skip
