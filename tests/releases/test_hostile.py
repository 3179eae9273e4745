"""A directory made to fill the memory or to take for ever is refused soon, with 65."""

from __future__ import annotations

import copy
import os
import shutil
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from app.cli.main import relabel
from app.releases import bounds
from app.releases import verify as verifying
from app.releases.formats import csv_file, jsonl_file
from app.releases.problems import Problems
from app.releases.replay import Replayed
from app.releases.verify import verify
from tests.releases.forging import Forger, Rows

HUGE, SIGNED = 1_500 << 20, 200 << 20
ENOUGH_MEMORY = 3 * bounds.LARGEST_WHOLE
SOON = 5.0  # seconds; what was quadratic took minutes
MANY = 20_000


@pytest.fixture
def forger(made: Path, tmp_path: Path) -> Forger:
    return Forger(Path(shutil.copytree(made / "jsonl-exact", tmp_path / "release")))


def refused(place: Path) -> str:
    """What the command says; it must need little memory and time."""
    began = time.monotonic()
    tracemalloc.start()
    try:
        said = CliRunner().invoke(relabel, ["verify", str(place)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert said.exit_code == 65, said.exception
    assert peak < ENOUGH_MEMORY
    assert time.monotonic() - began < SOON
    return said.output


@pytest.mark.parametrize(
    "name",
    ["manifest.json", "labels.json", "given.jsonl", "events.jsonl", "data.jsonl", "removed.jsonl"],
)
def test_a_huge_file_that_takes_no_room_on_the_disk(forger: Forger, name: str) -> None:
    os.truncate(forger.path(name), HUGE)
    assert name in refused(forger.place)


@pytest.mark.parametrize("name", ["labels.json", "given.jsonl", "events.jsonl"])
def test_even_if_the_manifest_says_its_size_and_hash(forger: Forger, name: str) -> None:
    os.truncate(forger.path(name), SIGNED)
    forger.sign()
    if name != "events.jsonl":
        forger.sign_event()
        forger.chain()
        forger.sign()
    said = " ".join(refused(forger.place).split())
    assert name in said
    assert "a line is longer than" in said or "it is larger than" in said


@pytest.mark.parametrize(
    ("way", "piece", "said"),
    [
        ("jsonl-exact", b"\0", "a line is longer than 1,048,576"),
        ("csv-exact", b"\0", "a line is longer than 1,048,576"),
        ("csv-exact", b'"\n",', "a row is longer than 1,048,576"),
    ],
)
def test_a_row_without_end(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, piece: bytes, said: str
) -> None:
    for module in (csv_file, jsonl_file):
        monkeypatch.setattr(module, "LONGEST_ROW", 1 << 20)
    forger = Forger(Path(shutil.copytree(made / way, tmp_path / "release")))
    name = f"data.{way.partition('-')[0]}"
    forger.bytes(name, lambda content: content + piece * (2 << 20))
    forger.sign()
    forger.sign_event()
    forger.chain()
    forger.sign()
    assert said in " ".join(refused(forger.place).split())


def test_what_is_another_file_is_not_parsed_and_all_are_listed(
    forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed(*_: object, **__: object) -> None:
        raise AssertionError("a file was parsed that is not the manifest's")

    monkeypatch.setattr(verifying, "_check_rows", parsed)
    for name in ("data.jsonl", "labels.json", "given.jsonl"):
        forger.bytes(name, lambda content: content[:-2] + b" \n")
    os.truncate(forger.path("removed.jsonl"), 3)
    listed = [problem.file for problem in verify(forger.place).problems.listed]
    assert sorted(listed) == ["data.jsonl", "given.jsonl", "labels.json", "removed.jsonl"]
    monkeypatch.setattr(verifying, "replay", parsed)
    forger.bytes("events.jsonl", lambda content: content[:-2] + b" \n")
    assert "events.jsonl" in {problem.file for problem in verify(forger.place).problems.listed}


def renumbered(events: Rows, more: Rows) -> None:
    """More events, before the release's own."""
    events[-1:-1] = more
    for seq, event in enumerate(events, start=1):
        event["seq"] = seq


def signed(forger: Forger) -> Path:
    events = forger.path("events.jsonl").read_bytes().count(b"\n")
    manifest = orjson.loads(forger.path("manifest.json").read_bytes())
    if manifest["release"]["up_to"] != events - 1:
        forger.about(lambda about: about.update(up_to=events - 1))
    forger.sign_event()
    forger.chain()
    forger.sign()
    return forger.place


def test_one_example_repeated_is_refused_at_its_second_line(forger: Forger) -> None:
    def repeat(rows: Rows) -> None:
        first, row = rows[0], rows[0]["row"]
        rows[1:] = [first | {"row": row + n} for n in range(1, MANY)]

    def answer_often(events: Rows) -> None:
        answer = next(event for event in events if event["kind"] == "decision")
        example = orjson.loads(forger.path("given.jsonl").read_bytes().splitlines()[0])["example"]
        answer = answer | {"data": answer["data"] | {"example": example, "supersedes": None}}
        renumbered(events, [dict(answer) for _ in range(MANY)])
        next(event for event in events if event["kind"] == "import")["data"]["rows"] = MANY

    forger.given(repeat)
    forger.events(answer_often)
    began = time.monotonic()
    listed = verify(signed(forger)).problems.listed
    assert time.monotonic() - began < SOON
    wrong = next(problem for problem in listed if problem.file == "given.jsonl")
    assert wrong.row == 2 and "once more" in wrong.what


@pytest.mark.parametrize("kind", ["undo", "reopen"])
def test_many_answers_of_one_example_and_as_many_marks(forger: Forger, kind: str) -> None:
    def answer_often(events: Rows) -> None:
        answer = next(event for event in events if event["kind"] == "decision")
        answer = answer | {"data": answer["data"] | {"supersedes": None}}
        mark = copy.deepcopy(next(event for event in events if event["kind"] == kind))
        mark["data"]["example"] = answer["data"]["example"]
        if kind == "undo":
            mark["data"]["decision"] = len(events)
        more = [dict(answer) for _ in range(MANY)] + [dict(mark) for _ in range(MANY)]
        renumbered(events, more)

    forger.events(answer_often)
    began = time.monotonic()
    found = verify(signed(forger))
    assert time.monotonic() - began < SOON
    assert found.events > 2 * MANY
    assert "events.jsonl" not in {problem.file for problem in found.problems.listed}


def labels_in(forger: Forger, successor: Callable[[int], int | None]) -> None:
    def edit(events: Rows) -> None:
        schema = [event for event in events if event["kind"] == "schema"][-1]
        more = [
            {"id": n, "name": f"l{n}", "code": "", "replaced_by": successor(n)}
            for n in range(100, 100 + MANY)
        ]
        schema["data"]["labels"] = [*schema["data"]["labels"], *more]

    forger.events(edit)


def test_a_long_way_of_successors_is_gone_once() -> None:
    log = Replayed()
    log.labels = [
        {"id": n, "name": "", "code": "", "replaced_by": n + 1 if n < MANY else None}
        for n in range(1, MANY + 1)
    ]
    began = time.monotonic()
    mapping = log.mapping
    folded = [log.folded(n, (n,), mapping) for n in range(1, MANY)]
    assert time.monotonic() - began < SOON
    assert {found.labels for found in folded} == {(MANY,)}


def test_labels_that_replace_each_other_in_a_circle_are_refused(forger: Forger) -> None:
    labels_in(forger, lambda n: 100 + (n + 1) % MANY)
    assert "replaces itself" in " ".join(verify(signed(forger)).problems.lines())


def test_a_directory_of_very_many_names() -> None:
    problems = Problems()
    began = time.monotonic()
    for number in range(MANY * 5):
        problems.say(str(number), "is not listed in the manifest")
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
@pytest.mark.parametrize("where", ["read_manifest", "check_files", "follow_chain", "shapes_of"])
def test_no_room_is_told_in_words(
    forger: Forger, monkeypatch: pytest.MonkeyPatch, where: str, error: type[Exception]
) -> None:
    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(verifying, where, full)
    refused(forger.place)
