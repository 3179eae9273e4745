"""One table out of files of Arrow or Parquet. Only the parser imports it: it loads pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import TypeVar

import pyarrow as pa

from app.datasets.arrow_cells import exact_rows, types_of, writing_of
from app.datasets.arrow_kinds import Batch, Column, Kind, is_bytes, is_word
from app.datasets.cell_kinds import ExactValues
from app.datasets.decoding import refuse_bomb
from app.datasets.feature_kinds import class_names
from app.datasets.findings import BadRow, Stop, excerpt_of
from app.datasets.formats.file_format import FileToOpen, OpenFile
from app.datasets.inline_images import InlineImages
from app.datasets.parquet_cells import holds_words, texts_of
from app.datasets.roles import LABEL, SPLIT
from app.datasets.rows import MOST_ROWS, Table, Values, check_cells, check_columns
from app.datasets.shapes.shape import free_name
from app.datasets.shard import Shard, unreadable
from app.datatypes.image import IMAGE

_SHOWN = 5

Told = TypeVar("Told")


def open_shards(shards: Sequence[Shard], file: FileToOpen, name: str = "arrow") -> OpenFile:
    """The rows of all shards as one table, a column with the split among them if there are any."""
    return _Reading(shards, file, name).opened()


class _Reading:
    def __init__(self, shards: Sequence[Shard], file: FileToOpen, name: str) -> None:
        self.shards, self.findings, self.name = shards, file.findings, name
        for shard in shards:
            check_columns([str(one) for one in shard.schema.names])
        self.own = list(dict.fromkeys(one for shard in shards for one in shard.kinds))
        self.split = free_name(SPLIT.name, set(self.own)) if any(s.split for s in shards) else ""
        self.kinds = _agreed([shard.kinds for shard in shards])
        self.names = _agreed([class_names(shard.features) for shard in shards])
        self.pictures = frozenset().union(*(shard.pictures for shard in shards))
        self.images = InlineImages(file.folder, file.findings) if self.pictures else None
        self._unused: dict[str, set[str]] = {}

    def opened(self) -> OpenFile:
        batches = ((shard, batch) for shard in self.shards for batch in shard.batches() if batch)
        first = next(batches, None)
        if first is None:
            raise Stop("E106")
        columns = [*self.own, *([self.split] if self.split else [])]
        table = Table(columns, self._rows(chain([first], batches)), self.name)
        kinds = {name: kind for shard in self.shards[::-1] for name, kind in shard.kinds.items()}
        plain = {name: kind for name, kind in kinds.items() if name not in self.pictures}
        table.nested = any(pa.types.is_nested(kind) for kind in plain.values())
        table.unread = _unread(plain, first[1])
        table.odd = self._odd(plain, table.unread)
        table.class_names = {name: names for name, names in self.names.items() if names}
        agreed = pa.schema(
            [
                (name, kind)
                for name, kind in self.kinds.items()
                if kind and name not in self._spelled
            ],
            metadata=self.shards[0].schema.metadata,
        )
        table.floats = frozenset(f.name for f in agreed if pa.types.is_floating(f.type))
        table.types, table.writing = types_of(agreed), writing_of(agreed)
        return OpenFile(table, images=self._images(first), known=self._known())

    @cached_property
    def _spelled(self) -> frozenset[str]:
        """Columns whose numbers stand for other names in another shard: names are written."""
        return frozenset(name for name, names in self.names.items() if names is None)

    def _odd(self, kinds: Mapping[str, Kind], unread: Mapping[str, str]) -> dict[str, str]:
        odd = {
            name: str(kind)
            for name, kind in kinds.items()
            if name in unread or not (is_word(kind) or is_bytes(kind))
        }
        if odd:
            named = ", ".join(f"{excerpt_of(name)} ({kind[:40]})" for name, kind in odd.items())
            self.findings.warn("W151", len(odd), excerpt=excerpt_of(named))
        return {name: kind for name, kind in odd.items() if not pa.types.is_nested(kinds[name])}

    def _images(self, first: tuple[Shard, Batch]) -> InlineImages | None:
        """None where the first rows name pictures and hold none: a ZIP beside them does."""
        shard, batch = first
        held = [
            content
            for name in shard.pictures
            for _, content in _pictures(batch.column(name), name, 1)
            if content
        ]
        return self.images if held or not shard.pictures else None

    def _known(self) -> dict[str, tuple[str, ...]]:
        """What the columns are for, as far as their kinds leave no doubt."""
        known: dict[str, tuple[str, ...]] = {}
        if self.split:
            known[SPLIT.name] = (self.split,)
        for role, names in ((LABEL, [*self.names]), (IMAGE.role, sorted(self.pictures))):
            if len(names) == 1:
                known[role.name] = (names[0],)
        return known

    def _rows(
        self, batches: Iterator[tuple[Shard, Batch]]
    ) -> Iterator[tuple[int, Values | BadRow]]:
        row, size, read = 0, sum(shard.size for shard in self.shards), 0
        for shard, batch in batches:
            read += batch.nbytes
            refuse_bomb(read, size, name=f"The {self.name} file")
            if row + len(batch) > MOST_ROWS:
                raise Stop("E142", most=MOST_ROWS)
            for values in self._values(shard, batch, row):
                row += 1
                try:
                    check_cells(row, values)
                    yield row, values
                except BadRow as bad:
                    yield row, bad
        self._tell_unused()

    def _values(self, shard: Shard, batch: Batch, row: int) -> Iterator[ExactValues]:
        names = [str(name) for name in batch.schema.names]
        held: list[dict[str, bytes]] = [{} for _ in range(len(batch))]
        cells = [
            self._readable(shard, name, column, row, held)
            for name, column in zip(names, batch.columns, strict=True)
        ]
        more = {self.split: shard.split} if self.split and shard.split else {}
        exact = exact_rows(batch, cells)
        for at, values in enumerate(zip(*cells, strict=True)):
            texts = dict(zip(names, values, strict=True))
            spelled = {name: str(texts[name]) for name in self._spelled if texts.get(name)}
            if self.images is not None:
                self.images.hold(row + at + 1, held[at])
            yield ExactValues({**texts, **more}, {**next(exact), **spelled, **more})

    def _readable(
        self, shard: Shard, name: str, column: Column, row: int, held: list[dict[str, bytes]]
    ) -> list[str | None]:
        """The cells of a column; it stops at what its type allows and Python has nothing for."""
        try:
            return self._cells(shard, name, column, row, held)
        except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
            raise unreadable(name, column) from error

    def _cells(
        self, shard: Shard, name: str, column: Column, row: int, held: list[dict[str, bytes]]
    ) -> list[str | None]:
        if name in shard.pictures:
            pictures = _pictures(column, name, row + 1)
            for at, (said, content) in enumerate(pictures):
                if said and content:
                    held[at][said] = content
            return [said for said, _ in pictures]
        texts = texts_of(column)
        if name in self._spelled:
            classes = class_names(shard.features).get(name, ())
            return [_spelled(text, classes) for text in texts]
        if pa.types.is_dictionary(column.type):
            words = {str(word) for word in texts_of(column.dictionary) if word is not None}
            self._unused[name] = self._unused.get(name, words) - {str(text) for text in texts}
        return texts

    def _tell_unused(self) -> None:
        for name, left in self._unused.items():
            if left:
                shown = ", ".join(excerpt_of(value) for value in sorted(left)[:_SHOWN])
                self.findings.warn("W132", len(left), column=name, excerpt=shown)


def _agreed(told: Sequence[Mapping[str, Told]]) -> dict[str, Told | None]:
    """What all that know a column say of it; None where they differ."""
    agreed: dict[str, Told | None] = {}
    for one in told:
        for name, value in one.items():
            agreed[name] = value if agreed.get(name, value) == value else None
    return agreed


def _unread(kinds: Mapping[str, Kind], first: Batch) -> dict[str, str]:
    """Columns of bytes that are no text, and their types."""
    there = {str(name) for name in first.schema.names}
    return {
        name: str(kind)
        for name, kind in kinds.items()
        if name in there and is_bytes(kind) and not holds_words(first.column(name))
    }


def _pictures(column: Column, name: str, row: int) -> list[tuple[str | None, bytes | None]]:
    """What each picture is called, and its bytes if they are there."""
    found: list[tuple[str | None, bytes | None]] = []
    for at, value in enumerate(column.to_pylist(), start=row):
        content = value.get("bytes") if isinstance(value, dict) else value
        path = value.get("path") if isinstance(value, dict) else None
        called = str(path) if path else f"{name} {at}" if content else None
        found.append((called, content or None))
    return found


def _spelled(text: str | None, classes: Sequence[str]) -> str | None:
    """The name of a class by its number."""
    if text is None or not classes:
        return text
    return classes[int(text)] if text.isdecimal() and int(text) < len(classes) else None
