"""Cells of typed columns as texts that lose nothing, and back. Needs pyarrow: only where it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.datasets.cell import NAN, Imported, Stored, Value
from app.datasets.given import ARROW, Writing

_NAN = [NAN]
_FIRST_SECOND, _LAST_SECOND, _DAY = -62_135_596_800, 253_402_300_799, 86_400  # years 1 to 9999
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def writing_of(schema: Any) -> Writing:
    """The schema of a file, with all that it says of itself."""
    return {"values": ARROW, "arrow": base64.b64encode(schema.serialize().to_pybytes()).decode()}


def schema_of(writing: Writing) -> Any:
    """The other way; None where the file had none."""
    said = writing.get("arrow")
    return None if said is None else pa.ipc.read_schema(pa.py_buffer(base64.b64decode(said)))


def types_of(schema: Any) -> dict[str, str]:
    """Of the columns whose cells are plain numbers, true or false."""
    return {field.name: str(field.type) for field in schema if _is_number(field.type)}


def _is_number(kind: Any) -> bool:
    t = pa.types
    return bool(t.is_integer(kind) or t.is_floating(kind) or t.is_boolean(kind))


def _is_text(kind: Any) -> bool:
    t = pa.types
    return bool(t.is_string(kind) or t.is_large_string(kind) or t.is_string_view(kind))


def _is_time(kind: Any) -> bool:
    return bool(pa.types.is_temporal(kind)) and not pa.types.is_interval(kind)


def _is_list(kind: Any) -> bool:
    t = pa.types
    return bool(t.is_list(kind) or t.is_large_list(kind) or t.is_fixed_size_list(kind))


def is_exact(kind: Any) -> bool:
    """Whether cells of this type come back as they were."""
    if pa.types.is_dictionary(kind):
        return not pa.types.is_dictionary(kind.value_type) and is_exact(kind.value_type)
    if pa.types.is_null(kind) or _is_time(kind) or pa.types.is_decimal(kind):
        return True
    return _is_number(kind) or _is_text(kind) or _is_plain(kind)


def _is_plain(kind: Any) -> bool:
    """Lists and structs of numbers, truths and texts: JSON says them."""
    if _is_list(kind):
        return _is_plain(kind.value_type)
    if pa.types.is_struct(kind):
        return all(_is_plain(kind.field(place).type) for place in range(kind.num_fields))
    return _is_number(kind) or _is_text(kind)


def cells_of(column: Any) -> Sequence[Stored | None]:
    """A column's cells as they are stored; None where there is nothing."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return cells_of(column.dictionary_decode())
    if pa.types.is_floating(kind):
        return [_float_cell(value) for value in column.cast(pa.float64()).to_pylist()]
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return [None if v is None else str(v).lower() for v in column.to_pylist()]
    if _is_text(kind) or pa.types.is_null(kind):
        texts: list[Stored | None] = column.to_pylist()
        return texts
    if _is_time(kind):
        return _time_cells(column)
    if _is_plain(kind):
        return [None if v is None else [_compact(v)] for v in column.to_pylist()]
    return [None if v is None else str(v) for v in column.to_pylist()]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _float_cell(value: float | None) -> Stored | None:
    if value is None:
        return None
    return repr(value) if value == value else _NAN  # NaN is not itself


def _time_cells(column: Any) -> Sequence[Stored | None]:
    """Moments of the years 1 to 9999 in words (UTC), all else as the number that is stored."""
    numbers, kind = _as_integers(column), column.type
    texts = [None if n is None else str(n) for n in numbers.to_pylist()]
    if not (pa.types.is_timestamp(kind) or pa.types.is_date32(kind)):
        return texts
    first, last = _spoken(kind)
    usual = pc.and_(pc.greater_equal(numbers, first), pc.less_equal(numbers, last))
    spoken = pc.if_else(usual, numbers, None).view(_without_zone(kind)).cast(pa.string())
    end = "Z" if pa.types.is_timestamp(kind) and kind.tz else ""
    pairs = zip(texts, spoken.to_pylist(), strict=True)
    return [text if word is None else word + end for text, word in pairs]


def _without_zone(kind: Any) -> Any:
    return pa.timestamp(kind.unit) if pa.types.is_timestamp(kind) else kind


def _spoken(kind: Any) -> tuple[int, int]:
    """The first and the last number that is said in words."""
    if pa.types.is_date32(kind):
        return _FIRST_SECOND // _DAY, _LAST_SECOND // _DAY
    times = _UNITS[kind.unit]
    return max(_FIRST_SECOND * times, -(2**63)), min((_LAST_SECOND + 1) * times - 1, 2**63 - 1)


def _as_integers(column: Any) -> Any:
    width = pa.int32() if column.type.bit_width == 32 else pa.int64()
    return column.view(width)


def exact_rows(batch: Any, texts: Sequence[Sequence[str | None]]) -> Iterator[dict[str, Stored]]:
    """The cells of each row as they are stored; `texts` are those that are shown."""
    names = [str(name) for name in batch.schema.names]
    columns = [_exact(column, shown) for column, shown in zip(batch.columns, texts, strict=True)]
    for row in zip(*columns, strict=True):
        yield {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}


def _exact(column: Any, shown: Sequence[str | None]) -> Sequence[Stored | None]:
    """As they are shown wherever that loses nothing."""
    kind = column.type
    as_shown = _is_text(kind) or not is_exact(kind) or (_is_time(kind) and _says(shown, column))
    if not as_shown:
        return cells_of(column)
    return [None if text is None else str(text) for text in shown]


def _says(shown: Sequence[str | None], column: Any) -> bool:
    """Whether these texts are read back as the same moments."""
    try:
        return bool(column_of(shown, column.type).equals(column))
    except (pa.ArrowException, ValueError):
        return False


def column_of(cells: Sequence[Imported], kind: Any) -> Any:
    """The array that such cells came from. Raises `ValueError` where they are of another type."""
    texts = [cell.json if isinstance(cell, Value) else cell for cell in cells]
    if pa.types.is_dictionary(kind):
        words = column_of(cells, kind.value_type).dictionary_encode()
        return pa.DictionaryArray.from_arrays(
            words.indices.cast(kind.index_type), words.dictionary, ordered=kind.ordered
        )
    if pa.types.is_floating(kind):
        return pa.array([None if t is None else float(t) for t in texts], pa.float64()).cast(kind)
    if pa.types.is_integer(kind):
        return pa.array([None if t is None else int(t) for t in texts], kind)
    if pa.types.is_boolean(kind):
        return pa.array([None if t is None else _TRUTHS[t] for t in texts], kind)
    if pa.types.is_decimal(kind):
        return pa.array([None if t is None else Decimal(t) for t in texts], kind)
    if _is_time(kind):
        return _times(texts, kind)
    if not _is_text(kind) and _is_plain(kind):
        return pa.array([None if t is None else json.loads(t) for t in texts], kind)
    return pa.array(texts, kind)


_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


def _times(texts: Sequence[str | None], kind: Any) -> Any:
    width = pa.int32() if kind.bit_width == 32 else pa.int64()
    digits = [t if t is None or t.lstrip("-").isdecimal() else None for t in texts]
    if digits == texts:
        return pa.array([None if t is None else int(t) for t in digits], width).view(kind)
    pairs = zip(texts, digits, strict=True)
    words = [t.removesuffix("Z") if t and digit is None else None for t, digit in pairs]
    said = _as_integers(pa.array(words, pa.string()).cast(_without_zone(kind))).to_pylist()
    numbers = [n if d is None else int(d) for n, d in zip(said, digits, strict=True)]
    return pa.array(numbers, width).view(kind)
