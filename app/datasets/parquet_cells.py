"""Parquet values as text: plain ones as they are, others in the form people know them by."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date, time, timedelta

import pyarrow as pa

from app.datasets.arrow_kinds import Column, Scalar, is_date
from app.datasets.arrow_times import moments
from app.datasets.cell import Json, NumberText
from app.datasets.strict_json import Nested

_LONGEST_BYTES = 512  # shown in base64; of more only the size is said


def holds_words(column: Column) -> bool:
    """Whether every value of a column of bytes is text: some tools mark text as bytes."""
    return all(_words(value) is not None for value in column.to_pylist() if value is not None)


def texts_of(column: Column) -> list[str | None]:
    """The values of a column; floats keep their shortest exact form."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return texts_of(column.storage)
    if pa.types.is_dictionary(kind):
        return texts_of(column.dictionary_decode())
    if pa.types.is_floating(kind):
        return [_float_text(value) for value in column.cast(pa.float64()).to_pylist()]
    if pa.types.is_timestamp(kind) or is_date(kind):
        return moments(column)
    if pa.types.is_nested(kind):
        return [None if value is None else Nested(_json(value)) for value in _values(column)]
    return [None if value is None else _text(value) for value in _values(column)]


def _values(column: Column) -> list[object]:
    """As Python has them; times finer than it can hold lose what is below a microsecond."""
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError, pa.ArrowException):
        return [_value(one) for one in column]


def _value(one: Scalar) -> object:
    try:
        return one.as_py()
    except (ValueError, OverflowError, pa.ArrowException):
        return str(one)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return _bytes_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _json(value: object) -> Json:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    if isinstance(value, float):
        text = _float_text(value)
        return None if text is None or "inf" in text else NumberText(text)
    if isinstance(value, int):
        return NumberText(value)
    if isinstance(value, timedelta):
        return NumberText(value.total_seconds())
    return _text(value)


def _float_text(value: float | None) -> str | None:
    """Missing numbers are missing; pandas writes them as NaN."""
    return None if value is None or value != value else repr(value)


def _bytes_text(value: bytes) -> str:
    words = _words(value)
    if words is not None:
        return words
    if len(value) > _LONGEST_BYTES:
        return f"{len(value):,} bytes"
    return base64.b64encode(value).decode()


def _words(value: bytes) -> str | None:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return text if all(letter.isprintable() or letter in "\t\r\n" for letter in text) else None
