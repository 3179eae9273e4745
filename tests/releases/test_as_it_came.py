"""A file goes out as it came in: only the label column is another, and what the lead answered."""

from __future__ import annotations

from pathlib import Path

from tests.datasets.doors import Door, Sent, each_door
from tests.releases.shelves import Release, by_api, csv_rows, each_release, json_rows
from tests.releases.third_party import verify as verify_by_the_page
from tests.web.cast import Cast

SPELLED = (
    "text,label\na b 1,cat\na b 2,cat \na b 3,cat\u00a0\na b 4,Cat\na b 5,dog\na b 6,cat\n"
    "a b 7,cafe\u0301\na b 8,true\na b 9,1\n"
)
MERGED = {"choices": {"W303": "merge", "W304": "merge", "W306": "merge"}}


@each_door
def test_forms_that_the_lead_called_one_label_are_one(
    cast: Cast, door: Door, tmp_path: Path
) -> None:
    came = door(cast, Sent("pets.csv", SPELLED.encode(), MERGED))
    assert came.labels == ["cat", "dog", "café", "true"], came.shown
    made = by_api(cast, came.project, tmp_path, "csv")
    verify_by_the_page(made)
    rows = csv_rows(made)
    assert [(row["label"], row["relabel_given"]) for row in rows] == [
        ("cat", "cat"),
        ("cat", "cat "),
        ("cat", "cat\u00a0"),
        ("cat", "Cat"),
        ("dog", "dog"),
        ("cat", "cat"),
        ("cafe\u0301", "cafe\u0301"),
        ("true", "true"),
        ("true", "1"),
    ]


@each_release
def test_a_merge_reaches_the_file_at_every_door(
    cast: Cast, release: Release, tmp_path: Path
) -> None:
    from tests.datasets.doors import by_api as door

    came = door(cast, Sent("pets.csv", SPELLED.encode(), MERGED))
    made = release(cast, came.project, tmp_path, "jsonl")
    verify_by_the_page(made)
    assert [row["label"] for row in json_rows(made)][:4] == ["cat"] * 4
