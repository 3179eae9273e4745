"""Charts of every kind, ordinary and odd, and a page that shows them all."""

from __future__ import annotations

from app.web.charts.bars import Bar, Bars
from app.web.charts.curves import Banded, Curves
from app.web.charts.heatmap import Cell, Heatmap
from app.web.charts.histogram import Bin, Histogram
from app.web.charts.line import Curve, Expected, Forecast, Line
from app.web.charts.numbers import Axis, Unit
from app.web.charts.scale import Before, Scale
from app.web.charts.slope import Slope, Slopes
from app.web.render import make_templates

READ, FOUND = Axis("examples reviewed"), Axis("wrong labels found")
QUALITY, EXAMPLES = Axis("label quality", Unit.PLAIN), Axis("examples")
WRONG = Axis("wrong", Unit.SHARE)

LONG = "Beneficiary account number was not accepted by the other bank"
HOSTILE = '<script>alert("1")</script> & "quoted" \u202eright to left'

PICTURED = Line(
    "Errors found",
    READ,
    FOUND,
    Curve("by score", tuple((n, 640 * (1 - 0.9984**n) / 1.0) for n in range(0, 1241, 40))),
    "551 found in 1,240",
    Forecast(
        "by score, forecast",
        tuple(
            Expected(n, 551 + (n - 1240) / 9, 551 + (n - 1240) / 20, 551 + (n - 1240) / 6)
            for n in range(1240, 4001, 120)
        ),
    ),
    Curve("random order", ((0, 0), (4000, 273))),
)

SCALES = (
    Scale("Dataset health", 0.029, 0.012, 0.052, Before("at import", 0.068)),
    Scale("Past the end", 0.09, 0.04, 0.62, Before("at import", 0.1)),
    Scale("Far past the end", 0.34, 0.21, 0.5, Before("at import", 0.41)),
    Scale("Nothing known"),
)
LINES = (
    PICTURED,
    Line("One point", READ, FOUND, Curve("by score", ((0, 0),)), "0 found in 0"),
    Line("No point", READ, FOUND, Curve("by score", ())),
    Line("Huge", READ, FOUND, Curve(HOSTILE, ((0, 0), (3e12, 8e18)))),
)
PAIRS = (
    *((41, 41), (63, 60), (70, 44), (88, 21), (120, 9)),
    *((210, 0), (340, 0), (811, 0), (2204, 0), (9136, 0)),
)

HISTOGRAMS = (
    Histogram(
        "Label quality",
        QUALITY,
        EXAMPLES,
        tuple(Bin(n / 10, (n + 1) / 10, count, apart) for n, (count, apart) in enumerate(PAIRS)),
        "The model reads the label as it is",
        "The model reads another label",
    ),
    Histogram("No bin", QUALITY, EXAMPLES, ()),
)
BARS = (
    Bars(
        "Error rate by source",
        "Source",
        WRONG,
        (
            Bar("agency B", 0.112, 0.091, 0.136, "/p/x?source=1"),
            Bar(LONG, 0.084, 0.062, 0.111, "/p/x?source=2"),
            Bar(HOSTILE, 0.02, 0.0, 0.3),
            Bar("nobody", None, note="Not enough data yet."),
        ),
    ),
    Bars("Many", "Label", EXAMPLES, tuple(Bar(f"label {n}", 200 - n) for n in range(200))),
)
NAMES = ("Card arrival", "Lost or stolen", LONG, HOSTILE, "配達の見積もり", "Top-up failed")
HEATMAPS = (
    Heatmap(
        "Which labels get confused",
        "given",
        "likely",
        "examples",
        NAMES,
        (
            *(Cell(0, 1, 44, "/p/x?pair=0-1"), Cell(0, 2, 31, "/p/x?pair=0-2")),
            *(Cell(1, 0, 71, "/p/x?pair=1-0"), Cell(1, 2, 4, "/p/x?pair=1-2"), Cell(2, 3, 12)),
            *(Cell(3, 4, 20, "/p/x?pair=3-4"), Cell(4, 3, 1, "/p/x?pair=4-3"), Cell(5, 2, 1234)),
        ),
    ),
    Heatmap(
        "Two hundred labels",
        "given",
        "likely",
        "examples",
        tuple(f"label number {n}" for n in range(200)),
        tuple(
            Cell(a, (a * 7 + b) % 200, 1 + (a * b) % 90, f"/p/x?pair={a}-{b}")
            for a in range(200)
            for b in range(1, 8)
            if (a * 7 + b) % 200 != a
        ),
    ),
    Heatmap("No pair", "given", "likely", "examples", ("a", "b"), ()),
)

SLOPES = (
    Slopes(
        "Ranking before and after",
        "labels as given",
        "labels corrected",
        Axis("accuracy", Unit.SHARE),
        (
            Slope("Large encoder", 0.918, 0.924, 0.897, 0.944),
            Slope("Mid encoder", 0.912, 0.93, 0.904, 0.949),
            Slope(LONG, 0.889, 0.906, 0.877, 0.929),
            Slope(HOSTILE, 0.715, 0.738, 0.698, 0.775),
        ),
    ),
    Slopes("No model", "before", "after", Axis("accuracy", Unit.SHARE), ()),
)

CURVES = (
    Curves(
        "Accuracy with more wrong labels",
        Axis("wrong labels", Unit.SHARE),
        Axis("accuracy", Unit.SHARE),
        tuple(
            Banded(
                name,
                (0.0, 0.25, 0.5),
                (first, (first + last) / 2, last),
                (first - 0.01, (first + last) / 2 - 0.02, last - 0.03),
                (first + 0.01, (first + last) / 2 + 0.02, last + 0.03),
            )
            for name, first, last in (
                *(("Large encoder", 0.95, 0.6), ("Mid encoder", 0.93, 0.72)),
                *((LONG, 0.9, 0.72), (HOSTILE, 0.7, 0.66)),
            )
        ),
        0.054,
        "you are here",
    ),
    Curves("No curve", Axis("x", Unit.SHARE), Axis("y", Unit.SHARE), ()),
)

KINDS = (
    ("curves", CURVES),
    ("scale", SCALES),
    ("line", LINES),
    ("slope", SLOPES),
    ("histogram", HISTOGRAMS),
    ("bars", BARS),
    ("heatmap", HEATMAPS),
)

_PAGE = """<!doctype html>
<html lang="en" data-theme="system"><head><meta charset="utf-8"><title>Charts</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
{% for file in ("base.css", "tokens.css", "ui/charts.css") %}
<link rel="stylesheet" href="{{ static_url(file) }}">{% endfor %}
</head><body><main class="stack"><h1>Charts</h1>
{% import "ui/parts.html" as ui %}{% import "ui/charts.html" as charts %}
{% for kind, drawn in kinds %}{% for chart in drawn %}
{% call ui.card(kind ~ " " ~ loop.index) %}{{ charts[kind](chart) }}{% endcall %}
{% endfor %}{% endfor %}
</main></body></html>"""


def gallery() -> str:
    return make_templates().from_string(_PAGE).render(kinds=KINDS)


def drawn(kind: str, chart: object) -> str:
    """One chart as a page has it."""
    source = '{% import "ui/charts.html" as charts %}{{ charts[kind](chart) }}'
    return make_templates().from_string(source).render(kind=kind, chart=chart)
