"""A Hugging Face dataset card: with it, `load_dataset` reads the release's directory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO

from app.releases.companions.companion import Companion, CompanionFile, ReleasedRow, Told
from app.releases.formats.format import Flavour

NONE = "(none)"
_MOST, _MOST_LABELS = 50, 1_000
_MARKS = "\\`*_{}[]<>#|~!&$"
_TYPES = {str: "string", float: "float64", int: "int64"}


class Card:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._classes: set[str] = set()
        self._rows: Counter[str] = Counter()
        self._changed: Counter[tuple[str, str]] = Counter()

    def write(self, rows: Sequence[ReleasedRow]) -> None:
        self._classes.update(row.written for row in rows if row.written)
        self._rows.update(row.final for row in rows if row.final is not None)
        pairs = ((row.given or NONE, row.final or NONE) for row in rows if row.changed)
        self._changed.update(pairs)

    def finish(self, told: Told) -> None:
        body = (*_body(told), *_changes(self._changed), *_labels(told, self._rows))
        lines = ["---", *_front(told, _classes(told, self._classes)), "---", "", *body]
        self._file.write("".join(line + "\n" for line in lines).encode())


def _classes(told: Told, written: Collection[str]) -> list[str]:
    """Names by number: those that the codes of labels stand for, where the file has codes."""
    named = {code: name for name, code in told.codes.items()}
    numbers = [str(number) for number in range(len(named))]
    if written and set(written) <= named.keys() and named.keys() == set(numbers):
        return [named[number] for number in numbers]
    return sorted(written)


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


def _changes(changed: Counter[tuple[str, str]]) -> Iterator[str]:
    """Which labels became which, the most frequent first."""
    if not changed:
        return
    yield from ("", "## Labels that changed", "", "| from | to | rows |", "|---|---|---|")
    for (given, final), count in sorted(changed.items(), key=lambda one: (-one[1], one[0]))[:_MOST]:
        yield f"| {_cell(given)} | {_cell(final)} | {count:,} |"
    if len(changed) > _MOST:
        yield from ("", f"{len(changed) - _MOST:,} more pairs are in the file itself.")


def _labels(told: Told, rows: Counter[str]) -> Iterator[str]:
    """Every label with its rows, and the code that the file writes for it."""
    yield from ("", "## Labels", "", "| label | code | rows |", "|---|---|---|")
    for name in told.labels[:_MOST_LABELS]:
        yield f"| {_cell(name)} | {_cell(told.codes.get(name, ''))} | {rows[name]:,} |"


def _cell(text: str) -> str:
    """Text in a table of Markdown: nothing in it is a mark."""
    plain = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in _MARKS else letter for letter in plain)


def create(file: BinaryIO, _: Flavour) -> CompanionFile:
    return Card(file)


DATASET_CARD = Companion(
    "huggingface",
    "Hugging Face dataset card",
    "README.md: load_dataset opens the directory, with the names of the classes.",
    "README.md",
    "text/markdown",
    create,
)
