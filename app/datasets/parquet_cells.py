"""Parquet values as text: plain ones as they are, others in the form people know them by."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from app.datasets.cell import Json, NumberText
from app.datasets.strict_json import Nested

_LONGEST_BYTES = 512  # shown in base64; of more only the size is said
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_plain(kind: Any) -> bool:
    """Whether values of this type are words or numbers."""
    if pa.types.is_dictionary(kind):
        return is_plain(kind.value_type)
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_null(kind)
    )


def is_bytes(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        return is_bytes(kind.value_type)
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def holds_words(column: Any) -> bool:
    """Whether every value of a column of bytes is text: some tools mark text as bytes."""
    return all(_words(value) is not None for value in column.to_pylist() if value is not None)


def texts_of(column: Any) -> list[str | None]:
    """The values of a column; floats keep their shortest exact form."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return texts_of(column.storage)
    if pa.types.is_dictionary(kind):
        return texts_of(column.dictionary_decode())
    if pa.types.is_floating(kind):
        return [_float_text(value) for value in column.cast(pa.float64()).to_pylist()]
    if pa.types.is_timestamp(kind):
        zone = "Z" if kind.tz else ""
        units = column.cast(pa.int64()).to_pylist()
        return [_instant(value, _PER_SECOND[kind.unit], zone) for value in units]
    if pa.types.is_nested(kind):
        return [None if value is None else Nested(_json(value)) for value in _values(column)]
    return [None if value is None else _text(value) for value in _values(column)]


def _values(column: Any) -> list[Any]:
    """As Python has them; times finer than it can hold lose what is below a microsecond."""
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError, pa.ArrowException):
        return [_value(one) for one in column]


def _value(one: Any) -> Any:
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


def _json(value: Any) -> Json:
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


def _instant(value: int | None, per_second: int, zone: str) -> str | None:
    """A time in ISO form; one out of the calendar is the number it is."""
    if value is None:
        return None
    seconds, part = divmod(value, per_second)
    try:
        text = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    except OverflowError:
        return str(value)
    digits = f"{part:0{len(str(per_second)) - 1}}".rstrip("0") if part else ""
    return f"{text}.{digits}{zone}" if digits else f"{text}{zone}"


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


def class_names(metadata: Mapping[bytes, bytes] | None) -> dict[str, tuple[str, ...]]:
    """The names of classes, by column, where `datasets` of Hugging Face wrote the file."""
    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        named = {
            str(column): tuple(map(str, feature["names"]))
            for column, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}
    return {column: names for column, names in named.items() if len(set(names)) == len(names)}
