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


def check_loggable(value: object, where: str) -> None:
    """Allow only what sorted orjson writes exactly as RFC 8785 would.

    What may stand anywhere is passed over where it is met: an answer's body has forty of them.
    """
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError(f"{where}: {value} is beyond 2^53 - 1")
    elif isinstance(value, list):
        for item in value:
            kind = type(item)
            if kind in _SAYS_ITSELF or (kind is int and -LARGEST <= item <= LARGEST):
                continue
            check_loggable(item, where)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"{where}: the key {key!r} is not ASCII text")
            kind = type(item)
            if kind in _SAYS_ITSELF or (kind is int and -LARGEST <= item <= LARGEST):
                continue
            check_loggable(item, f"{where}.{key}")
    else:
        raise TypeError(f"{where}: {type(value).__name__} has no place in the log")


def canonical(value: object, where: str = "data") -> bytes:
    """The only bytes of this value; what has several ways to be written is refused."""
    check_loggable(value, where)
    return unchecked(value)


def unchecked(value: object) -> bytes:
    """The same of what can hold nothing else: a million rows pass here, each of texts."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
