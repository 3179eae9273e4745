"""Ids with characters nobody sees: imported exactly, shown, found, released exactly."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.datatypes.hidden_characters import read_back, written_out
from app.db.engine import reading
from app.db.tables.datasets import Example
from app.settings import Settings
from app.worker import open_work
from tests.web.cast import Cast
from tests.web.test_imports import work

ODD = {
    "cr lf": ("a\r\nb", "a⟨U+000D⟩⟨U+000A⟩b"),
    "a header": ("x\r\nSet-Cookie: a=b", "x⟨U+000D⟩⟨U+000A⟩Set-Cookie: a=b"),
    "lone cr": ("c\rd", "c⟨U+000D⟩d"),
    "lone lf": ("e\nf", "e⟨U+000A⟩f"),
    "tab": ("g\th", "g⟨U+0009⟩h"),
    "ends": (" i ", "␣i␣"),
    "many spaces": ("j   k", "j ␣␣k"),
    "zero width": ("l\u200bm", "l⟨U+200B⟩m"),
    "mark": ("\ufeffn", "⟨U+FEFF⟩n"),
    "turned": ("o\u202ep", "o⟨U+202E⟩p"),
    "no-break": ("q\u00a0r", "q⟨U+00A0⟩r"),
    "line separator": ("s\u2028t", "s⟨U+2028⟩t"),
    "next line": ("u\x85v", "u⟨U+0085⟩v"),
    "escape": ("w\x1b[2Jx", "w⟨U+001B⟩[2Jx"),
    "markup": ("<b>&amp;\"'", "<b>&amp;\"'"),
    "path": ("../../etc/%0d%0a", "../../etc/%0d%0a"),
    "formula": ("=1+1", "=1+1"),
}
KEYS = [key for key, _ in ODD.values()]


def as_csv() -> tuple[str, bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["id", "text", "label"])
    writer.writerows([key, f"words {place}", "ab"[place % 2]] for place, key in enumerate(KEYS))
    return "odd.csv", text.getvalue().encode()


def as_jsonl() -> tuple[str, bytes]:
    rows = ({"id": key, "text": f"words {n}", "label": "ab"[n % 2]} for n, key in enumerate(KEYS))
    return "odd.jsonl", "\n".join(map(json.dumps, rows)).encode()


@pytest.fixture(params=[as_csv, as_jsonl], ids=["csv", "jsonl"])
def imported(cast: Cast, request: pytest.FixtureRequest) -> dict[str, int]:
    """Through the door, as a lead does it; each key with the number of its example."""
    make: Callable[[], tuple[str, bytes]] = request.param
    base = f"/api/v1/projects/{cast.project.slug}/imports"
    reply = cast.lead.post(base, files={"file": make()})
    assert reply.status_code == 200, reply.text
    work(cast)
    reply = cast.lead.post(f"{base}/{reply.json()['id']}/commit")
    assert reply.status_code == 200, reply.text
    work(cast)
    with reading(cast.engine) as session:
        rows = session.execute(select(Example.key, Example.id)).all()
    assert {row.key for row in rows} == set(KEYS)
    return {row.key: row.id for row in rows}


def test_what_is_written_out_can_be_seen_and_read_back() -> None:
    for key, shown in ODD.values():
        assert written_out(key) == shown and read_back(shown) == key


def test_they_are_shown_found_and_addressed(cast: Cast, imported: dict[str, int]) -> None:
    pages, api = (
        f"/p/{cast.project.slug}/examples",
        f"/api/v1/projects/{cast.project.slug}/examples",
    )
    for key, shown in ODD.values():
        example = imported[key]
        page = cast.lead.get(f"{pages}/{example}")
        assert f"<bdi>{html.escape(shown, quote=True)}</bdi>" in html_quotes(page.text), shown
        assert cast.lead.get(f"{api}/{example}").json()["key"] == key
        for asked in (key, shown):
            listed = cast.lead.get(api, params={"q": asked})
            assert listed.status_code == 200, listed.text
            assert example in [one["id"] for one in listed.json()["examples"]], (key, asked)
            found = cast.lead.get(pages, params={"q": asked})
            assert f'{pages}/{example}"' in found.text, (key, asked)
            assert "set-cookie" not in found.headers


def html_quotes(text: str) -> str:
    return text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")


def test_they_are_released_exactly(
    cast: Cast, imported: dict[str, int], settings: Settings
) -> None:
    api = f"/api/v1/projects/{cast.project.slug}/releases"
    for number, asked in enumerate(
        ({"format": "csv"}, {"format": "jsonl"}, {"flavour": "spreadsheet"}), start=1
    ):
        assert cast.lead.post(api, json=asked).status_code == 201
        open_work(cast.engine, settings).until_idle()
        name = "data.jsonl" if asked.get("format") == "jsonl" else "data.csv"
        content = cast.lead.get(f"{api}/{number}/files/{name}").content
        if name == "data.jsonl":
            keys = [json.loads(line)["id"] for line in content.decode().split("\n") if line]
        else:
            text = io.StringIO(content.decode("utf-8-sig"), newline="")
            rows = list(csv.DictReader(text))
            keys = [row["id"] for row in rows]
        if "flavour" in asked:
            keys = [key.removeprefix("'") for key in keys]
        assert keys == KEYS


def test_a_zero_byte_is_a_finding_of_its_row(cast: Cast) -> None:
    """PostgreSQL cannot hold it: the row is left out by name, and no other is."""
    base = f"/api/v1/projects/{cast.project.slug}/imports"
    rows = [
        {"id": f"a\0{n}" if n == 1 else str(n), "text": "words", "label": "a"} for n in range(3)
    ]
    content = "\n".join(map(json.dumps, rows)).encode()
    reply = cast.lead.post(base, files={"file": ("a.jsonl", content)})
    work(cast)
    found = cast.lead.get(f"{base}/{reply.json()['id']}").json()
    assert found["counts"] == {"E101": 1} and found["rows_good"] == 2
    assert found["problems"][0]["excerpt"] == "a\\u00001"
