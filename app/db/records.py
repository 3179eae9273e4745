"""Frozen records as a JSON column holds them, and back again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

Record = TypeVar("Record")

_READERS: dict[type, TypeAdapter[Any]] = {}
"""Made once: it looks through all the records within, which takes some milliseconds."""


def read_record(kind: type[Record], stored: Mapping[str, object]) -> Record:
    """A dataclass from what `asdict` made of it, with all the records within."""
    if kind not in _READERS:
        _READERS[kind] = TypeAdapter(kind)
    reader: TypeAdapter[Record] = _READERS[kind]
    return reader.validate_python(stored)
