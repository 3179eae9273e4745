"""JSON lines and JSON arrays: numbers stay the text they were, what is doubtful is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from app.datasets.cell import Json
from app.datasets.cell_kinds import json_values
from app.datasets.decoding import (
    Opened,
    characters,
    encoding_of,
    lines_of,
    refuse_other_kinds,
)
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.given import JSON
from app.datasets.json_documents import is_document, rows_of
from app.datasets.mapping import Reading
from app.datasets.rows import (
    MOST_CELL_BYTES,
    MOST_ROWS,
    SAMPLE,
    Table,
    Values,
    check_cells,
    check_width,
    numbered,
)
from app.datasets.strict_json import StrictReader, text_of, too_deep

LONGEST_LINE = 8 << 20
LONGEST_ARRAY = 200 << 20
_BLANK = "\ufeff \t\r\n"
_HALF = re.compile(r"[\ud800-\udfff]")


def read_json(opened: Opened, asked: Reading, findings: Findings) -> Table:
    """Open a JSONL file or a JSON array; columns are the keys of the first rows."""
    refuse_other_kinds(opened.head, "JSON")
    encoding = encoding_of(opened.head, asked.encoding, findings)
    blocks = characters(opened.stream, encoding)
    first = next(blocks, "")
    while not first.strip():
        following = next(blocks, None)
        if following is None:
            raise Stop("E105" if not first else "E106")
        first = following
    name, objects = _layout(first, blocks, findings)
    rows = _rows(objects, findings)
    sample, columns = _first(rows)
    return Table(
        list(columns),
        chain(sample, rows),
        name,
        encoding=encoding,
        nested=True,
        writing={"values": JSON},
    )


def _first(
    rows: Iterator[tuple[int, Values | BadRow]],
) -> tuple[list[tuple[int, Values | BadRow]], dict[str, None]]:
    """The first rows and their columns; a file of which no row can be read says why."""
    sample = list(islice(rows, SAMPLE))
    columns = _columns(sample)
    while not columns:  # nothing but empty objects and bad rows so far
        more = list(islice(rows, SAMPLE))
        if not more:
            bad = next((one for _, one in sample if isinstance(one, BadRow)), None)
            raise Stop(bad.code, **bad.fields) if bad else Stop("E106")
        sample, columns = [*sample, *more], _columns(more)
    check_width(list(columns))
    return sample, columns


def _columns(rows: Iterable[tuple[int, Values | BadRow]]) -> dict[str, None]:
    good = (values for _, values in rows if not isinstance(values, BadRow))
    return {name: None for values in good for name in values}


def _layout(
    first: str, blocks: Iterator[str], findings: Findings
) -> tuple[str, Iterator[tuple[int, Json | BadRow]]]:
    """An array, an object or a list a line, or objects that are written another way."""
    begun = [first]
    line = _first_line(begun, blocks)
    more = any(part.strip() for part in _after(line, begun, blocks))
    if line.startswith("[") and not (more and _is_a_row(line)):
        return "json", _array(chain(begun, blocks))
    if len(line) <= LONGEST_ARRAY and is_document(line, more):
        return "json", rows_of(_whole(chain(begun, blocks)), findings)
    return "jsonl", _lines(chain(begun, blocks))


def _is_a_row(line: str) -> bool:
    """Whether a line is a whole list of values, and not the beginning of one of rows."""
    end = _end_of(line, 0)
    return end == len(line.rstrip()) and not line[1:].lstrip().startswith(("{", "["))


def _first_line(begun: list[str], blocks: Iterator[str]) -> str:
    """The first line with something in it; what is read for it is added to `begun`."""
    block: str | None = begun[0].lstrip(_BLANK)
    parts: list[str] = []
    size = 0
    while block is not None:
        parts.append(block)
        size += len(block)
        if "\n" in block or "\r" in block or size > LONGEST_ARRAY:
            break
        if (block := next(blocks, None)) is not None:
            begun.append(block)
    return re.split(r"[\r\n]", "".join(parts), maxsplit=1)[0]


def _after(line: str, begun: list[str], blocks: Iterator[str]) -> Iterator[str]:
    """What follows the first line, block by block."""
    yield "".join(begun).lstrip(_BLANK)[len(line) :]
    for block in blocks:
        begun.append(block)
        yield block


def _whole(blocks: Iterator[str]) -> str:
    """The whole text of a file that has to be read at once."""
    parts: list[str] = []
    size = 0
    for block in blocks:
        parts.append(block)
        size += len(block)
        if size > LONGEST_ARRAY:
            raise Stop("E121", row=1)
    return "".join(parts)


def _lines(blocks: Iterator[str]) -> Iterator[tuple[int, Json | BadRow]]:
    reader = StrictReader()
    for row, line in enumerate(lines_of(blocks, most=LONGEST_LINE), start=1):
        if row > MOST_ROWS:
            raise Stop("E142", most=MOST_ROWS)
        text = line.strip()
        if not text:
            continue
        if len(line) > LONGEST_LINE:
            yield row, BadRow("E121", row=row)
        elif too_deep(text):
            yield row, BadRow("E124", row=row)
        else:
            try:
                yield row, reader.read(text, row)
            except BadRow as bad:
                yield row, bad


def _array(blocks: Iterator[str]) -> Iterator[tuple[int, Json | BadRow]]:
    """The elements of an array; after one that is not JSON the rest cannot be found again."""
    text = _whole(blocks)
    reader, row = StrictReader(), 0
    at = _skip(text, text.index("[") + 1)
    while at < len(text) and text[at] != "]":
        row += 1
        try:
            end = _end_of(text, at)
            if end is not None and too_deep(text[at:end]):
                yield row, BadRow("E124", row=row)
                at = end
            else:
                value, at = reader.read_at(text, at, row)
                yield row, value
        except BadRow as bad:
            end = _end_of(text, at)
            if end is None:
                raise Stop(bad.code, **bad.fields) from bad
            yield row, bad
            at = end
        at = _skip(text, at)
        if at < len(text) and text[at] == ",":
            at = _skip(text, at + 1)
        elif at >= len(text) or text[at] != "]":
            raise Stop("E120", row=row, at=at + 1, reason="the array is not closed")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def _end_of(text: str, start: int) -> int | None:
    """Where the bracket that opens at `start` closes, whatever is inside."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
            if depth <= 0:
                return token.end() if text[start] in "[{" else None
    return None


def _rows(
    objects: Iterator[tuple[int, Json | BadRow]], findings: Findings
) -> Iterator[tuple[int, Values | BadRow]]:
    kinds: dict[str, type] = {}
    in_lists: bool | None = None  # as the first row is
    for row, value in objects:
        if isinstance(value, BadRow):
            yield row, value
            continue
        in_lists = isinstance(value, list) if in_lists is None else in_lists
        if in_lists and isinstance(value, list) and value:
            value = {numbered(place): cell for place, cell in enumerate(value, start=1)}
        if not isinstance(value, dict):
            yield row, BadRow("E120", row=row, at=1, reason="an object is needed")
            continue
        try:
            yield row, _values(value, row, kinds, findings)
        except BadRow as bad:
            yield row, bad


def _values(
    members: dict[str, Json], row: int, kinds: dict[str, type], findings: Findings
) -> Values:
    """Every value as text; null is a missing value."""
    values: Values = {}
    large = False
    for key, value in members.items():
        text = values[key] = text_of(value)
        if text is not None:
            large = large or len(text) > MOST_CELL_BYTES // 4 or "\0" in text
            if _HALF.search(text) or _HALF.search(key):
                raise BadRow("E126", column=excerpt_of(key), row=row, excerpt=excerpt_of(text))
    if large or "\0" in "".join(members):
        check_cells(row, values)
    for key, value in members.items():
        kind = type(value)
        if kind is dict or kind is list:
            findings.warn("W127", column=key)
        if value is not None and kinds.setdefault(key, kind) is not kind:
            findings.warn("W128", column=key, row=row)
    missing = kinds.keys() - members.keys()
    if missing:
        findings.warn("W128", len(missing), column=min(missing), row=row)
    return json_values(values, members)
