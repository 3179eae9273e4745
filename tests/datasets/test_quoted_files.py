"""Files whose every cell is quoted: what looks like rows inside a cell is most often a text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from app.db.words import ImportState
from tests.datasets.doors import Door, Sent, by_api, each_door
from tests.releases.shelves import by_api as release_by_api
from tests.web.cast import Cast

HEAD = ["id", "text", "label"]
ROWS = [[str(at), f"some words {at}", "ab"[at % 2]] for at in range(12)]
SEVERAL = [["12", "foo,a\n13,bar", "b"], ["13", "one,two,three\n4,5,6", "a"]]
DOUBLED = [["14", 'he said "no, never"', "a"]]
LAST = [["15", "the end", "b"]]
ALL = [*ROWS, *SEVERAL, *DOUBLED, *LAST]


def written(rows: list[list[str]], *, quoting: int = csv.QUOTE_ALL, separator: str = ",") -> bytes:
    target = io.StringIO()
    csv.writer(target, quoting=quoting, delimiter=separator).writerows(rows)
    return target.getvalue().replace(",", separator).encode()


WAYS = {
    "all quoted": written([HEAD, *ALL]),
    "semicolons": written([HEAD, *ALL], separator=";"),
    "tabs": written([HEAD, *ALL], separator="\t"),
    "quoted where it must be": written(
        [HEAD, *ALL, ["16", "x, y", "a"]], quoting=csv.QUOTE_MINIMAL
    ),
    "without names": written(ALL),
    "most cells of several lines": written([HEAD, *SEVERAL * 1, *DOUBLED, *LAST, *ROWS[:2]]),
}


@each_door
@pytest.mark.parametrize("way", WAYS)
def test_the_usual_answer_keeps_cells_of_several_lines_whole(
    cast: Cast, door: Door, way: str
) -> None:
    came = door(cast, Sent(f"q.{'tsv' if way == 'tabs' else 'csv'}", WAYS[way], NAMES.get(way, {})))
    assert came.state is ImportState.DONE, came.shown
    texts = [row.content for row in came.rows]
    mark = {"semicolons": ";", "tabs": "\t"}.get(way, ",")
    assert f"foo{mark}a\r\n13{mark}bar".replace("\r", "") in [t.replace("\r", "") for t in texts]
    assert f'he said "no{mark} never"' in texts and "the end" in texts
    assert set(came.given) == {"a", "b"}
    assert "W170" not in came.codes


NAMES = {
    "without names": {
        "header": "none", "text": "column 2", "label": "column 3", "id": "column 1",
    }
}  # fmt: skip


@each_door
def test_it_is_still_asked(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("q.csv", WAYS["all quoted"], answers=False))
    assert (came.state, came.open) == (ImportState.STAGED, {"W158"})


@each_door
def test_a_quote_that_nobody_doubles_hides_rows(cast: Cast, door: Door) -> None:
    lines = [",".join(row) for row in [HEAD, *ROWS]] + ['12,"foo,a', '13,bar",b']
    came = door(cast, Sent("q.csv", "\n".join(lines).encode()))
    assert [row.key for row in came.rows] == [str(at) for at in range(14)], came.shown
    assert came.rows[12].content == '"foo'


def test_a_quoted_file_goes_out_with_the_texts_it_had(cast: Cast, tmp_path: Path) -> None:
    came = by_api(cast, Sent("q.csv", WAYS["all quoted"]))
    made = release_by_api(cast, came.project, tmp_path, "csv")
    with (made / "data.csv").open(newline="", encoding="utf-8") as file:
        assert [[row[name] for name in HEAD] for row in csv.DictReader(file)] == ALL
