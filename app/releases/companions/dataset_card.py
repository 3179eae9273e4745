"""A Hugging Face dataset card: with it, `load_dataset` reads the release's directory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from app.releases.companions.companion import Companion, CompanionFile, ReleasedRow, Told

_TYPES = {str: "string", float: "float64", int: "int64"}


class Card:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._classes: set[str] = set()

    def write(self, rows: Sequence[ReleasedRow]) -> None:
        self._classes.update(row.written for row in rows if row.written)

    def finish(self, told: Told) -> None:
        lines = ["---", *_front(told, sorted(self._classes)), "---", "", *_body(told)]
        self._file.write("".join(line + "\n" for line in lines).encode())


def _front(told: Told, classes: Sequence[str]) -> Iterator[str]:
    yield f"pretty_name: {_quoted(told.project)}"
    yield from ("configs:", "- config_name: default", "  data_files:", "  - split: train")
    yield f"    path: {_quoted(told.data_file)}"
    if None in told.columns.values():
        return
    yield from ("dataset_info:", "  features:")
    for name, kind in told.columns.items():
        yield f"  - name: {_quoted(name)}"
        if name == told.label_column and classes:
            yield from ("    dtype:", "      class_label:", "        names:")
            yield from (f"          '{n}': {_quoted(one)}" for n, one in enumerate(classes))
        else:
            yield f"    dtype: {_TYPES[kind or str]}"


def _quoted(text: str) -> str:
    """A YAML text: JSON's are such."""
    return json.dumps(text, ensure_ascii=False)


def _body(told: Told) -> Iterator[str]:
    counts = told.counts
    status = counts["status"]
    relabeled, confirmed = status.get("relabeled", 0), status.get("confirmed", 0)
    removed = counts["removed"]
    read = relabeled + confirmed + removed
    yield from (f"# {told.project}", "", f"Release {told.number}, made with Relabel.", "")
    yield from ("## Noise found", "")
    yield f"Of {counts['imported']:,} examples people decided {read:,}: {relabeled:,} labels were"
    yield f"wrong and are others now, {confirmed:,} were right, {removed:,} examples were removed."
    yield "These were not drawn at random but as most suspect, so their share is not the share of"
    yield "wrong labels in the whole."
    yield from ("", "## Method", "")
    yield "A model's out-of-sample predictions ranked the given labels; people read them in that"
    yield "order. `relabel_given` holds the label that each row came with, `relabel_status` what"
    yield "was decided. `relabel verify` proves every row from the log beside this file."


def create(file: BinaryIO) -> CompanionFile:
    return Card(file)


DATASET_CARD = Companion(
    "huggingface",
    "Hugging Face dataset card",
    "README.md: load_dataset opens the directory, with the names of the classes.",
    "README.md",
    "text/markdown",
    create,
)
