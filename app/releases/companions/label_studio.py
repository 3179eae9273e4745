"""Tasks for Label Studio: the final label is the annotation, what the row came with is the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import orjson

from app.releases.companions.companion import Companion, CompanionFile, ReleasedRow, Told
from app.releases.formats.format import Flavour


class Tasks:
    """A JSON array, a task a line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._first = file, True
        self._file.write(b"[")

    def write(self, rows: Sequence[ReleasedRow]) -> None:
        for row in rows:
            self._file.write((b"\n" if self._first else b",\n") + orjson.dumps(_task(row)))
            self._first = False

    def finish(self, told: Told) -> None:
        self._file.write(b"\n]\n")


def _task(row: ReleasedRow) -> dict[str, object]:
    result = [] if row.final is None else [_choice(row.final)]
    meta = {"id": row.key, "given": row.given, "status": row.status, "why": row.why}
    return {"data": dict(row.columns), "annotations": [{"result": result}], "meta": meta}


def _choice(label: str) -> dict[str, object]:
    """As a project has it whose choices are called `label` and stand beside `text`."""
    value = {"choices": [label]}
    return {"from_name": "label", "to_name": "text", "type": "choices", "value": value}


def create(file: BinaryIO, _: Flavour) -> CompanionFile:
    return Tasks(file)


LABEL_STUDIO = Companion(
    "label-studio",
    "Label Studio tasks",
    "A JSON file to import: the final label is each task's annotation.",
    "tasks.json",
    "application/json",
    create,
)
