"""CSV and TSV: rows as their dialect gives them, and what is odd about them in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from app.datasets.csv_records import QUOTES_ARE_TEXT, NumberedRecords, Record, Start
from app.datasets.decoding import (
    Opened,
    characters,
    encoding_of,
    lines_of,
    refuse_other_kinds,
)
from app.datasets.dialect import (
    LONGEST_RECORD,
    ONE_COLUMN,
    Dialect,
    find_dialect,
    line_ends,
    most_common,
    sample_of,
    surely_quoted,
    tried,
)
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.header_row import is_known, judged
from app.datasets.lines_above import lines_above
from app.datasets.mapping import HEADER_QUESTION, Reading
from app.datasets.reading_parts import mark_of
from app.datasets.roles import ID
from app.datasets.rows import (
    MOST_CELL_BYTES,
    MOST_ROWS,
    Table,
    Values,
    check_cells,
    check_columns,
    check_width,
    numbered,
)
from app.datasets.uneven_rows import UnevenRow

_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
_SAYS_SEPARATOR = re.compile(r'"?sep=(?P<mark>[^\r\n])"?[\r\n]*', re.IGNORECASE)
_OPTIONS = [("names", "It holds the column names"), ("data", "It is the first example")]
_FIRST, _LAST = "first", "last"


def read_csv(
    opened: Opened, asked: Reading, findings: Findings, *, name: str = "csv", usual: str = ","
) -> Table:
    """Open a CSV or TSV file: how it is to be read is found, and said when unusual."""
    refuse_other_kinds(opened.head, "CSV")
    encoding = encoding_of(opened.head, asked.encoding, findings)
    lines = lines_of(characters(opened.stream, encoding), most=LONGEST_RECORD)
    sample, whole = sample_of(lines)
    start = _beginning(sample, opened)
    asked = _with_first_line(asked, sample, start, findings)
    said = Dialect(mark_of(asked.separator), asked.quoting, asked.escape)
    dialect = find_dialect(sample, said, usual=usual, whole=whole)
    above = lines_above(sample, dialect, said)
    if above and _are_no_rows(sample[:above], findings):
        del sample[:above]
        start.row, start.line = start.row + above, start.line + above
        dialect = find_dialect(sample, said, usual=usual, whole=whole)
    _tell(dialect, said, sample, usual, findings)
    records = NumberedRecords(chain(sample, lines), dialect, start, findings)
    records.open_quoting = not asked.quoting
    records.surely_quoted = surely_quoted(sample, dialect)
    if not any('"' in line for line in sample):
        records.decide_later(asked.escape or dialect.escape.removeprefix("none"))
    rows = iter(records)
    header = _header(rows)
    check_width(header)
    below = tried(dialect, sample, whole=whole).records[1:]
    records.learn([header, *below], len(header))
    if _is_title(header, below, findings):
        header, below = _header(rows), below[1:]
    columns, rest = _named(header, below, rows, asked, findings)
    table = Table(
        columns,
        _rows(rest, columns, records, header if columns and rest is rows else []),
        name,
        usual if dialect.separator == ONE_COLUMN else dialect.separator,
        encoding,
        rest is rows,
        writing={"header": _as_written(header, columns)} if rest is rows else {},
    )
    table.dialect, table.line_ends = lambda: records.dialect, line_ends(sample)
    return table


def _as_written(header: list[str], columns: list[str]) -> list[str]:
    """The names as the file writes them; a field without one has an empty name."""
    if len(header) == len(columns):
        return header
    return ["", *header] if columns[0] == numbered(1) else [*header, ""]


def _beginning(sample: list[str], opened: Opened) -> Start:
    """Drop empty lines before the first row; they count, as they do in an editor."""
    empty = 0
    while sample and not sample[0].strip("\r\n"):
        sample.pop(0)
        empty += 1
    if not sample:
        raise Stop("E105" if not opened.head.strip() else "E106")
    return Start(empty, empty)


def _with_first_line(
    asked: Reading, sample: list[str], start: Start, findings: Findings
) -> Reading:
    """Obey a first line `sep=;`, which tells spreadsheets what separates cells."""
    says = _SAYS_SEPARATOR.fullmatch(sample[0])
    if says is None or len(sample) == 1:
        return asked
    sample.pop(0)
    start.line += 1  # spreadsheets do not show it: the next row is the first
    mark = says["mark"]
    if not asked.separator:
        findings.warn("W159", excerpt=_SEPARATORS.get(mark, mark))
    return asked if asked.separator else replace(asked, separator=mark)


def _tell(
    dialect: Dialect, said: Dialect, sample: list[str], usual: str, findings: Findings
) -> None:
    mark = dialect.separator
    if not said.separator and mark not in (usual, ONE_COLUMN):
        findings.warn("W103", excerpt=_SEPARATORS[mark])
    if dialect.quoting == "none" and not said.quoting:
        findings.warn("W170", excerpt=_shown_with('"', sample))
    if dialect.escape == "backslash" and not said.escape:
        findings.warn("W171", excerpt=_shown_with('\\"', sample))


def _shown_with(mark: str, sample: list[str]) -> str:
    line = next((line for line in sample if mark in line), "").strip("\r\n")
    return excerpt_of(line[max(0, line.find(mark) - 20) :])


def _header(records: Iterator[Record]) -> list[str]:
    first = next(records, None)
    if first is None:
        raise Stop("E106")
    if isinstance(first[1], BadRow):
        raise Stop(first[1].code, **first[1].fields).offering([QUOTES_ARE_TEXT])
    return first[1]


def _are_no_rows(above: Sequence[str], findings: Findings) -> bool:
    """Ask about lines above a table: what exported it, when, a title."""
    options = [("skip", "They are not rows; the names come next"), ("keep", "They are rows")]
    shown = excerpt_of(" / ".join(line.strip() for line in above))
    return findings.ask("W166", options, "skip", excerpt=shown) != "keep"


def _is_title(header: list[str], below: Sequence[list[str]], findings: Findings) -> bool:
    """Ask about one cell above rows that all have several: most often it is a title."""
    widths = {len(cells) for cells in below}
    filled = [cell for cell in header if cell.strip()]
    padded = len(header) > 2 and bool(below) and all(below[0])  # as spreadsheets write a title
    if len(filled) != 1 or not (len(header) == 1 or padded):
        return False
    if len(below) < 2 or len(widths) > 1 or widths <= {0, 1}:
        return False
    options = [("skip", "It is a title; the names come next"), ("keep", "It is a name")]
    answer = findings.ask("W162", options, "skip", excerpt=excerpt_of(filled[0]))
    return answer != "keep"


def _named(
    header: list[str],
    below: Sequence[list[str]],
    rows: Iterator[Record],
    asked: Reading,
    findings: Findings,
) -> tuple[list[str], Iterator[Record]]:
    """The columns, and the records below the names: all of them if the first row is data."""
    if not _holds_names(header, below, asked, findings):
        width = most_common([len(header), *map(len, below)], len(header))
        columns = [numbered(place) for place in range(1, width + 1)]
        check_width(columns)
        return columns, chain([(1, header)], rows)
    columns = _column_names(header, below, findings)
    columns = _apart(columns, findings)
    check_columns(columns)
    return columns, rows


def _holds_names(
    header: list[str], below: Sequence[list[str]], asked: Reading, findings: Findings
) -> bool:
    """Whether the first row holds names: as was said, or asked when it does not look so."""
    looks = judged(header, below)
    said = {"names": "names", "none": "data"}.get(asked.header)
    if said and not findings.choices.get(HEADER_QUESTION):
        findings.choices = {**findings.choices, HEADER_QUESTION: said}
    if looks.odd:
        usual = "data" if looks.data else "names"
        shown = excerpt_of(",".join(header))
        findings.ask(HEADER_QUESTION, _OPTIONS, usual, excerpt=shown)
    return findings.choices.get(HEADER_QUESTION) != "data"


def _column_names(header: list[str], below: Sequence[list[str]], findings: Findings) -> list[str]:
    names = [name.strip() for name in header]
    places = range(1, len(names) + 1)
    full = [cells for cells in below if len(cells) == len(names) + 1 and cells[-1]]
    firsts = [cells[0] for cells in full]
    own_ids = is_known(names[0], ID)  # then what is too much stands further on
    if len(full) == len(below) > 1 and len(set(firsts)) == len(firsts) and not own_ids:
        usual = _FIRST if _counts_up(firsts) else ""
        options = [
            (_FIRST, "The first field of each row has no name, as R writes it"),
            (_LAST, "The last field of each row has no name"),
        ]
        answer = findings.ask("W157", options, usual, excerpt=excerpt_of(",".join(full[0])))
        names = ["", *names] if (answer or usual or _FIRST) == _FIRST else [*names, ""]
        places = range(1, len(names) + 1)
    elif names.count("") and len(names) > 1:
        findings.warn("W109", names.count(""))
    return [name or numbered(number) for number, name in zip(places, names, strict=True)]


def _counts_up(values: Sequence[str]) -> bool:
    """Whether values are 1, 2, 3, … or begin with 0."""
    return any(list(values) == [str(at + least) for at in range(len(values))] for least in (0, 1))


def _apart(names: list[str], findings: Findings) -> list[str]:
    """Names that come twice get a number, unless a role may mean either of them."""
    counted = Counter(names)
    twice = [name for name, count in counted.items() if count > 1]
    if not twice or any(is_known(name) for name in twice):
        return names
    taken, seen = set(names), Counter[str]()
    apart = []
    for name in names:
        seen[name] += 1
        number, shown = seen[name], name
        while number > 1 and shown in taken:
            shown = f"{name} ({number})"
            number += 1
        taken.add(shown)
        apart.append(shown)
    findings.warn("W156", len(names) - len(counted), excerpt=excerpt_of(", ".join(twice)))
    return apart


def _rows(
    rest: Iterator[Record], columns: list[str], records: NumberedRecords, header: list[str]
) -> Iterator[tuple[int, Values | BadRow]]:
    width, findings = len(columns), records.findings
    for number, cells in rest:
        if number > MOST_ROWS:
            raise Stop("E142", most=MOST_ROWS)
        if isinstance(cells, BadRow):
            yield number, cells
            continue
        if cells == header and width > 1:
            findings.warn("W174", row=number)
            continue
        if not cells[0] and len(cells) > 1 and not any(cells):
            findings.warn("W155", row=number)
            continue
        if len(cells) != width:
            if any(cells[width:]) or len(cells) < width:
                yield number, UnevenRow(number, cells, columns, records.dialect.separator)
                continue
            findings.warn("W173")
            cells = cells[:width]
        values: Values = dict(zip(columns, cells, strict=True))
        joined = "".join(cells)
        if "\0" in joined or len(joined) > MOST_CELL_BYTES // 4:
            try:
                check_cells(number, values)
            except BadRow as bad:
                yield number, bad
                continue
        yield number, values
