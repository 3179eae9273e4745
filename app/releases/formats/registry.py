"""The file formats by name. A new one is a file beside this one, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.releases.companions.registry import COMPANIONS
from app.releases.formats.csv_file import CSV
from app.releases.formats.format import FileFormat, Flavour
from app.releases.formats.jsonl_file import JSONL
from app.releases.formats.parquet_file import PARQUET

FORMATS: Mapping[str, FileFormat] = MappingProxyType(
    {known.name: known for known in (CSV, JSONL, PARQUET)}
)
FLAVOURS: Mapping[str, Flavour] = MappingProxyType(
    {flavour.name: flavour for known in FORMATS.values() for flavour in known.flavours}
)
"""Those of all formats. One that a format does not have changes nothing in its files."""

_MEDIA_TYPES = {known.ending: known.media_type for known in FORMATS.values()} | {
    "json": "application/json"
}
_MEDIA_TYPES |= {one.file_name.rpartition(".")[2]: one.media_type for one in COMPANIONS.values()}


def media_type_of(file_name: str) -> str:
    """Of any file of a release, by its ending."""
    return _MEDIA_TYPES[file_name.rpartition(".")[2]]


def format_named(name: str) -> FileFormat:
    try:
        return FORMATS[name]
    except KeyError:
        raise ValueError(f"there is no file format {name!r}: choose {_any_of(FORMATS)}") from None


def flavour_named(name: str) -> Flavour:
    try:
        return FLAVOURS[name]
    except KeyError:
        raise ValueError(f"there is no flavour {name!r}: choose {_any_of(FLAVOURS)}") from None


def _any_of(known: Mapping[str, object]) -> str:
    return " or ".join(known)
