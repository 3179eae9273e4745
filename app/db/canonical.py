"""The one way to write an event down: canonical JSON (RFC 8785). `verify` reads it back offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import TypeAlias

import orjson

LARGEST = 2**53 - 1  # beyond it JSON numbers are not exact everywhere (RFC 8785)

Loggable: TypeAlias = "str | int | bool | Sequence[Loggable] | Mapping[str, Loggable] | None"
"""What a body may hold: anything else would not be the same bytes everywhere."""


_SAYS_ITSELF = frozenset({str, bool, NoneType})


def _is_small(value: object) -> bool:
    """What may stand anywhere, asked first: an answer's body has forty of them."""
    kind = type(value)
    return kind in _SAYS_ITSELF or (kind is int and -LARGEST <= value <= LARGEST)  # type: ignore[operator]  # an int


def check_loggable(value: object, where: str) -> None:
    """Allow only what sorted orjson writes exactly as RFC 8785 would."""
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError(f"{where}: {value} is beyond 2^53 - 1")
        return
    if isinstance(value, list):
        for item in value:
            if not _is_small(item):
                check_loggable(item, where)
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"{where}: the key {key!r} is not ASCII text")
            if not _is_small(item):
                check_loggable(item, f"{where}.{key}")
        return
    raise TypeError(f"{where}: {type(value).__name__} has no place in the log")


def canonical(value: object, where: str = "data") -> bytes:
    """The only bytes of this value; what has several ways to be written is refused."""
    check_loggable(value, where)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
