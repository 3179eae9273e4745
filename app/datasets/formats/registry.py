"""Every format that is read, and which of them a file has: its bytes say it, else its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from app.datasets.decoding import bare_name, refuse_other_kinds
from app.datasets.findings import Stop, excerpt_of
from app.datasets.formats.arrow import ARROW
from app.datasets.formats.csv import CSV
from app.datasets.formats.fasttext import FASTTEXT
from app.datasets.formats.file_format import EVERY_TYPE, FileFormat
from app.datasets.formats.jsonl import JSONL
from app.datasets.formats.parquet import PARQUET
from app.datasets.formats.shards import SHARDS
from app.datasets.formats.text_files import TEXT_FILES
from app.datasets.formats.tsv import TSV
from app.datasets.formats.xlsx import XLSX
from app.datasets.formats.zip import ZIP
from app.db.words import DataType

FORMATS: Mapping[str, FileFormat] = MappingProxyType(
    {
        one.name: one
        for one in (CSV, TSV, JSONL, PARQUET, ARROW, FASTTEXT, XLSX, SHARDS, TEXT_FILES, ZIP)
    }
)
TABLES = tuple(one for one in FORMATS.values() if one.data_types == EVERY_TYPE)
"""Those that hold rows and columns."""


def formats_for(data_type: DataType) -> tuple[FileFormat, ...]:
    return tuple(one for one in FORMATS.values() if data_type in one.data_types)


def format_of(
    head: bytes, name: str, read: Iterable[FileFormat] = tuple(FORMATS.values())
) -> FileFormat:
    """The format of a file among those that are read; one without an ending is taken for CSV."""
    read, ending = tuple(read), ending_of(name)
    for one in read:
        if one.recognises(head):
            return one
    for one in read:
        if ending in one.endings:
            return one
    refuse_other_kinds(head, in_words(read))
    if not ending:
        return CSV
    raise Stop("E117", excerpt=excerpt_of(f".{ending}"), known=_with_endings(read))


def format_named(name: str) -> FileFormat | None:
    """What a name promises, before anybody has looked inside."""
    ending = ending_of(name)
    return next((one for one in FORMATS.values() if ending in one.endings), None)


def is_table(name: str) -> bool:
    """Whether a name promises rows and columns."""
    return format_named(name) in TABLES


def ending_of(name: str) -> str:
    bare = bare_name(name.lower())
    return bare.rpartition(".")[2] if "." in bare else ""


def in_words(read: Iterable[FileFormat]) -> str:
    """Names for a sentence: CSV, TSV or Parquet."""
    *most, last = [one.words for one in read]
    return f"{', '.join(most)} or {last}" if most else last


def _with_endings(read: Iterable[FileFormat]) -> str:
    return in_words(
        replace(one, words=f"{one.words} ({', '.join(f'.{end}' for end in one.endings)})")
        if one.endings
        else one
        for one in read
    )
