"""Two releases compared at every door: which label became which, which rows came and went."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from app.db.words import ImportState
from tests.datasets.doors import Came, Sent
from tests.datasets.doors import by_api as brought
from tests.releases.shelves import by_api, make_waiting, relabel_as, remove
from tests.web.cast import Cast
from tests.web.console import command

FILE = b"id,text,label\na,one fish,cat\nb,two fish,dog\nc,red fish,cat\nd,blue fish,dog\n"
DIFFERENCE = [
    ["id", "change", "label_before", "label_after", "why"],
    ["a", "relabeled", "cat", "dog", "relabeled"],
    ["b", "removed", "dog", "", "removed: duplicate"],
    ["c", "relabeled", "cat", "dog", "relabeled"],
    ["d", "relabeled", "dog", "owl", "relabeled"],
]


def two_releases(cast: Cast, place: Path) -> Came:
    came = brought(cast, Sent("pets.csv", FILE))
    assert came.state is ImportState.DONE, came.shown
    by_api(cast, came.project, place, "csv")
    for example, label in (("a", "dog"), ("c", "dog"), ("d", "owl")):
        relabel_as(cast, came.project, label, example=example)
    remove(cast, came.project, example="b")
    by_api(cast, came.project, place, "csv")
    return came


def test_the_page_counts_and_leads_to_the_rows(cast: Cast, tmp_path: Path) -> None:
    slug = two_releases(cast, tmp_path).project.slug
    here = f"/p/{slug}/releases/2/compare"
    page = cast.lead.get(here).text
    assert "3 labels changed, 1 row removed" in page
    assert f"{here}?with=1&amp;before=cat&amp;after=dog#rows" in page
    flow = cast.lead.get(f"{here}?with=1&before=cat&after=dog").text
    rows = flow[flow.index('id="rows"') :]
    assert all(f"<bdi>{key}</bdi>" in rows for key in "ac")
    assert all(f"<bdi>{key}</bdi>" not in rows for key in "bd")
    removed = cast.lead.get(f"{here}?with=1&change=removed").text
    assert "<bdi>b</bdi>" in removed and "removed: duplicate" in removed
    backwards = cast.lead.get(f"/p/{slug}/releases/1/compare?with=2").text
    assert "3 labels changed, 1 row removed" in backwards


def test_the_download_holds_every_difference(cast: Cast, tmp_path: Path) -> None:
    slug = two_releases(cast, tmp_path).project.slug
    for base in (f"/p/{slug}", f"/api/v1/projects/{slug}"):
        reply = cast.lead.get(f"{base}/releases/2/compare.csv")
        assert list(csv.reader(io.StringIO(reply.text, newline=""))) == DIFFERENCE


def test_a_spreadsheet_runs_nothing_of_the_download(cast: Cast, tmp_path: Path) -> None:
    """As a page gives it; programs get the cells as they are, whatever stands in them."""
    rows = b'=1+2,one fish,cat\n"x\ry",two fish,cat\nc,red fish,@dog\n'
    came = brought(cast, Sent("sums.csv", b"id,text,label\n" + rows))
    by_api(cast, came.project, tmp_path, "csv")
    for example in ("=1+2", "x\ry"):
        relabel_as(cast, came.project, "@dog", example=example)
    by_api(cast, came.project, tmp_path, "csv")
    out = tmp_path / "out.csv"
    command(cast, "compare", came.project.slug, "2", "--out", str(out))
    slug = came.project.slug
    sent = [
        cast.lead.get(f"{base}/releases/2/compare.csv").text
        for base in (f"/api/v1/projects/{slug}", f"/p/{slug}")
    ]
    told = [out.read_bytes().decode(), *sent]
    exact, same, safe = ([*csv.reader(io.StringIO(one, newline=""))][1:] for one in told)
    changes = [[key, "relabeled", "cat", "@dog", "relabeled"] for key in ("=1+2", "x\ry")]
    assert exact == same == changes
    assert [line[0] for line in safe] == ["'=1+2", "x\ry"]
    assert {line[3] for line in safe} == {"'@dog"}


def test_tables_beside_a_safe_file_are_safe(cast: Cast) -> None:
    came = brought(cast, Sent("sums.csv", b"id,text,label\n=1+2,one fish,cat\nb,red fish,@dog\n"))
    relabel_as(cast, came.project, "@dog", example="=1+2")
    base = f"/api/v1/projects/{came.project.slug}/releases"
    beside = ["changes", "weights", "soft"]
    asked = {"format": "csv", "flavour": "spreadsheet", "companions": beside}
    assert cast.lead.post(base, json=asked).status_code == 201
    make_waiting(cast)
    files = {
        name: cast.lead.get(f"{base}/1/files/{name}").content.decode("utf-8-sig")
        for name in ("changes.csv", "weights.csv", "soft_labels.csv", "data.csv")
    }
    for name, text in files.items():
        assert "'=1+2," in text and "\n=1+2" not in text, name
        assert "'@dog" in text and ",@dog" not in text, name


def test_programs_get_the_same(cast: Cast, tmp_path: Path) -> None:
    slug = two_releases(cast, tmp_path).project.slug
    base = f"/api/v1/projects/{slug}/releases"
    told = cast.lead.get(f"{base}/2/compare?with=1&before=dog&after=owl").json()
    assert (told["older"], told["newer"], told["words"]) == (
        1,
        2,
        "3 labels changed, 1 row removed",
    )
    assert told["flows"] == [
        {"before": "cat", "after": "dog", "count": 2},
        {"before": "dog", "after": "owl", "count": 1},
    ]
    assert (told["matching"], [row["key"] for row in told["rows"]]) == (1, ["d"])
    assert cast.lead.get(f"{base}/1/compare").json()["code"] == "nothing_to_compare"
    assert cast.lead.get(f"{base}/2/compare?with=9").status_code == 404


def test_the_list_says_in_a_sentence_what_changed(cast: Cast, tmp_path: Path) -> None:
    slug = two_releases(cast, tmp_path).project.slug
    for page in (f"/p/{slug}/releases", f"/p/{slug}/releases/2"):
        shown = cast.lead.get(page).text
        assert "Since release 1</a>: 3 labels changed, 1 row removed." in shown
    told = cast.lead.get(f"/api/v1/projects/{slug}/releases").json()["releases"]
    assert [one["since"] for one in told] == [
        {"release": 1, "words": "3 labels changed, 1 row removed"},
        None,
    ]


def test_the_console_says_it_and_writes_the_file(cast: Cast, tmp_path: Path) -> None:
    came = two_releases(cast, tmp_path)
    out = tmp_path / "difference.csv"
    told = command(cast, "compare", came.project.slug, "2", "--out", str(out))
    assert "From release 1 to release 2: 3 labels changed, 1 row removed." in told
    assert "cat → dog" in told
    assert list(csv.reader(io.StringIO(out.read_text(), newline=""))) == DIFFERENCE


def test_rows_of_a_new_import_were_added(cast: Cast, tmp_path: Path) -> None:
    came = two_releases(cast, tmp_path)
    base = f"/api/v1/projects/{came.project.slug}"
    more = b"id,text,label\ne,old fish,cat\nf,new fish,dog\n"
    bring_more(cast, base, more)
    by_api(cast, came.project, tmp_path, "jsonl")
    told = cast.lead.get(f"{base}/releases/3/compare").json()
    assert told["words"] == "2 rows added"
    assert [(row["key"], row["after"]) for row in told["rows"]] == [("e", "cat"), ("f", "dog")]


def bring_more(cast: Cast, base: str, content: bytes) -> None:
    from tests.web.test_imports import work

    reply = cast.lead.post(f"{base}/imports", files={"file": ("more.csv", content)})
    assert reply.status_code == 200, reply.text
    work(cast)
    reply = cast.lead.post(f"{base}/imports/{reply.json()['id']}/commit")
    assert reply.status_code == 200, reply.text
    work(cast)
