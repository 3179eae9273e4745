"""Where things stand in a drawing: marks at round numbers, words that can all be read."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.shares import percent
from app.web.charts.bars import Bar, Bars
from app.web.charts.heatmap import Cell, Heatmap
from app.web.charts.histogram import Bin, Histogram, hatched
from app.web.charts.line import Curve, Expected, Forecast, Line
from app.web.charts.numbers import Axis, Unit, interval, shortly, ticks, written
from app.web.charts.scale import Before, Scale
from app.web.charts.table_view import NARROW, WIDE
from app.web.charts.texts import Box, Text, cut, width_of

READ, FOUND = Axis("examples reviewed"), Axis("wrong labels found")
QUALITY, EXAMPLES = Axis("label quality", Unit.PLAIN), Axis("examples")
NOT_NUMBERS = (math.nan, math.inf, -math.inf, 2e300)
CURVE = Curve("by score", ((0, 0), (620, 371), (1240, 512)))
AHEAD = Forecast(
    "by score, forecast", (Expected(1240, 512, 512, 512), Expected(4000, 860, 712, 1008))
)
RANDOM = Curve("random order", ((0, 0), (4000, 273)))
PICTURED = Line("Errors found", READ, FOUND, CURVE, "512 found in 1,240", AHEAD, RANDOM)


def legible(texts: tuple[Text, ...], width: float, height: float) -> None:
    """Nothing leaves the drawing, and no two texts meet."""
    for text in texts:
        assert Box(-0.5, -0.5, width + 0.5, height + 0.5).holds(text.box), text
    for one, other in combinations(texts, 2):
        assert not one.box.meets(other.box), (one, other)


@pytest.mark.parametrize(
    ("high", "unit", "marks"),
    [
        (900, Unit.COUNT, (0, 500, 1000)),
        (3, Unit.COUNT, (0, 1, 2, 3)),
        (1, Unit.COUNT, (0, 1)),
        (0, Unit.COUNT, (0, 1)),
        (0.3, Unit.SHARE, (0, 0.1, 0.2, 0.3)),
        (1.2e12, Unit.COUNT, (0, 5e11, 1e12, 1.5e12)),
    ],
)
def test_axes_are_marked_at_round_numbers(
    high: float, unit: Unit, marks: tuple[float, ...]
) -> None:
    assert ticks(0, high, most=4, unit=unit) == marks


@settings(deadline=None)
@given(low=st.floats(-1e9, 1e9), span=st.floats(0, 1e12), most=st.integers(2, 8))
def test_marks_embrace_what_they_mark(low: float, span: float, most: int) -> None:
    marks = ticks(low, low + span, most=most)
    slack = 1e-6 * max(1.0, abs(low), span)
    assert marks[0] <= low + slack and marks[-1] >= low + span - slack
    assert 2 <= len(marks) <= 3 * most
    assert all(one < later for one, later in pairwise(marks))


@pytest.mark.parametrize(
    ("value", "unit", "short", "long"),
    [
        (1240, Unit.COUNT, "1,240", "1,240"),
        (1_500_000, Unit.COUNT, "1.5M", "1,500,000"),
        (3e18, Unit.COUNT, "3e+18", "3e+18"),
        (0.029, Unit.SHARE, "2.9%", "2.9%"),
        (0.5, Unit.SHARE, "50%", "50%"),
        (0.0001, Unit.SHARE, "under 0.1%", "under 0.1%"),
        (0.25, Unit.PLAIN, "0.25", "0.25"),
    ],
)
def test_numbers_are_written_as_people_read_them(
    value: float, unit: Unit, short: str, long: str
) -> None:
    assert (shortly(value, unit), written(value, unit)) == (short, long)


def test_an_interval_says_percent_once() -> None:
    assert interval(0.012, 0.052, Unit.SHARE) == "1.2 to 5.2%"
    assert interval(0.0001, 0.052, Unit.SHARE) == "under 0.1% to 5.2%"
    assert percent(0) == "0%"


@pytest.mark.parametrize("value", NOT_NUMBERS)
def test_what_is_no_number_is_refused_by_every_chart(value: float) -> None:
    with pytest.raises(ValueError, match="Errors"):
        Line("Errors", READ, FOUND, Curve("x", ((0, value),)))
    with pytest.raises(ValueError, match="Errors"):
        Line("Errors", READ, FOUND, CURVE, forecast=Forecast("y", (Expected(1, 2, 1, value),)))
    with pytest.raises(ValueError, match="Health"):
        Scale("Health", 0.1, 0.0, value)
    with pytest.raises(ValueError, match="Health"):
        Scale("Health", 0.1, 0.0, 0.2, Before("at import", value))
    with pytest.raises(ValueError, match="Signals, outlier"):
        Bars("Signals", "Signal", EXAMPLES, (Bar("outlier", value),))
    with pytest.raises(ValueError, match="Quality"):
        Histogram("Quality", QUALITY, EXAMPLES, (Bin(0, value, 1),))


def test_an_estimate_is_never_drawn_without_its_interval() -> None:
    with pytest.raises(ValueError, match="without its interval"):
        Scale("Health", 0.03)
    with pytest.raises(ValueError, match="no interval of"):
        Scale("Health", 0.03, 0.04, 0.05)


def test_the_scale_as_pictured() -> None:
    scale = Scale("Dataset health", 0.029, 0.012, 0.052, Before("at import", 0.068))
    assert scale.summary == "2.9%, 95% interval 1.2 to 5.2%; at import 6.8%."
    wide, narrow = scale.drawings
    for drawing in (wide, narrow):
        legible(drawing.texts, drawing.width, drawing.height)
        per_share = drawing.bar.width / 0.15
        assert drawing.mark == pytest.approx(drawing.bar.left + 0.029 * per_share)
        assert drawing.before == pytest.approx(drawing.bar.left + 0.068 * per_share)
        assert drawing.interval is not None
        assert drawing.interval.width == pytest.approx(0.04 * per_share)
        assert not drawing.open_end and drawing.arrows == ()
        assert [band.nth for band in drawing.bands] == [1, 2, 3, 4]
    assert [text.words for text in wide.texts] == [
        *("at import", "Safe", "Manageable, 1 to 5%", "Mitigate, 5 to 10%", "Broken, over 10%"),
    ]
    assert len({text.y for text in wide.texts}) == 2
    assert len({text.y for text in narrow.texts}) == 3, "names that would meet stand in two rows"


def test_what_leaves_the_scale_is_an_arrow_and_a_number() -> None:
    wide = Scale("Health", 0.09, 0.02, 0.62).drawn(WIDE)
    assert wide.open_end and len(wide.arrows) == 1
    assert wide.interval is not None and wide.interval.right == wide.bar.right
    assert "to 62% →" in [text.words for text in wide.texts]
    far = Scale("Health", 0.34, 0.2, 0.62, Before("at import", 0.5)).drawn(NARROW)
    assert far.mark is None and far.before is None and len(far.arrows) == 1
    assert {"34% →", "at import, 50% →"} <= {text.words for text in far.texts}
    legible(far.texts, far.width, far.height)


def test_without_data_a_scale_has_its_bands_alone() -> None:
    drawing = Scale("Health").drawn(WIDE)
    assert Scale("Health").summary == "Not enough data yet."
    assert (drawing.mark, drawing.interval, drawing.before) == (None, None, None)
    assert len(drawing.bands) == 4


@settings(deadline=None)
@given(
    low=st.floats(0, 1),
    more=st.floats(0, 1),
    further=st.floats(0, 1),
    before=st.none() | st.floats(0, 1),
    words=st.text(st.characters(codec="utf-8"), max_size=80),
    width=st.sampled_from([WIDE, NARROW]),
)
def test_every_scale_can_be_read(
    low: float, more: float, further: float, before: float | None, words: str, width: float
) -> None:
    estimate = low + more * (1 - low)
    high = estimate + further * (1 - estimate)
    then = None if before is None else Before(words, before)
    drawing = Scale("Health", estimate, low, min(1.0, max(high, estimate)), then).drawn(width)
    legible(drawing.texts, width, drawing.height)
    assert drawing.interval is None or (
        0 <= drawing.interval.left < drawing.interval.right <= width
    )


def test_the_curve_as_pictured() -> None:
    assert PICTURED.summary == (
        "512 found in 1,240. by score, forecast: 860 at 4,000 (712 to 1,008). "
        "random order: 273 at 4,000."
    )
    for drawing in PICTURED.drawings:
        marks = [*drawing.x_ticks, *drawing.y_ticks]
        texts = (*(mark.text for mark in marks), *drawing.texts)
        legible(texts, drawing.width, drawing.height)
        assert drawing.key == ()
        said = [text.words for text in drawing.texts]
        assert said == [
            *("wrong labels found", "examples reviewed", "512 found in 1,240"),
            *("by score, forecast", "random order"),
        ]
        x = drawing.plot.left + 1240 / 4000 * drawing.plot.width
        assert drawing.mark is not None and drawing.mark[0] == pytest.approx(x)
        assert drawing.measured.endswith(f"{x:.1f},{drawing.mark[1]:.1f}")
        assert len(drawing.band.split()) == 2 * len(AHEAD.points)
    wide = PICTURED.drawn(WIDE)
    assert [mark.text.words for mark in wide.x_ticks] == ["0", "1,000", "2,000", "3,000", "4,000"]


def test_a_curve_of_nothing_of_one_point_and_of_equal_points() -> None:
    assert Line("Errors", READ, FOUND, Curve("by score", ())).drawings == ()
    one = Line("Errors", READ, FOUND, Curve("by score", ((0, 0),)), "0 found in 0").drawn(NARROW)
    assert one.mark == (one.plot.left, one.plot.bottom)
    flat = Line("Errors", READ, FOUND, Curve("by score", ((5, 7), (6, 7), (7, 7)))).drawn(WIDE)
    assert len({point.split(",")[1] for point in flat.measured.split()}) == 1


def test_a_long_curve_is_thinned_and_its_table_says_so() -> None:
    points = tuple((float(n), float(n)) for n in range(50_001))
    line = Line("Errors", READ, FOUND, Curve("by score", points))
    drawn = line.drawn(WIDE).measured.split()
    assert len(drawn) == 240
    assert line.table.rest == "24 of 50,001 measured points."
    assert line.table.rows[0][:3] == ("0", "by score", "0")
    assert line.table.rows[-1][:3] == ("50,000", "by score", "50,000")


POINTS = st.lists(st.tuples(st.floats(0, 1e15), st.floats(0, 1e15)), max_size=12)


@settings(deadline=None)
@given(POINTS, POINTS, st.text(max_size=60), st.sampled_from([WIDE, NARROW]))
def test_every_curve_can_be_read(
    points: list[tuple[float, float]],
    others: list[tuple[float, float]],
    words: str,
    width: float,
) -> None:
    measured, reference = Curve(words, tuple(points)), Curve("random order", tuple(others))
    drawing = Line("Errors", READ, FOUND, measured, words, None, reference).drawn(width)
    marks = [*drawing.x_ticks, *drawing.y_ticks]
    legible((*(mark.text for mark in marks), *drawing.texts), width, drawing.height)
    plot = drawing.plot
    room = Box(plot.left - 0.1, plot.top - 0.1, plot.right + 0.1, plot.bottom + 0.1)
    for curve in (drawing.measured, drawing.reference):
        for point in curve.split():
            x, y = point.split(",")
            assert room.has((float(x), float(y)))


def test_bins_stand_side_by_side_and_their_hatched_part_stays_inside() -> None:
    bins = tuple(Bin(n / 10, (n + 1) / 10, 10 * n, 4 * n) for n in range(10))
    chart = Histogram("Quality", QUALITY, EXAMPLES, bins, "agree", "read otherwise")
    assert chart.summary.endswith("most of them, 90, at 0.90 to 1.00. read otherwise: 180.")
    for drawing in chart.drawings:
        legible((*(m.text for m in drawing.y_ticks), *drawing.texts), drawing.width, drawing.height)
        for one, other in pairwise(drawing.bars):
            assert one.whole.right < other.whole.left
        last = drawing.bars[-1]
        assert last.apart is not None
        assert last.apart.height == pytest.approx(0.4 * last.whole.height)
        assert last.whole.holds(last.apart)
    assert "90" in [text.words for text in chart.drawn(WIDE).texts], "counts stand above the bins"


def test_a_bin_of_one_among_a_million_is_seen() -> None:
    bins = (Bin(0, 0.5, 1, 1), Bin(0.5, 1, 1_000_000))
    chart = Histogram("Quality", QUALITY, EXAMPLES, bins, "agree", "otherwise")
    assert chart.drawn(WIDE).bars[0].whole.height == 1.5
    assert "1M" in [text.words for text in chart.drawn(NARROW).texts]
    assert chart.table.rows[1] == ("0.50 to 1.00", "1,000,000", "0")


def test_bins_that_say_nonsense_are_refused() -> None:
    for bins in (
        (Bin(0, 1, 1, 2),),
        (Bin(1, 0, 1),),
        (Bin(0, 1, 1), Bin(0.5, 2, 1)),
        tuple(Bin(n, n + 1, 1) for n in range(41)),
    ):
        with pytest.raises(ValueError, match="Quality"):
            Histogram("Quality", QUALITY, EXAMPLES, bins, "", "otherwise")
    with pytest.raises(ValueError, match="nothing says what is hatched"):
        Histogram("Quality", QUALITY, EXAMPLES, (Bin(0, 1, 1, 1),))
    assert Histogram("Quality", QUALITY, EXAMPLES, ()).drawings == ()


def test_hatching_stays_in_its_box() -> None:
    box = Box(10, 20, 34, 61)
    for line in hatched(box).split("M")[1:]:
        for point in line.split("L"):
            x, y = map(float, point.split(","))
            assert Box(9.9, 19.9, 34.1, 61.1).has((x, y))


def test_bars_reach_as_far_as_they_are_long() -> None:
    bars = (Bar("a", 0.1, 0.05, 0.35, "/a"), Bar("b", None, note="Not applicable."), Bar("c", 0.4))
    chart = Bars("Error rate", "Source", Axis("wrong", Unit.SHARE), bars)
    assert chart.ends == ("0%", "40%")
    first, unknown, last = chart.rows
    assert first.length == pytest.approx(25) and last.length == pytest.approx(100)
    assert first.whisker == pytest.approx((12.5, 87.5))
    assert (first.value, first.interval, unknown.value) == ("10%", "5 to 35%", "")
    for wrong in (Bar("x", -1), Bar("x", 1, 2, 3), Bar("x", 1, 0.5)):
        with pytest.raises(ValueError, match="Error rate"):
            Bars("Error rate", "Source", EXAMPLES, (wrong,))


def test_two_hundred_bars_are_told_in_words() -> None:
    bars = tuple(Bar(f"label {n}", 200 - n) for n in range(200))
    chart = Bars("Labels", "Label", EXAMPLES, bars)
    assert len(chart.rows) == 24
    assert chart.rest == "176 more, none above 176."
    assert [row.bar.name for row in chart.first] == [f"label {n}" for n in range(12)]
    assert [row.bar.name for row in chart.folded] == [f"label {n}" for n in range(12, 24)]
    few = Bars("Labels", "Label", EXAMPLES, bars[:15])
    assert (len(few.first), few.folded) == (15, ())
    assert Bars("Labels", "Label", EXAMPLES, (Bar("a", 0.0), Bar("b", 0.0))).rows[0].length == 0


def test_the_heat_map_as_pictured() -> None:
    names = ("Card arrival", "Lost or stolen", "Delivery estimate")
    cells = (Cell(0, 1, 44), Cell(0, 2, 31), Cell(1, 0, 71, "/pair"), Cell(1, 2, 4), Cell(2, 2, 9))
    chart = Heatmap("Which labels get confused", "given", "likely", "examples", names, cells)
    assert chart.summary == (
        "150 examples in 4 pairs; most of them, 71, have given Lost or stolen and likely Card "
        "arrival."
    )
    assert [[cell.step for cell in row.cells] for row in chart.drawn] == [
        [0, 5, 4],
        [6, 0, 2],
        [0, 0, 0],
    ]
    assert [row.cells[nth].same for nth, row in enumerate(chart.drawn)] == [True] * 3
    assert chart.drawn[1].cells[0].url == "/pair"
    assert chart.table.rows[0] == ("Lost or stolen", "Card arrival", "71")
    assert chart.rest == ""


def test_of_two_hundred_labels_the_twenty_most_confused_are_drawn() -> None:
    names = tuple(f"label {n}" for n in range(200))
    cells = tuple(Cell(n, (n + 1) % 200, 1 + n) for n in range(200))
    chart = Heatmap("Confused", "given", "likely", "examples", names, cells)
    assert len(chart.heads) == 20 and {len(row.cells) for row in chart.drawn} == {20}
    assert chart.heads == tuple(f"label {n}" for n in range(180, 200))
    assert chart.rest == (
        "The 20 labels that are confused most are shown. Outside of them are 180 labels more, "
        f"with {sum(range(1, 181)) + 200:,} examples in 181 pairs."
    )
    assert len(chart.table.rows) == 40 and chart.table.rest == "160 rarer pairs are not listed."


def test_one_pair_of_one_example_is_not_drawn_like_the_most_of_many() -> None:
    chart = Heatmap("x", "given", "likely", "examples", ("a", "b"), (Cell(0, 1, 1),))
    assert chart.drawn[0].cells[1].step == 3 and chart.steps == (3,)
    assert Heatmap("x", "given", "likely", "examples", ("a",), (Cell(0, 0, 5),)).empty
    for wrong in ((Cell(0, 2, 1),), (Cell(0, 1, -1),), (Cell(0, 1, 1), Cell(0, 1, 2))):
        with pytest.raises(ValueError, match="x: "):
            Heatmap("x", "given", "likely", "examples", ("a", "b"), wrong)


@settings(deadline=None)
@given(st.text(max_size=80), st.floats(10, 400))
def test_words_that_are_cut_fit(words: str, room: float) -> None:
    assert width_of(cut(words, room)) <= room
    assert width_of("漢字") > width_of("ab")
