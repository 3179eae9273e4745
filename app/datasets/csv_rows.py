"""CSV and TSV: our own decoding and header check around Python's strict reader."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from app.datasets.decoding import (
    Opened,
    characters,
    encoding_of,
    lines_of,
    refuse_other_kinds,
)
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.given import Writing
from app.datasets.mapping import Reading
from app.datasets.rows import (
    MOST_CELL_BYTES,
    MOST_ROWS,
    Table,
    Values,
    check_cells,
    check_columns,
    check_width,
)

_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
_LONGEST_RECORD = 32 << 20  # a quote that is not closed swallows no more than this

Records = Iterator[tuple[int, list[str] | BadRow]]


def read_csv(
    opened: Opened, asked: Reading, findings: Findings, *, name: str = "csv", usual: str = ","
) -> Table:
    """Open a CSV or TSV file: separator and header are found, and said when unusual."""
    refuse_other_kinds(opened.head, "CSV")
    encoding = encoding_of(opened.head, asked.encoding, findings)
    lines = lines_of(characters(opened.stream, encoding), most=_LONGEST_RECORD)
    first = next((line for line in lines if line.strip("\r\n")), None)
    if first is None:
        raise Stop("E105" if not opened.head.strip() else "E106")
    separator = _separator(first, usual, asked.separator, findings)
    records = _records(chain([first], lines), separator)
    header = _header(records)
    check_width(header)
    columns = _column_names(header, findings)
    second = next(records, None)
    rest = records if second is None else chain([second], records)
    names_first = True
    if second is not None and _looks_like_data(header, second[1]):
        shown = excerpt_of(separator.join(header))
        options = [("names", "It holds the column names"), ("data", "It is the first example")]
        names_first = findings.ask("W107", options, excerpt=shown) != "data"
    if not names_first:
        columns = [f"column {number}" for number in range(1, len(header) + 1)]
        rest = chain([(1, header)], rest)
    check_columns(columns)
    rows = _rows(rest, columns)
    written: Writing = {"header": header} if names_first else {}
    return Table(columns, rows, name, separator, encoding, names_first, writing=written)


def _separator(line: str, usual: str, wished: str, findings: Findings) -> str:
    if wished:
        return {"tab": "\t", "\\t": "\t"}.get(wished, wished)[:1]
    bare = re.sub(r'"[^"]*"', "", line[:1_000_000])
    counted = Counter({mark: bare.count(mark) for mark in _SEPARATORS})
    counted[usual] += 0.5 if counted[usual] else 0  # type: ignore[assignment]  # wins a tie
    commonest, count = counted.most_common(1)[0]
    if not count:
        return usual
    if commonest != usual:
        findings.warn("W103", excerpt=_SEPARATORS[commonest])
    return commonest


def _records(lines: Iterator[str], separator: str) -> Records:
    """Number the records as a spreadsheet does; a record the reader refuses is a bad row."""
    csv.field_size_limit(_LONGEST_RECORD)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            if "limit" in str(error) and reader.line_num == line:
                yield number, BadRow("E112", column="?", row=number)
                continue
            if reader.line_num != line or "unexpected end" in str(error):
                raise Stop("E111", row=number, line=line) from error
            yield number, BadRow("E111", row=number, line=line)
            continue
        number += 1
        if fields:
            yield number, fields


def _header(records: Records) -> list[str]:
    first = next(records, None)
    if first is None:
        raise Stop("E106")
    if isinstance(first[1], BadRow):
        raise Stop(first[1].code, **first[1].fields)
    return first[1]


def _column_names(header: list[str], findings: Findings) -> list[str]:
    names = [name.strip() for name in header]
    blank = sum(not name for name in names)
    if blank and len(names) > 1:
        findings.warn("W109", blank)
    return [name or f"column {number}" for number, name in enumerate(names, start=1)]


def _looks_like_data(header: list[str], second: list[str] | BadRow) -> bool:
    """Numbers, dates, very long names, or a value that comes again below."""
    if isinstance(second, BadRow):
        return False
    filled = [name.strip() for name in header if name.strip()]
    if any(re.fullmatch(r"[-+]?\d+([.,]\d+)?|\d{4}-\d\d-\d\d.*", name) for name in filled):
        return any(not re.fullmatch(r"\d+", name) for name in filled) or not _counts(filled)
    if any(len(name) > 80 for name in filled):
        return True
    same = [a for a, b in zip(header, second, strict=False) if a.strip() and a == b]
    return bool(same)


def _counts(names: list[str]) -> bool:
    """Columns called 0, 1, 2, … are names."""
    return [int(name) for name in names] in (
        list(range(len(names))),
        list(range(1, len(names) + 1)),
    )


def _rows(records: Records, columns: list[str]) -> Iterator[tuple[int, Values | BadRow]]:
    width = len(columns)
    for number, fields in records:
        if number > MOST_ROWS:
            raise Stop("E142", most=MOST_ROWS)
        if isinstance(fields, BadRow):
            yield number, fields
            continue
        if len(fields) != width:
            shown = excerpt_of(" ".join(fields[:3]))
            yield (
                number,
                BadRow("E110", row=number, found=len(fields), expected=width, excerpt=shown),
            )
            continue
        values: Values = dict(zip(columns, fields, strict=True))
        joined = "".join(fields)
        if "\0" in joined or len(joined) > MOST_CELL_BYTES // 4:
            try:
                check_cells(number, values)
            except BadRow as bad:
                yield number, bad
                continue
        yield number, values
