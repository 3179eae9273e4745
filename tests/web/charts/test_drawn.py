"""The macros draw the numbers they were given, in words as well, and hostile names as text."""

from __future__ import annotations

import re
from itertools import pairwise, product
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.settings import shipped
from tests.web.charts.gallery import (
    BARS,
    CURVES,
    HEATMAPS,
    HISTOGRAMS,
    HOSTILE,
    KINDS,
    LINES,
    LONG,
    SCALES,
    SLOPES,
    drawn,
    gallery,
)

TOKENS = shipped("static") / "tokens.css"


def summaries(html: str) -> list[str]:
    return re.findall(r'role="img" aria-label="([^"]*)"', html)


def table_of(html: str) -> list[list[str]]:
    """The cells of the table view, row by row."""
    view = html[html.index("<details") :]
    rows = re.findall(r"<tr>(.*?)</tr>", view, re.S)
    return [
        [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in rows
    ]


@pytest.mark.parametrize(("kind", "chart"), [(kind, one) for kind, some in KINDS for one in some])
def test_every_chart_has_a_title_and_parts_that_nest(kind: str, chart: object) -> None:
    html = drawn(kind, chart)
    assert "style=" not in html and " id=" not in html and "<script" not in html
    ElementTree.fromstring(html)  # balanced, and nothing unescaped
    assert html.startswith(f'<figure class="chart chart-{kind}">')


def test_curves_say_where_they_begin_and_end_and_where_one_is() -> None:
    html = drawn("curves", CURVES[0])
    said = summaries(html)[0]
    assert said.startswith("Accuracy with more wrong labels: Large encoder from 95% to 60%; Mid")
    assert said.endswith("you are here 5.4%.")
    assert html.count("chart-curve chart-curve-") == 2 * 4
    assert table_of(html)[2] == ["25%", "Large encoder", "77.5%", "75.5 to 79.5%"]
    ends = [float(y) for y in re.findall(r'class="chart-soft" x="[^"]*" y="([^"]*)"', html)]
    assert all(later - one >= 12 for one, later in pairwise(ends[:4])), "no name meets another"


def test_slopes_say_both_values_and_mark_those_that_pass_another() -> None:
    html = drawn("slope", SLOPES[0])
    assert summaries(html)[0].startswith("Ranking before and after: Large encoder 91.8%, then 92.4")
    assert html.count("chart-slope-moves") == 2 * 2, "the two first, at both widths"
    assert table_of(html)[2] == ["Mid encoder", "91.2%", "93%", "90.4 to 94.9%"]
    names = re.findall(r'text-anchor="end">([^<]*)<', html)
    assert names.index("Large encoder") < names.index("Mid encoder")


def test_a_scale_says_its_numbers_and_draws_them_for_both_widths() -> None:
    html = drawn("scale", SCALES[0])
    said = "Dataset health: 2.9%, 95% interval 1.2 to 5.2%; at import 6.8%."
    assert summaries(html) == [said, said]
    assert html.count('class="chart-interval"') == html.count('class="chart-estimate"') == 2
    assert table_of(html)[1:4] == [
        ["Estimate", "2.9%"],
        ["95% interval", "1.2 to 5.2%"],
        ["under 1%", "Safe"],
    ]
    far = drawn("scale", SCALES[1])
    assert far.count("chart-arrow") == 2 and "to 62% →" in far
    none = drawn("scale", SCALES[3])
    assert "Not enough data yet." in none and "chart-estimate" not in none


def test_a_line_says_its_numbers_and_names_its_curves() -> None:
    html = drawn("line", LINES[0])
    assert summaries(html)[0].startswith("Errors found: 551 found in 1,240. by score, forecast: ")
    for words in ("551 found in 1,240", "random order", "wrong labels found", "examples reviewed"):
        assert html.count(f">{words}</text>") == 2
    assert ["4,000", "random order", "273", ""] in table_of(html)
    assert drawn("line", LINES[2]).count("Nothing to draw yet.") == 1
    assert "<svg" not in drawn("line", LINES[2])


def test_a_histogram_says_what_is_hatched() -> None:
    html = drawn("histogram", HISTOGRAMS[0])
    assert summaries(html)[0].endswith("The model reads another label: 175.")
    assert "<bdi>The model reads another label</bdi> (175)" in html
    assert "<title>0.00 to 0.10: 41, 41 hatched</title>" in html
    assert table_of(html)[1] == ["0.00 to 0.10", "41", "41"]
    assert ">2,204</text>" in html
    assert "Nothing to draw yet." in drawn("histogram", HISTOGRAMS[1])


def test_bars_are_rows_with_value_interval_and_link() -> None:
    html = drawn("bars", BARS[0])
    first = html[html.index("agency B") :]
    assert '<a href="/p/x?source=1"><bdi>agency B</bdi></a>' in html
    assert first.index("11.2%") < first.index("9.1 to 13.6%") < first.index(LONG)
    assert 'width="37.33"' in html, "11.2 % of an axis to 30 %"
    assert "Not enough data yet." in html and html.count("chart-whisker") == 3
    assert "176 more, none above 176." in drawn("bars", BARS[1])


def test_a_heat_map_prints_its_counts_and_links_its_cells() -> None:
    html = drawn("heatmap", HEATMAPS[0])
    cell = re.search(r'<td class="chart-step-(\d)"><a href="/p/x\?pair=1-0" ([^>]*)>71</a>', html)
    assert cell is not None and cell[1] == "2"
    assert 'aria-label="71: given Lost or stolen, likely Card arrival"' in cell[2]
    assert html.count('class="chart-same"') == 6
    assert table_of(html)[1] == ["Top-up failed", LONG, "1,234"]
    assert drawn("heatmap", HEATMAPS[1]).count('<th scope="row" title') == 20
    assert "Outside of them are 180 labels more" in drawn("heatmap", HEATMAPS[1])


def test_hostile_names_are_text() -> None:
    html = gallery()
    assert HOSTILE not in html and "<script>" not in html
    assert html.count("&lt;script&gt;") > 5
    assert LONG in html


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _tokens(path: Path) -> dict[str, tuple[str, str]]:
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", path.read_text())
    return {name: (light, dark) for name, light, dark in found}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_what_is_drawn_stands_out_in_both_themes(theme: int) -> None:
    """Which no checker of pages sees: words of 4.5 to 1, shapes of 3 to 1."""
    colour = {name: pair[theme] for name, pair in _tokens(TOKENS).items()}
    words = [("ink", f"h{step}") for step in range(5)] + [("surface", "h5"), ("surface", "h6")]
    words += list(product(("ink", "ink-2", "ink-3", "accent"), ("surface",)))
    shapes = list(product(("bar", "bar-given", "band1", "band2", "band3", "band4"), ("surface",)))
    for one, other in words:
        assert _contrast(colour[one], colour[other]) >= 4.5, (one, other)
    for one, other in shapes:
        assert _contrast(colour[one], colour[other]) >= 3, (one, other)
