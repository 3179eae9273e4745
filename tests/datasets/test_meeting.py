"""Where readers meet: votes, added columns, sheets, answers; at every door, and out again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.db.words import ImportState
from app.releases.verify import verify
from tests.datasets.doors import Door, Sent, by_api, each_door
from tests.datasets.test_xlsx import workbook
from tests.releases.shelves import by_api as release_by_api
from tests.releases.third_party import verify as verify_by_the_page
from tests.web.cast import Cast
from tests.web.test_imports import work

HEAD = ["id", "text", "label", "annotator"]
VOTED = [
    ["1", "aa bb", "pos", "ann"],
    ["1", "aa bb", "neg", "bob"],
    ["1", "aa bb", "neg", "cy"],
    ["2", "cc dd", "neg", "ann"],
    ["2", "cc dd", "neg", "bob"],
    ["3", "ee", "pos", "ann"],
]
MOST: dict[str, Any] = {"source": "annotator", "choices": {"W352": "most"}}


def as_csv(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue().encode(encoding)


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("kind", ["votes", "wide", "row names", "parquet"])
def test_a_release_of_columns_that_reading_added(
    cast: Cast, tmp_path: Path, kind: str, format: str
) -> None:
    came = by_api(cast, ADDED[kind]())
    assert came.state is ImportState.DONE and len(came.rows) >= 2, came.shown
    made = release_by_api(cast, came.project, tmp_path, format)
    assert verify(made).sound
    if format != "parquet":
        verify_by_the_page(made)
    if format == "csv":
        with (made / "data.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [row["label"] for row in rows] == came.given


def _wide() -> Sent:
    rows = [["text", "ann_1", "ann_2", "ann_3"]]
    rows += [[f"words {at}", "x", "xy"[at % 2], "yx"[at % 3 > 0]] for at in range(12)]
    return Sent("w.csv", as_csv(rows), {"choices": {"W350": "*"}})


def _row_names() -> Sent:
    lines = ["text,label", "1,good one here,pos", "2,bad one there,neg", "3,fine one too,pos"]
    return Sent("r.csv", "\n".join(lines).encode())


def _parquet() -> Sent:
    columns = {name: [row[at] for row in VOTED] for at, name in enumerate(HEAD)}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return Sent("v.parquet", sink.getvalue(), MOST)


ADDED: dict[str, Callable[[], Sent]] = {
    "votes": lambda: Sent("v.csv", as_csv([HEAD, *VOTED]), MOST),
    "wide": _wide,
    "row names": _row_names,
    "parquet": _parquet,
}


@each_door
@pytest.mark.parametrize("name", ["v.csv", "v.xlsx"])
def test_votes_give_the_label_and_who_gave_it(cast: Cast, door: Door, name: str) -> None:
    rows = [HEAD, *VOTED]
    content = as_csv(rows) if name == "v.csv" else workbook(Data=rows)
    came = door(cast, Sent(name, content, MOST))
    assert [(row.key, row.given) for row in came.rows] == [("1", "neg"), ("2", "neg"), ("3", "pos")]
    assert [row.columns["annotator"] for row in came.rows] == ["bob", "ann", "ann"]
    assert came.rows[0].columns["all_labels"] == "ann: pos; bob: neg; cy: neg"


def test_a_column_of_the_file_is_not_written_over(cast: Cast) -> None:
    rows = [[*HEAD, "all_labels"], *([*row, "mine"] for row in VOTED)]
    came = by_api(cast, Sent("v.csv", as_csv(rows), MOST))
    assert {row.columns["all_labels"] for row in came.rows} == {"mine"}


def test_votes_are_read_as_the_file_is(cast: Cast) -> None:
    """The second pass has the answers of the first: the sheet, the encoding."""
    other = [HEAD, ["1", "aa", "XX", "ann"], ["2", "zz", "YY", "ann"]]
    said = {"source": "annotator", "choices": {"W163": "S2", "W352": "most"}}
    came = by_api(cast, Sent("v.xlsx", workbook(S1=other, S2=[HEAD, *VOTED]), said))
    assert came.given == ["neg", "neg", "pos"], came.shown
    latin = [HEAD, *([row[0], "caf\xe9", *row[2:]] for row in VOTED)]
    said = {"source": "annotator", "choices": {"E102": "cp1252", "W352": "most"}}
    came = by_api(cast, Sent("v.csv", as_csv(latin, "latin-1"), said))
    assert (came.state, came.given) == (ImportState.DONE, ["neg", "neg", "pos"])


@each_door
def test_a_last_column_without_a_name_shifts_nothing(cast: Cast, door: Door) -> None:
    rows = [["nr", "text", "label"], ["1", "good one", "pos", "n1"], ["2", "bad one", "neg", "n2"]]
    rows += [["", "", "", ""], ["3", "fine one", "", ""]]
    said = {"choices": {"E301": "unlabeled"}}
    came = door(cast, Sent("n.xlsx", workbook(Data=[[], *rows, [" "]]), said))
    assert [(row.content, row.given) for row in came.rows] == [
        ("good one", "pos"),
        ("bad one", "neg"),
        ("fine one", None),
    ], came.shown


def test_texts_that_begin_as_errors_do_are_none(cast: Cast) -> None:
    rows = [["text", "label"], ["#WOW!", "a"], ["#MeToo, is it over?", "b"], ["#N/A", "a"]]
    came = by_api(cast, Sent("e.xlsx", workbook(Data=rows)))
    assert came.codes["W164"] == 1


def test_an_answer_that_was_given_up_before_is_meant_again(cast: Cast) -> None:
    url = f"/api/v1/projects/{cast.project.slug}/imports"
    content = b"ham,where is my card now\nspam,top up failed again\nham,lost it\n"
    said = {"mapping": json.dumps({"label": "-", "choices": {"W107": "data"}})}
    first = cast.lead.post(url, files={"file": ("h.csv", content)}, data=said).json()["id"]
    work(cast)
    assert cast.lead.post(f"{url}/{first}/cancel").status_code == 200
    said = {"mapping": json.dumps({"label": "-"})}
    second = cast.lead.post(url, files={"file": ("h.csv", content)}, data=said).json()["id"]
    work(cast)
    answer = {"choices": {"W107": "data"}}
    meant = cast.lead.post(f"{url}/{second}/answers", json=answer).json()
    work(cast)
    assert cast.lead.get(f"{url}/{meant['id']}").json()["state"] == "staged"


def test_a_part_of_the_reading_is_found_again_on_the_page(cast: Cast) -> None:
    page = f"/p/{cast.project.slug}/import"
    sent = cast.lead.post(page, files={"file": ("q.csv", as_csv([HEAD, *VOTED]))})
    page = sent.headers["location"]
    work(cast)
    for separator, columns in (("none", 1), ("", 4)):
        reply = cast.lead.post(f"{page}/reading", data={"separator": separator})
        page = reply.headers["location"]
        work(cast)
        assert cast.lead.get(page).text.count('name="column"') == columns


def test_roles_of_names_that_are_gone_are_guessed_again(cast: Cast) -> None:
    page = f"/p/{cast.project.slug}/import"
    content = b"text,label\nwhere is my card,card\ntop up failed,top_up\n"
    page = cast.lead.post(page, files={"file": ("q.csv", content)}).headers["location"]
    work(cast)
    page = cast.lead.post(f"{page}/reading", data={"header": "none"}).headers["location"]
    work(cast)
    uses = {"column": ["column 1", "column 2"], "use": ["text", "label"]}
    page = cast.lead.post(f"{page}/columns", data=uses).headers["location"]
    work(cast)
    page = cast.lead.post(f"{page}/reading", data={"header": "names"}).headers["location"]
    work(cast)
    shown = cast.lead.get(page).text
    assert 'value="text"' in shown and "There is no column" not in shown
    assert "2 rows, 2 to import" in shown
