"""fastText: a line is an example, its words that begin with a mark are its labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.datasets.decoding import Opened, characters, encoding_of, lines_of
from app.datasets.dialect import LONGEST_RECORD
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.mapping import Reading
from app.datasets.rows import MOST_ROWS, Table, Values, check_cells

MARK = "__label__"
_LABEL = re.compile(rf"(?<!\S){MARK}(\S*)\s*")
_COLUMNS = ["label", "text"]


def read_fasttext(opened: Opened, asked: Reading, findings: Findings) -> Table:
    """Open a file of lines like `__label__card where is my card`."""
    encoding = encoding_of(opened.head, asked.encoding, findings)
    lines = lines_of(characters(opened.stream, encoding), most=LONGEST_RECORD)
    return Table(_COLUMNS, _rows(lines), "fasttext", encoding=encoding)


def _rows(lines: Iterator[str]) -> Iterator[tuple[int, Values | BadRow]]:
    for row, line in enumerate(lines, start=1):
        if row > MOST_ROWS:
            raise Stop("E142", most=MOST_ROWS)
        if line.strip():
            yield row, _values(row, line)


def _values(row: int, line: str) -> Values | BadRow:
    labels = list(dict.fromkeys(_LABEL.findall(line)))
    if len(labels) > 1:
        return BadRow("E150", row=row, found=len(labels), excerpt=excerpt_of(", ".join(labels)))
    values: Values = {
        "label": labels[0] if labels else "",
        "text": _LABEL.sub("", line).strip(),
    }
    try:
        check_cells(row, values)
    except BadRow as bad:
        return bad
    return values
