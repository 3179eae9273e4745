"""How lines of text are rows: what separates cells, what quotes mean, what a backslash does.

Found by trying: each way of reading is tried on the first records and judged by how evenly its
rows come out. Lines in, a `Dialect` out.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.datasets.row_shape import shape_of

LONGEST_RECORD = 32 << 20  # a quote that is not closed swallows no more than this
SEPARATORS = ",;\t|"
ONE_COLUMN = "\x1f"  # separates nothing that anybody writes: every line is one cell
RECORDS = 200
_LINES = 1_000  # what 200 records with line breaks in them take, most often
_SURELY_OPEN = 50  # a cell of more lines than this, still open at the end of a sample
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "N": "", "0": "\0"}  # as databases dump tables
_STANDS_FOR = 0xDC00  # lone surrogates, which no decoded text holds, keep escaped characters
_KEPT = re.compile("[\udc00-\udcff]")


class _QUOTED(csv.excel):
    strict = True


class _BARE(_QUOTED):
    quoting = csv.QUOTE_NONE


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to read lines as rows; every part by the word that people use for it."""

    separator: str = ","
    quoting: str = "doubled"  # or `none`: a quote is a character as any other
    escape: str = "none"  # or `backslash`
    spaced: bool = False  # a space after each separator is no part of the cell

    def rows(self, lines: Iterable[str]) -> Rows:
        return Rows(self, lines)


class Rows:
    """The cells of each row, by `next`; `reader.line_num` is how many lines were read."""

    def __init__(self, dialect: Dialect, lines: Iterable[str]) -> None:
        csv.field_size_limit(LONGEST_RECORD)
        self._escapes = dialect.escape == "backslash"
        if self._escapes:
            lines = _hidden(lines, dialect)
        style = _QUOTED if dialect.quoting == "doubled" else _BARE
        self.reader = csv.reader(
            lines, style, delimiter=dialect.separator, skipinitialspace=dialect.spaced
        )
        self.next = self._shown if self._escapes else self.reader.__next__

    def _shown(self) -> list[str]:
        return [_KEPT.sub(_character, cell) for cell in next(self.reader)]


def _character(kept: re.Match[str]) -> str:
    return chr(ord(kept[0]) - _STANDS_FOR)


def _hidden(lines: Iterable[str], dialect: Dialect) -> Iterator[str]:
    """Lines whose escaped characters mean nothing to a reader; other backslashes are text."""
    bare = dialect.quoting == "none"
    special = {'"', "\\", dialect.separator}

    def hide(escaped: re.Match[str]) -> str:
        letter = escaped[1]
        if letter in special:
            return chr(_STANDS_FOR + ord(letter)) if ord(letter) < 256 else letter
        if bare and letter in _LETTERS:
            stands_for = _LETTERS[letter]
            return chr(_STANDS_FOR + ord(stands_for)) if stands_for else ""
        return escaped[0]

    for line in lines:
        yield _ESCAPED.sub(hide, line) if "\\" in line else line


class Trial(NamedTuple):
    """What came of reading a sample one way."""

    records: list[list[str]]
    broken: int  # rows a reader refuses
    unclosed: bool  # a quote that no other closes, or only one far below
    swallowed: int  # rows that look like several

    @property
    def clean(self) -> bool:
        return not (self.broken or self.unclosed or self.swallowed)

    def even(self, width: int = 0) -> float:
        """How evenly rows come out, 0 to 1: as many cells as are expected, or as most have."""
        widths = [len(cells) for cells in self.records]
        if not widths:
            return 0.0
        expected = width or widths[0]
        body = widths if width else widths[1:] or widths
        common = most_common(body, expected)
        if common == 1:
            return 0.0
        share = body.count(common) / (len(body) + self.broken + self.unclosed)
        if common == expected:
            return share
        surplus = all(not any(cells[expected:]) for cells in self.records[1:])
        return share * (0.95 if common > expected and surplus else 0.5)


def most_common(widths: Sequence[int], expected: int) -> int:
    """The usual number of cells; the expected one if nearly as many rows have it."""
    counted = Counter(widths)
    common, most = counted.most_common(1)[0]
    return expected if counted[expected] * 2 >= most else common


def tried(dialect: Dialect, lines: Sequence[str], *, whole: bool, width: int = 0) -> Trial:
    """Read a sample of lines one way."""
    rows = dialect.rows(lines)
    records: list[list[str]] = []
    broken, unclosed = 0, False
    while len(records) + broken < RECORDS:
        begins = rows.reader.line_num
        try:
            cells = rows.next()
        except StopIteration:
            break
        except csv.Error as error:
            if "unexpected end" not in str(error):
                broken += 1
            elif whole or rows.reader.line_num - begins > _SURELY_OPEN:
                unclosed = True
            continue
        if cells:
            records.append(cells)
    shape = shape_of(records, width or (len(records[0]) if records else 0))
    swallowed = sum(shape.swallowed(cells, dialect.separator) for cells in records)
    return Trial(records, broken, unclosed, swallowed)


def sample_of(lines: Iterator[str]) -> tuple[list[str], bool]:
    """The first lines, and whether they are all."""
    sample: list[str] = []
    letters = 0
    for line in lines:
        sample.append(line)
        letters += len(line)
        if len(sample) >= _LINES or letters > LONGEST_RECORD // 8:
            return sample, False
    return sample, True


def find_dialect(
    lines: Sequence[str], asked: Dialect | None = None, *, usual: str = ",", whole: bool = True
) -> Dialect:
    """The way in which rows come out most evenly; what `asked` says (not empty) is taken."""
    asked = asked or Dialect("", "", "")
    separator = asked.separator or _separator(lines, asked, usual, whole)
    return find_quoting(lines, replace(asked, separator=separator), whole=whole)


def _separator(lines: Sequence[str], asked: Dialect, usual: str, whole: bool) -> str:
    first = re.sub(r'"[^"]*"', "", lines[0][:1_000_000])
    best, best_score = "", (0.0, 0, False)
    for mark in SEPARATORS:
        ways = [
            Dialect(mark, quoting, asked.escape or "none", spaced)
            for quoting in ("doubled", "none")
            for spaced in (False, True)
            if asked.quoting in ("", quoting) and (not spaced or _has_spaced(lines, mark))
        ]
        even = max(tried(way, lines, whole=whole).even() for way in ways)
        if mark not in first and not _surely_rows(ways[0], lines, whole, mark):
            even = 0.0
        score = (round(even, 2), first.count(mark), mark == usual)
        if even and score > best_score:
            best, best_score = mark, score
    prose = best == "," and best_score[0] < 1 and not any(re.search(r",\S", one) for one in lines)
    if best and not prose:
        return best
    if prose:
        return ONE_COLUMN
    in_first = Counter({mark: first.count(mark) for mark in SEPARATORS})
    commonest, count = in_first.most_common(1)[0]
    if count:
        return usual if first.count(usual) == count else commonest
    return ONE_COLUMN if any(usual in line for line in lines) else usual


def _surely_rows(dialect: Dialect, lines: Sequence[str], whole: bool, mark: str) -> bool:
    """Whether a mark the first line lacks separates cells below it: always, and not as a comma."""
    trial = tried(dialect, lines, whole=whole)
    widths = {len(cells) for cells in trial.records[1:]}
    return len(widths) == 1 and min(widths) > (2 if mark == "," else 1)


def find_quoting(
    lines: Sequence[str], asked: Dialect, *, whole: bool = True, width: int = 0
) -> Dialect:
    """What quotes and backslashes mean where the separator is known."""
    plain = replace(asked, quoting=asked.quoting or "doubled", escape=asked.escape or "none")
    mark = plain.separator
    if not asked.escape and any(f"\\{mark}" in line for line in lines):
        slashed = replace(plain, escape="backslash")
        even = tried(plain, lines, whole=whole, width=width).even(width)
        if tried(slashed, lines, whole=whole, width=width).even(width) > even:
            return slashed
    if asked.quoting == "none" or not any('"' in line for line in lines):
        return plain
    if _has_spaced(lines, mark):
        plain = _spaced(plain, lines, whole, width)
    doubled = tried(plain, lines, whole=whole, width=width)
    if not asked.escape and not doubled.clean and any('\\"' in line for line in lines):
        slashed = replace(plain, escape="backslash")
        if tried(slashed, lines, whole=whole, width=width).clean:
            return slashed
    if not asked.quoting and quotes_are_text(lines, plain, doubled, whole=whole, width=width):
        return replace(plain, quoting="none")
    return plain


def _has_spaced(lines: Sequence[str], mark: str) -> bool:
    return mark != "\t" and any(f'{mark} "' in line for line in lines)


def _spaced(plain: Dialect, lines: Sequence[str], whole: bool, width: int) -> Dialect:
    """With a space after each separator, if that is what makes rows even: `1, "one, two"`."""
    spaced = replace(plain, spaced=True)
    trial = tried(spaced, lines, whole=whole, width=width)
    even = tried(plain, lines, whole=whole, width=width).even(width)
    return spaced if trial.clean and trial.even(width) > even else plain


def quotes_are_text(
    lines: Sequence[str], plain: Dialect, doubled: Trial, *, whole: bool, width: int
) -> bool:
    """Whether rows come out evenly only when quotes are letters as any other.

    Where a tab separates, many tools never quote. Elsewhere a quote that swallows rows is asked
    about: it may as well be one that somebody forgot to close.
    """
    if not (doubled.broken or doubled.unclosed) and surely_quoted(lines, plain):
        return False  # what looks like several rows is asked about
    text = tried(replace(plain, quoting="none"), lines, whole=whole, width=width)
    even, quoted = text.even(width), doubled.even(width)
    if plain.separator == "\t":
        return (not doubled.clean or even > quoted) and even >= quoted
    swallows = doubled.unclosed or doubled.swallowed
    needed = any(_wrapped(cell) for cells in text.records for cell in cells)
    return bool(doubled.broken) and not swallows and even == 1.0 and not needed


def surely_quoted(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether quotes stand around cells beyond doubt: around names, around what holds a separator
    within its line, or around cells of every other row."""
    mark = re.escape(dialect.separator)
    holds_mark = re.compile(rf'(^|{mark}) ?"[^"\r\n]*{mark}[^"\r\n]*"({mark}|[\r\n]*$)')
    if any(holds_mark.search(line) for line in lines):
        return True
    bare = replace(dialect, quoting="none")
    rows = tried(bare, lines, whole=True).records
    quoted = [any(map(_wrapped, cells)) for cells in rows]
    return bool(quoted) and (quoted[0] or 2 * sum(quoted) > len(quoted))


def _wrapped(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == '"'


def line_ends(lines: Sequence[str]) -> str:
    """`lf`, `crlf`, `cr`, or `mixed`."""
    ends = {
        "crlf" if line.endswith("\r\n") else "lf" if line.endswith("\n") else "cr"
        for line in lines
        if line.endswith(("\n", "\r"))
    }
    return ends.pop() if len(ends) == 1 else "mixed" if ends else "lf"
