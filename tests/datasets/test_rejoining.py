"""A release that comes in again: into its own project, and into a new one."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from app.datasets.asking import left_out_rows
from app.datasets.report import report_of
from app.db.engine import reading
from app.db.tables.datasets import DataImport, Example, Label, LeftOut
from app.db.tables.review import Event
from app.db.words import DataType, EventKind, ImportState
from tests.datasets.doors import Came, Door, Sent, by_api, each_door
from tests.releases.shelves import by_command as release_by_command
from tests.releases.shelves import relabel_as, remove
from tests.web.cast import Cast, Stage
from tests.web.console import command

SAID = {"text": "question", "label": "intent", "id": "nr"}
ROWS = [
    ("q1", "where is my card", "card"),
    ("q2", "top up failed", "top_up"),
    ("q3", "card got eaten", "top_up"),
]
ADDED = ("relabel_given", "relabel_status", "relabel_quality", "relabel_guideline")


def text_of(
    rows: list[tuple[str, ...]], names: tuple[str, ...] = ("nr", "question", "intent")
) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([names, *rows])
    return out.getvalue().encode()


def released(cast: Cast, project: Stage, place: Path, format: str = "csv") -> bytes:
    made = release_by_command(cast, project, place, format)
    return (made / f"data.{format}").read_bytes()


def keys_of(cast: Cast, project: Stage) -> dict[str, str | None]:
    """Every example of a project, with the name of its given label."""
    with reading(cast.engine) as session:
        names = dict(session.execute(select(Label.id, Label.name)).all())
        query = select(Example).where(Example.project_id == project.id).order_by(Example.id)
        return {one.key: names.get(one.given_label_id or 0) for one in session.scalars(query)}


def labels_made(cast: Cast, project: Stage) -> list[str]:
    with reading(cast.engine) as session:
        query = select(Label.name).where(Label.project_id == project.id).order_by(Label.id)
        return list(session.scalars(query))


def with_row(content: bytes, format: str, **cells: str) -> bytes:
    """The released file with one more row, which somebody wrote below it."""
    if format == "jsonl":
        return content + json.dumps(cells).encode() + b"\n"
    if format == "csv":
        table = list(csv.reader(io.StringIO(content.decode(), newline="")))
        line = [cells.get(name, "") for name in table[0]]
        return text_of([tuple(row) for row in table[1:]] + [tuple(line)], tuple(table[0]))
    table = pq.read_table(io.BytesIO(content))
    more = pa.table({f.name: pa.array([cells.get(f.name)], f.type) for f in table.schema})
    sink = io.BytesIO()
    pq.write_table(pa.concat_tables([table, more]), sink)
    return sink.getvalue()


def left_out(cast: Cast, came: Came) -> list[tuple[int, str, str]]:
    with reading(cast.engine) as session:
        newest = select(DataImport.id).where(DataImport.project_id == came.project.id)
        import_id = session.scalars(newest.order_by(DataImport.id.desc())).first()
        rows = left_out_rows(session, import_id or 0, after=0, limit=100)
        return [(row.row, row.code, row.excerpt) for row in rows]


@each_door
@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_only_new_rows_join(cast: Cast, door: Door, format: str, tmp_path: Path) -> None:
    project = door(cast, Sent("q.csv", text_of(ROWS), SAID)).project
    relabel_as(cast, project, "card", example="q3")
    content = released(cast, project, tmp_path, format)
    more = with_row(content, format, nr="q4", question="a new one", intent="refund")
    came = door(cast, Sent(f"data.{format}", more, into=project))
    assert came.state is ImportState.DONE, came.shown
    assert [(row.key, row.content, row.given) for row in came.rows] == [
        ("q4", "a new one", "refund")
    ]
    assert came.codes["W175"] == 3
    assert not {"E114", "W176", "E107"} & set(came.codes)
    assert list(keys_of(cast, project)) == ["q1", "q2", "q3", "q4"]
    assert not [name for name in came.rows[0].columns if name.startswith("relabel_")]
    assert [code for _, code, _ in left_out(cast, came)] == ["W175"] * 3


@each_door
def test_nothing_new_changes_nothing(cast: Cast, door: Door, tmp_path: Path) -> None:
    project = door(cast, Sent("q.csv", text_of(ROWS), SAID)).project
    content = released(cast, project, tmp_path)
    came = door(cast, Sent("data.csv", content, into=project))
    assert came.state is ImportState.STAGED
    assert (came.codes["W175"], came.codes["W177"]) == (3, 1)
    assert "All 3 rows" in came.shown
    assert len(keys_of(cast, project)) == 3
    with reading(cast.engine) as session:
        events = select(Event.kind).where(Event.project_id == project.id)
        assert list(session.scalars(events)).count(EventKind.IMPORT) == 1


@each_door
def test_one_that_is_safe_for_spreadsheets(cast: Cast, door: Door, tmp_path: Path) -> None:
    """Its marks are no part of the cells: nothing is new, and a new project has what there was."""
    rows = [("=1+2", "-5 degrees", "@card"), ("q'2", "'tis", "top_up"), ("+q", "=A1\tx", "@card")]
    names = ("nr", "=question", "intent")
    said = {**SAID, "text": "=question"}
    first = door(cast, Sent("q.csv", text_of(rows, names), said))
    assert len(first.rows) == 3, first.shown
    out = tmp_path / "safe"
    flavour = ("--flavour", "spreadsheet")
    command(cast, "release", first.project.slug, "--out", str(out), "--format", "csv", *flavour)
    content = (out / "data.csv").read_bytes()
    assert b"\n'=1+2," in content
    again = door(cast, Sent("data.csv", content, into=first.project))
    assert (again.codes["W175"], again.codes["W177"]) == (3, 1), again.shown
    assert len(keys_of(cast, first.project)) == 3
    anew = door(cast, Sent("data.csv", content, said))
    assert [(one.key, one.content, one.given) for one in anew.rows] == [
        (one.key, one.content, one.given) for one in first.rows
    ]


@each_door
def test_another_label_is_said_and_not_taken(cast: Cast, door: Door, tmp_path: Path) -> None:
    project = door(cast, Sent("q.csv", text_of(ROWS), SAID)).project
    content = released(cast, project, tmp_path)
    relabel_as(cast, project, "card", example="q3")  # since then
    changed = content.replace(b"where is my card,card", b"where is my card,lost")
    more = with_row(changed, "csv", nr="q4", question="a new one", intent="refund")
    came = door(cast, Sent("data.csv", more, into=project))
    assert came.state is ImportState.DONE, came.shown
    assert (came.codes["W175"], came.codes["W176"]) == (3, 2)
    assert [(row, code) for row, code, _ in left_out(cast, came)] == [
        (2, "W176"),
        (3, "W175"),
        (4, "W176"),
    ]
    assert "q1: lost in the file, card here" in came.shown
    with reading(cast.engine) as session:
        assert not [words for words in session.scalars(select(LeftOut.message)) if "?" in words]
    assert "lost" not in labels_made(cast, project)
    assert keys_of(cast, project)["q1"] == "card"


@each_door
def test_an_id_of_another_content_is_taken(cast: Cast, door: Door, tmp_path: Path) -> None:
    project = door(cast, Sent("q.csv", text_of(ROWS), SAID)).project
    content = released(cast, project, tmp_path)
    changed = content.replace(b"where is my card", b"something else")
    more = with_row(changed, "csv", nr="q4", question="a new one", intent="refund")
    came = door(cast, Sent("data.csv", more, into=project))
    assert (came.codes["W175"], came.codes["E114"]) == (2, 1)
    assert [row.key for row in came.rows] == ["q4"]


@each_door
def test_rows_without_ids_are_known_by_their_content(
    cast: Cast, door: Door, tmp_path: Path
) -> None:
    rows = text_of([row[1:] for row in ROWS], ("question", "intent"))
    said = {"text": "question", "label": "intent"}
    project = door(cast, Sent("q.csv", rows, said)).project
    content = released(cast, project, tmp_path)
    more = with_row(content, "csv", question="a new one", intent="refund")
    came = door(cast, Sent("data.csv", more, into=project))
    assert came.state is ImportState.DONE, came.shown
    assert [(row.content, row.given) for row in came.rows] == [("a new one", "refund")]
    assert came.codes["W175"] == 3


@each_door
def test_rows_that_never_had_a_label(cast: Cast, door: Door, tmp_path: Path) -> None:
    rows = [*ROWS, ("q4", "nobody knows", "")]
    said = {**SAID, "choices": {"E301": "unlabeled"}}
    project = door(cast, Sent("q.csv", text_of(rows), said)).project
    content = released(cast, project, tmp_path)
    more = with_row(content, "csv", nr="q5", question="nor this", intent="")
    came = door(cast, Sent("data.csv", more, into=project))
    assert [(row.key, row.given) for row in came.rows] == [("q5", None)]
    assert came.codes["W175"] == 4


@each_door
def test_removed_rows_are_there_too(cast: Cast, door: Door, tmp_path: Path) -> None:
    project = door(cast, Sent("q.csv", text_of(ROWS), SAID)).project
    remove(cast, project, example="q2")
    made = release_by_command(cast, project, tmp_path, "csv")
    came = door(cast, Sent("removed.csv", (made / "removed.csv").read_bytes(), into=project))
    assert (came.codes["W175"], came.codes["W177"]) == (1, 1)
    assert "W176" not in came.codes


@each_door
def test_a_table_does_not_show_our_columns(cast: Cast, door: Door, tmp_path: Path) -> None:
    rows = [("1", "4.2", "Mainz", "a"), ("2", "5.1", "Worms", "b"), ("3", "4.4", "Mainz", "a")]
    content = text_of(rows, ("id", "size", "town", "label"))
    sent = Sent("t.csv", content, data_type=DataType.TABULAR)
    project = door(cast, sent).project
    again = released(cast, project, tmp_path)
    came = door(cast, Sent("data.csv", again, data_type=DataType.TABULAR))
    assert came.state is ImportState.DONE, came.shown
    fields = json.loads(came.rows[0].content)
    assert "relabel_" not in json.dumps(fields) and "Mainz" in json.dumps(fields)
    more = with_row(again, "csv", id="4", size="1.1", town="Kehl", label="b")
    own = door(cast, Sent("more.csv", more, data_type=DataType.TABULAR, into=project))
    assert (own.codes["W175"], [row.key for row in own.rows]) == (3, ["4"])


def header_of(content: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(content.decode(), newline="")))


@each_door
def test_into_a_new_project(cast: Cast, door: Door, tmp_path: Path) -> None:
    project = door(cast, Sent("q.csv", text_of(ROWS), SAID)).project
    relabel_as(cast, project, "card", example="q3")
    content = released(cast, project, tmp_path)
    came = door(cast, Sent("data.csv", content, SAID))
    assert [row.given for row in came.rows] == ["card", "top_up", "card"]
    assert "W152" in came.codes and "release of Relabel" in came.shown
    out = released(cast, came.project, tmp_path / "new")
    assert header_of(out) == header_of(content)


@each_door
def test_a_column_of_yours_with_a_name_of_ours(cast: Cast, door: Door, tmp_path: Path) -> None:
    names = ("nr", "question", "intent", "relabel_given")
    rows = [(*row, f"mine {place}") for place, row in enumerate(ROWS)]
    project = door(cast, Sent("q.csv", text_of(rows, names), SAID)).project
    content = released(cast, project, tmp_path)
    assert header_of(content)[3:5] == ["relabel_given", "relabel_relabel_given"]
    more = with_row(content, "csv", nr="q4", question="new", intent="card", relabel_given="mine 3")
    came = door(cast, Sent("data.csv", more, into=project))
    assert (came.codes["W175"], [row.key for row in came.rows]) == (3, ["q4"])
    assert came.rows[0].columns["relabel_given"] == "mine 3"
    new = door(cast, Sent("data.csv", content, SAID))
    assert [row.columns["relabel_given"] for row in new.rows] == ["mine 0", "mine 1", "mine 2"]
    assert header_of(released(cast, new.project, tmp_path / "new")) == header_of(content)


@each_door
def test_a_release_of_rows_without_labels(cast: Cast, door: Door, tmp_path: Path) -> None:
    """The label that people gave stands in a column of ours: there is no other."""
    rows = text_of([row[:2] for row in ROWS], ("nr", "question"))
    said: Mapping[str, str] = {"text": "question", "id": "nr", "label": "-"}
    project = door(cast, Sent("q.csv", rows, said)).project
    relabel_as(cast, project, "card", example="q1")
    content = released(cast, project, tmp_path)
    new = door(cast, Sent("data.csv", content, {"text": "question", "id": "nr"}))
    assert [row.given for row in new.rows] == ["card", None, None], new.shown
    again = released(cast, new.project, tmp_path / "new")
    assert header_of(again)[:3] == ["nr", "question", "label"]
    assert len(set(header_of(again))) == len(header_of(again)) == 3 + 9
    more = with_row(content, "csv", nr="q4", question="new", relabel_label="card")
    own = door(cast, Sent("more.csv", more, into=project))
    assert [(row.key, row.given) for row in own.rows] == [("q4", "card")], own.shown
    assert own.codes["W175"] == 3 and "W176" not in own.codes
    assert len(set(header_of(released(cast, project, tmp_path / "own")))) == 3 + 9 + 1


@each_door
def test_a_project_of_two_files(cast: Cast, door: Door, tmp_path: Path) -> None:
    """One with labels, one without: no label of either is lost in a new project."""
    project = door(cast, Sent("q.csv", text_of(ROWS), SAID)).project
    bare = text_of([("q8", "from elsewhere"), ("q9", "and this")], ("nr", "question"))
    said = {"text": "question", "id": "nr", "label": "-"}
    door(cast, Sent("bare.csv", bare, said, into=project))
    relabel_as(cast, project, "card", example="q8")
    content = released(cast, project, tmp_path)
    new = door(cast, Sent("data.csv", content, SAID))
    assert {row.key: row.given for row in new.rows} == {
        **{key: label for key, _, label in ROWS},
        "q8": "card",
        "q9": None,
    }
    own = door(cast, Sent("data.csv", content, into=project))
    assert (own.codes["W175"], own.codes["W177"]) == (5, 1)


@each_door
def test_a_file_of_other_tools_with_such_ids_is_no_release(cast: Cast, door: Door) -> None:
    project = door(cast, Sent("q.csv", text_of(ROWS), SAID)).project
    came = door(cast, Sent("r.csv", text_of([*ROWS, ("q4", "new", "card")]), SAID, into=project))
    assert (came.codes["E114"], [row.key for row in came.rows]) == (3, ["q4"])
    assert "W175" not in came.codes


def test_the_api_names_the_columns_of_ours(cast: Cast, tmp_path: Path) -> None:
    project = by_api(cast, Sent("q.csv", text_of(ROWS), SAID)).project
    content = released(cast, project, tmp_path)
    came = by_api(cast, Sent("data.csv", content, into=project))
    with reading(cast.engine) as session:
        query = select(DataImport).where(DataImport.project_id == came.project.id)
        report = report_of(session.scalars(query.order_by(DataImport.id.desc())).first().report)
    assert report["columns"] == ["nr", "question", "intent"]
    assert all(name in [one["name"] for one in report["columns_seen"]] for name in ADDED)
