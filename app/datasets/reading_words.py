"""How a file was read, as a report tells it: part by part, and in one sentence."""

from __future__ import annotations

import codecs

from app.datasets.formats.registry import FORMATS
from app.datasets.reading_parts import mark_in_words
from app.datasets.report import ReadingShown
from app.datasets.rows import Table

_SEPARATED = {"none": "one column", "bar": "separated by vertical bars"}
_ENDS = {"cr": "line ends of old Macs", "crlf": "Windows line ends"}
_HEADER = {"names": "first row holds names", "none": "first row is data"}


def reading_of(table: Table, rows: int) -> ReadingShown:
    """How a table was read, once its rows are."""
    parts = {"encoding": _encoding(table.encoding)} if table.encoding else {}
    if table.dialect is not None:
        dialect = table.dialect()
        parts |= {
            "separator": mark_in_words(dialect.separator),
            "quoting": dialect.quoting,
            "escape": dialect.escape,
            "header": "names" if table.header else "none",
        }
    words = in_words(parts, table.line_ends, rows)
    if table.dialect is None:
        known = FORMATS.get(table.format)
        words = f"{known.words if known else table.format.upper()}, {words}"
    return {"parts": parts, "line_ends": table.line_ends, "words": words}


def in_words(parts: dict[str, str], ends: str, rows: int) -> str:
    """One sentence: tab-separated, quotes are text, UTF-8, 12 rows, first row holds names."""
    said = []
    if "separator" in parts:
        mark = parts["separator"]
        said.append(_SEPARATED.get(mark, f"{mark}-separated"))
        said.append(_quotes(parts))
    if parts.get("encoding"):
        said.append(parts["encoding"].upper())
    said += [_ENDS[ends]] if ends in _ENDS else []
    said.append("1 row" if rows == 1 else f"{rows:,} rows")
    said += [_HEADER[parts["header"]]] if "header" in parts else []
    return ", ".join(said)


def _quotes(parts: dict[str, str]) -> str:
    escapes = parts["escape"] == "backslash"
    if parts["quoting"] == "none":
        return "quotes are text" + (", backslash escapes" if escapes else "")
    return "quotes around cells" + (", backslash escapes" if escapes else "")


def _encoding(name: str) -> str:
    """The name it is chosen by; the mark before UTF-8 is no encoding of its own."""
    plain = codecs.lookup(name).name
    return "utf-8" if plain == "utf-8-sig" else plain
