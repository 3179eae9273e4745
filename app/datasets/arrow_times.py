"""Moments of Arrow as the texts a person reads, each of which leads back to the same moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from app.datasets.arrow_kinds import Column

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY, _DAY = _EPOCH.toordinal(), 86_400_000  # milliseconds


def as_integers(column: Column) -> Column:
    """Dates, times, moments and spans as the numbers that are stored."""
    return column.view(pa.int32() if column.type.bit_width == 32 else pa.int64())


def moments(column: Column) -> list[str | None]:
    """Dates and timestamps in ISO form (UTC); one out of the calendar is the number it is."""
    kind, numbers = column.type, as_integers(column).to_pylist()
    if pa.types.is_timestamp(kind):
        zone = "Z" if kind.tz else ""
        return [_instant(value, _PER_SECOND[kind.unit], zone) for value in numbers]
    return [_day(value, 1 if pa.types.is_date32(kind) else _DAY) for value in numbers]


def _instant(value: int | None, per_second: int, zone: str) -> str | None:
    if value is None:
        return None
    seconds, part = divmod(value, per_second)
    try:
        text = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    except OverflowError:
        return str(value)
    digits = f"{part:0{len(str(per_second)) - 1}}".rstrip("0") if part else ""
    return f"{text}.{digits}{zone}" if digits else f"{text}{zone}"


def _day(value: int | None, per_day: int) -> str | None:
    if value is None:
        return None
    days, rest = divmod(value, per_day)
    try:
        return str(value) if rest else date.fromordinal(_FIRST_DAY + days).isoformat()
    except (OverflowError, ValueError):
        return str(value)
