"""Cells of typed columns as texts that lose nothing, and back. Needs pyarrow: only where it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import pyarrow as pa

from app.datasets.arrow_kinds import (
    Batch,
    Column,
    Kind,
    Schema,
    is_date,
    is_number,
    is_text,
    is_time,
    says_json,
)
from app.datasets.arrow_times import as_integers, moments
from app.datasets.cell import NAN, Imported, Stored, Value
from app.datasets.given import ARROW, Writing

_NAN = [NAN]


def writing_of(schema: Schema) -> Writing:
    """The schema of a file, with all that it says of itself."""
    return {"values": ARROW, "arrow": base64.b64encode(schema.serialize().to_pybytes()).decode()}


def schema_of(writing: Writing) -> Schema:
    """The other way; None where the file had none."""
    said = writing.get("arrow")
    return None if said is None else pa.ipc.read_schema(pa.py_buffer(base64.b64decode(said)))


def types_of(schema: Schema) -> dict[str, str]:
    """Of the columns whose cells are plain numbers, true or false."""
    return {field.name: str(field.type) for field in schema if is_number(field.type)}


def is_exact(kind: Kind) -> bool:
    """Whether cells of this type come back as they were."""
    if pa.types.is_dictionary(kind):
        return not pa.types.is_dictionary(kind.value_type) and is_exact(kind.value_type)
    if pa.types.is_null(kind) or is_time(kind) or pa.types.is_decimal(kind):
        return True
    return says_json(kind)


def cells_of(column: Column) -> Sequence[Stored | None]:
    """A column's cells as they are stored; None where there is nothing."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return cells_of(column.dictionary_decode())
    if pa.types.is_floating(kind):
        return [_float_cell(value) for value in column.cast(pa.float64()).to_pylist()]
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return [None if v is None else str(v).lower() for v in column.to_pylist()]
    if is_text(kind) or pa.types.is_null(kind):
        texts: list[Stored | None] = column.to_pylist()
        return texts
    if pa.types.is_timestamp(kind) or is_date(kind):
        return moments(column)
    if is_time(kind):
        return [None if n is None else str(n) for n in as_integers(column).to_pylist()]
    if says_json(kind):
        return [None if v is None else [_compact(v)] for v in column.to_pylist()]
    return [None if v is None else str(v) for v in column.to_pylist()]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _float_cell(value: float | None) -> Stored | None:
    if value is None:
        return None
    return repr(value) if value == value else _NAN  # NaN is not itself


def _without_zone(kind: Kind) -> Kind:
    return pa.timestamp(kind.unit) if pa.types.is_timestamp(kind) else kind


def exact_rows(batch: Batch, texts: Sequence[Sequence[str | None]]) -> Iterator[dict[str, Stored]]:
    """The cells of each row as they are stored; `texts` are those that are shown."""
    names = [str(name) for name in batch.schema.names]
    columns = [_exact(column, shown) for column, shown in zip(batch.columns, texts, strict=True)]
    for row in zip(*columns, strict=True):
        yield {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}


def _exact(column: Column, shown: Sequence[str | None]) -> Sequence[Stored | None]:
    """As they are shown, of texts and of what does not come back as it was."""
    if not is_text(column.type) and is_exact(column.type):
        return cells_of(column)
    return [None if text is None else str(text) for text in shown]


def column_of(cells: Sequence[Imported], kind: Kind) -> Column:
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
    if is_time(kind):
        return _times(texts, kind)
    if not is_text(kind) and says_json(kind):
        return pa.array([None if t is None else json.loads(t) for t in texts], kind)
    return pa.array(texts, kind)


_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


def _times(texts: Sequence[str | None], kind: Kind) -> Column:
    width = pa.int32() if kind.bit_width == 32 else pa.int64()
    digits = [t if t is None or t.lstrip("-").isdecimal() else None for t in texts]
    if digits == texts:
        return pa.array([None if t is None else int(t) for t in digits], width).view(kind)
    pairs = zip(texts, digits, strict=True)
    words = [t.removesuffix("Z") if t and digit is None else None for t, digit in pairs]
    said = as_integers(pa.array(words, pa.string()).cast(_without_zone(kind))).to_pylist()
    numbers = [n if d is None else int(d) for n, d in zip(said, digits, strict=True)]
    return pa.array(numbers, width).view(kind)
