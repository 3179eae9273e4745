"""JSON values of every type in every role, at every door: numbers, true, null, lists, objects."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli.main import relabel
from app.db.words import DataType
from tests.datasets.doors import Door, Sent, by_command, each_door
from tests.web.cast import Cast
from tests.web.console import command


def lines(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def rows_of(column: str, *values: object, **more: object) -> bytes:
    """A row a value; the other columns are plain."""
    plain = [{"text": f"some words {at}", "label": "ab"[at % 2]} for at in range(len(values))]
    return lines(*({**row, **more, column: one} for row, one in zip(plain, values, strict=True)))


@each_door
def test_labels_that_are_numbers(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("a.jsonl", rows_of("label", 0, 1, 0, 1)))
    assert came.given == ["0", "1", "0", "1"], came.shown
    assert came.labels == ["0", "1"]


@each_door
def test_a_whole_number_is_one_label_however_it_is_written(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("a.jsonl", rows_of("label", 0.0, 1.0, None, 0, 0.5)))
    assert came.given == ["0", "1", "0", "0.5"], came.shown
    assert (came.codes["W133"], came.codes["E301"]) == (2, 1)
    assert came.rows[0].columns["label"] == "0.0"


@each_door
def test_labels_that_are_true_or_false_read_as_the_file_wrote_them(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("a.jsonl", rows_of("label", True, False, True)))
    assert came.given == ["true", "false", "true"], came.shown


VALUES = [7, 7.5, 10**40, True, None, "words", ["a", 1], {"b": [2]}, []]
TEXTS = ["7", "7.5", str(10**40), "true", None, "words", '["a",1]', '{"b":[2]}', "[]"]


@each_door
@pytest.mark.parametrize("role", ["source", "split", "group", "metadata"])
def test_any_value_in_a_role_beside_the_label(cast: Cast, door: Door, role: str) -> None:
    said = {role: ["extra"] if role == "metadata" else "extra"}
    came = door(cast, Sent("a.jsonl", rows_of("extra", *VALUES), said))
    assert [row.columns.get("extra") for row in came.rows] == TEXTS, came.shown
    assert came.given == list("ababababa")


@each_door
@pytest.mark.parametrize("role", ["text", "id", "label"])
def test_any_value_in_a_role_that_takes_one_word(cast: Cast, door: Door, role: str) -> None:
    came = door(cast, Sent("a.jsonl", rows_of("it", *VALUES), {role: "it"}))
    taken = {"7", "7.5", str(10**40), "true", "words"}
    read = {"text": "content", "id": "key", "label": "given"}[role]
    assert {getattr(row, read) for row in came.rows} == taken, came.shown
    refused = {"text": {"E127": 3, "E301": 1}, "id": {"E127": 3, "E115": 1}}
    wanted = refused.get(role, {"E310": 1, "E127": 1, "E301": 2})
    assert {code: came.codes[code] for code in wanted} == wanted


@each_door
def test_any_value_in_a_row_of_a_table(cast: Cast, door: Door) -> None:
    rows = [{"n": one, "label": "ab"[at % 2]} for at, one in enumerate(VALUES) if one is not None]
    sent = Sent("a.jsonl", lines(*rows), {"columns": ["n"]}, data_type=DataType.TABULAR)
    came = door(cast, sent)
    shown = [json.loads(row.content)["fields"][0][1] for row in came.rows]
    assert shown == [one for one in TEXTS if one is not None], came.shown


@each_door
def test_paths_lead_into_objects(cast: Cast, door: Door) -> None:
    rows = [{"data": {"text": f"words {n}"}, "is": {"label": n % 2}} for n in range(4)]
    said = {"text": "data.text", "label": "is.label"}
    came = door(cast, Sent("a.jsonl", lines(*rows), said))
    assert [row.content for row in came.rows] == [f"words {n}" for n in range(4)], came.shown
    assert came.given == ["0", "1", "0", "1"]


@each_door
def test_paths_lead_into_lists_by_number(cast: Cast, door: Door) -> None:
    rows = [
        {"data": {"text": f"words {n}"}, "marks": [{"got": [{"is": {"choices": [kind]}}]}]}
        for n, kind in enumerate(["good", "bad", "good"])
    ]
    said = {"text": "data.text", "label": "marks.0.got.0.is.choices.0"}
    came = door(cast, Sent("a.json", json.dumps(rows).encode(), said))
    assert came.given == ["good", "bad", "good"], came.shown
    whole = door(
        cast, Sent("b.json", json.dumps(rows).encode(), said | {"label": said["label"][:-2]})
    )
    assert whole.given == ["good", "bad", "good"], whole.shown


@each_door
def test_a_list_of_one_is_that_label(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("a.jsonl", rows_of("label", ["neg"], ["pos"], [], ["neg", "pos"], [1])))
    assert came.given == ["neg", "pos", "1"], came.shown
    assert {code: came.codes[code] for code in ("W351", "E301", "E310")} == {
        "W351": 3, "E301": 1, "E310": 1,
    }  # fmt: skip
    kept = door(
        cast,
        Sent("b.jsonl", rows_of("label", ["neg"], []), {"choices": {"E301": "unlabeled"}}),
    )
    assert kept.given == ["neg", None], kept.shown


@each_door
def test_a_list_written_as_text_is_read_as_a_list(cast: Cast, door: Door) -> None:
    file = 'text,label\na b,"[""neg""]"\nc d,"[\'pos\']"\ne f,"[\'x\', \'y\']"\ng h,[sic]\n'
    came = door(cast, Sent("a.csv", file.encode()))
    assert came.given == ["neg", "pos", "[sic]"], came.shown
    assert came.codes["E310"] == 1


def test_what_was_read_is_plain(cast: Cast) -> None:
    from app.datasets.cell import NumberText
    from app.datasets.strict_json import Nested, plain

    values = plain({"a": NumberText("1"), "b": Nested(["x"]), "c": None})
    assert [type(one) for one in values.values()] == [str, str, type(None)]


def test_a_release_of_them_agrees_with_its_log(cast: Cast) -> None:
    values = [0.0, 1, True, ["1"], [], None, "0"]
    sent = Sent("a.jsonl", rows_of("label", *values), {"choices": {"E301": "unlabeled"}})
    came = by_command(cast, sent)
    assert came.given == ["0", "1", "true", "1", None, None, "0"], came.shown
    out = cast.app.state.settings.data / "released"
    command(cast, "release", came.project.slug, "--out", str(out))
    verified = CliRunner().invoke(relabel, ["verify", str(out)])
    assert verified.exit_code == 0, verified.output
