"""What other tools export opens as what it is: the contract of every shape, and each at the doors.

The inputs are written as those tools write them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from app.datasets.shapes.registry import SHAPES
from app.db.words import ImportState
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast


class Export(NamedTuple):
    """Rows as the tool writes them, and what they are here."""

    rows: list[dict[str, Any]]
    texts: list[str]
    given: list[str | None]
    words: str
    more: Mapping[str, Any] = {}


def chosen(*choices: str) -> dict[str, Any]:
    value = {"choices": list(choices)}
    return {"from_name": "mood", "to_name": "text", "type": "choices", "value": value}


def annotation(at: int, *choices: str, by: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": at, "completed_by": by, "result": [chosen(*choices)], **more}


def task(at: int, *annotations: dict[str, Any]) -> dict[str, Any]:
    data = {"text": f"review of thing {at}"}
    return {"id": at, "data": data, "annotations": list(annotations), "predictions": []}


def minimal(at: int, label: str, annotator: int) -> dict[str, Any]:
    return {
        "text": f"good thing {at}", "id": at, "mood": label, "annotator": annotator,
        "annotation_id": at * 10 + annotator, "lead_time": 2.5,
    }  # fmt: skip


def answered(at: int, answer: str, **more: Any) -> dict[str, Any]:
    return {
        "text": f"headline {at}",
        "_input_hash": at,
        "_task_hash": -at,
        **more,
        "answer": answer,
    }


OPTIONS = [{"id": "A", "text": "Sports"}, {"id": "B", "text": "World"}]
EXPORTS: dict[str, Export] = {
    "label_studio": Export(
        [
            task(0, annotation(1, "bad", by=7)),
            task(1, annotation(2, "bad", by=7), annotation(3, "good", by=8)),
            task(2, annotation(4, "bad", by=7), annotation(5, "good", by=8),
                 annotation(6, "good", by={"id": 9, "email": "nine@example.org"})),
            task(3, annotation(7, "bad", by=7, was_cancelled=True), annotation(8, "good", by=8)),
            task(4),
        ],
        [f"review of thing {at}" for at in range(5)],
        ["bad", "bad", "good", "good", None],
        "Label Studio export, 5 tasks, 3 annotators",
    ),
    "label_studio_min": Export(
        [minimal(at // 2, "good" if at % 3 else "bad", 7 + at % 2) for at in range(6)],
        ["good thing 0", "good thing 1", "good thing 2"],
        ["bad", "good", "good"],
        "Label Studio export (a row each annotation), 6 annotations, 2 annotators",
        {"W352": "most"},
    ),
    "doccano": Export(
        [{"id": at, "data": f"sentence {at}", "label": [kind]} for at, kind in enumerate("abab")],
        [f"sentence {at}" for at in range(4)],
        list("abab"),
        "doccano export, 4 documents",
    ),
    "doccano_users": Export(
        [
            {"id": at, "text": f"sentence {at}", "meta": {}, "annotation_approver": None,
             "annotations": [{"label": one, "user": 3 + who} for who, one in enumerate(said)]}
            for at, said in enumerate([[2], [2, 1, 1], [1], []])
        ],
        [f"sentence {at}" for at in range(4)],
        ["2", "1", "1", None],
        "doccano export, 4 documents, 3 annotators",
    ),
    "prodigy": Export(
        [
            answered(1, "accept", options=OPTIONS, accept=["A"]),
            answered(2, "accept", options=OPTIONS, accept=["B"]),
            answered(3, "reject", options=OPTIONS, accept=["B"]),
            answered(4, "ignore", options=OPTIONS, accept=[]),
        ],
        [f"headline {at}" for at in range(1, 5)],
        ["A", "B", None, None],
        "Prodigy export, 4 answers",
    ),
    "spacy_cats": Export(
        [{"text": f"words {at}", "cats": {"x": at % 2, "y": 1.0 - at % 2}} for at in range(4)],
        [f"words {at}" for at in range(4)],
        ["y", "x", "y", "x"],
        "Texts with spaCy categories (cats), 4 texts",
    ),
    "argilla": Export(
        [
            {"id": str(at), "text": f"record {at}", "mood.responses": said,
             "mood.responses.users": ["ann", "bob", "cid"][: len(said)], "mood.suggestion": None}
            for at, said in enumerate([["x"], ["x", "y", "y"], []])
        ],
        [f"record {at}" for at in range(3)],
        ["x", "y", None],
        "Argilla export, 3 records, 3 annotators",
    ),
    "cleanlab": Export(
        [
            {"is_label_issue": at == 1, "label_score": 0.1 + at / 4, "given_label": "xy"[at % 2],
             "predicted_label": "x", "text": f"line {at}"}
            for at in range(4)
        ],
        [f"line {at}" for at in range(4)],
        ["x", "y", "x", "y"],
        "table of issues by cleanlab",
    ),
    "chat": Export(
        [
            {"messages": [{"role": "system", "content": "name the topic"},
                          {"role": "user", "content": f"question {at}"},
                          {"role": "assistant", "content": f" {kind}"}]}
            for at, kind in enumerate("abab")
        ],
        [f"question {at}" for at in range(4)],
        list("abab"),
        "file of chats, each with one answer, 4 chats",
    ),
}  # fmt: skip


def test_every_shape_has_an_export_here() -> None:
    assert EXPORTS.keys() == SHAPES.keys()


@each_door
@pytest.mark.parametrize("written", ["json", "jsonl"])
@pytest.mark.parametrize("tool", EXPORTS)
def test_an_export_opens_as_what_it_is(cast: Cast, door: Door, tool: str, written: str) -> None:
    export = EXPORTS[tool]
    lines = "\n".join(json.dumps(row) for row in export.rows)
    content = json.dumps(export.rows, indent=1) if written == "json" else lines
    choices = {"E301": "unlabeled", **export.more}
    came = door(cast, Sent(f"export.{written}", content.encode(), {"choices": choices}))
    assert came.state is ImportState.DONE, came.shown
    assert [row.content for row in came.rows] == export.texts
    assert came.given == export.given
    assert export.words in came.shown


@each_door
def test_chats_of_several_questions_and_other_words(cast: Cast, door: Door) -> None:
    rows = [
        {"conversations": [{"from": "human", "value": "one"}, {"from": "human", "value": str(at)},
                           {"from": "gpt", "value": "even" if at % 2 == 0 else "odd"}]}
        for at in range(4)
    ]  # fmt: skip
    came = door(cast, Sent("chats.jsonl", "\n".join(map(json.dumps, rows)).encode()))
    assert [row.content for row in came.rows] == [f"one\n\n{at}" for at in range(4)]
    assert came.given == ["even", "odd"] * 2
    rows[2]["conversations"].append({"from": "human", "value": "and then?"})
    asked = door(cast, Sent("long.jsonl", "\n".join(map(json.dumps, rows)).encode()))
    assert not asked.rows, "a chat that goes on has no one answer that is its label"


@each_door
def test_all_labels_of_several_annotators_stand_beside(cast: Cast, door: Door) -> None:
    content = json.dumps(EXPORTS["label_studio"].rows).encode()
    came = door(cast, Sent("a.json", content, {"choices": {"E301": "unlabeled"}}))
    assert [row.columns.get("all_labels") for row in came.rows] == [
        None, "7: bad; 8: good", "7: bad; 8: good; nine@example.org: good", None, None,
    ]  # fmt: skip
    assert [row.columns.get("annotator") for row in came.rows] == ["7", "7", "8", "8", None]
    assert came.codes["W153"] == 2


@each_door
def test_what_is_chosen_goes_before_the_shape(cast: Cast, door: Door) -> None:
    paths = {"text": "data.text", "label": "annotations.0.result.0.value.choices.0"}
    tasks = [task(at, annotation(at, "good" if at % 2 else "bad", by=1)) for at in range(6)]
    came = door(cast, Sent("a.json", json.dumps(tasks).encode(), paths))
    assert came.given == ["bad", "good"] * 3, came.shown
    rows = [answered(at, "accept", accept=["AB"[at % 2]]) for at in range(4)]
    lines = "\n".join(map(json.dumps, rows)).encode()
    came = door(cast, Sent("b.jsonl", lines, {"label": "accept"}))
    assert came.given == ["A", "B", "A", "B"], came.shown


LONG = "text,id,mood,annotator\n" + "".join(
    f"thing {at // 3},{at // 3},{'good' if at % 3 else 'bad'},{at % 3}\n" for at in range(9)
)


@each_door
def test_rows_of_several_annotators_are_asked_about(cast: Cast, door: Door) -> None:
    sent = Sent("a.csv", LONG.encode(), {"label": "mood"}, answers=False)
    asked = door(cast, sent)
    assert asked.open == {"W352"}, asked.shown
    apart = door(cast, Sent("a.csv", LONG.encode(), {"label": "mood"}))
    assert (len(apart.rows), apart.given[:3]) == (9, ["bad", "good", "good"]), apart.shown
    said = {"label": "mood", "choices": {"W352": "most"}}
    voted = door(cast, Sent("a.csv", LONG.encode(), said))
    assert [(row.key, row.given) for row in voted.rows] == [
        ("0", "good"), ("1", "good"), ("2", "good"),
    ], voted.shown  # fmt: skip
    assert voted.rows[0].columns["all_labels"] == "0: bad; 1: good; 2: good"


WIDE = "text,label_1,label_2,label_3\n" + "".join(
    f"thing {at},{'good' if at % 2 else 'bad'},good,{'bad' if at % 3 else ''}\n" for at in range(6)
)


@each_door
def test_a_column_for_each_annotator_is_asked_about(cast: Cast, door: Door) -> None:
    asked = door(cast, Sent("a.csv", WIDE.encode()))
    assert asked.open == {"W350"} and "label_2, 1 value" in asked.shown, asked.shown
    came = door(cast, Sent("a.csv", WIDE.encode(), {"choices": {"W350": "*"}}))
    assert came.given == ["bad", "good", "bad", "good", "bad", "good"], came.shown
    assert came.rows[1].columns["all_labels"] == "label_1: good; label_2: good; label_3: bad"
    one = door(cast, Sent("a.csv", WIDE.encode(), {"label": "label_2"}))
    assert one.given == ["good"] * 6, one.shown
