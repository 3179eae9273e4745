"""What the types of Arrow are to an import. Needs pyarrow: only where it is."""

from __future__ import annotations

from typing import Any, TypeAlias

import pyarrow as pa

Kind: TypeAlias = Any
"""The type of a column; pyarrow brings no types of its own."""

Scalar: TypeAlias = Any
"""One value of a column."""

Schema: TypeAlias = Any
"""The names and types of columns, and what a tool wrote of them."""

Batch: TypeAlias = Any
"""Some rows of a table, column by column."""

Column: TypeAlias = Any
"""An array of values of one kind."""


def plain_kind(kind: Kind) -> Kind:
    """The type of the values, where a column keeps each of them once."""
    return plain_kind(kind.value_type) if pa.types.is_dictionary(kind) else kind


def is_text(kind: Kind) -> bool:
    t = pa.types
    return bool(t.is_string(kind) or t.is_large_string(kind) or t.is_string_view(kind))


def is_number(kind: Kind) -> bool:
    """Numbers, and true and false."""
    t = pa.types
    return bool(t.is_integer(kind) or t.is_floating(kind) or t.is_boolean(kind))


def is_bytes(kind: Kind) -> bool:
    t, kind = pa.types, plain_kind(kind)
    sized = t.is_fixed_size_binary(kind) or t.is_large_binary(kind)
    return bool(sized or t.is_binary(kind) or t.is_binary_view(kind))


def is_date(kind: Kind) -> bool:
    return bool(pa.types.is_date32(kind) or pa.types.is_date64(kind))


def is_time(kind: Kind) -> bool:
    return bool(pa.types.is_temporal(kind)) and not pa.types.is_interval(kind)


def is_word(kind: Kind) -> bool:
    """Whether values are words or numbers, which any table may hold."""
    kind = plain_kind(kind)
    return is_text(kind) or is_number(kind) or bool(pa.types.is_null(kind))


def says_json(kind: Kind) -> bool:
    """Numbers, truths and texts, and lists and structs of them: JSON says them exactly."""
    t = pa.types
    if t.is_list(kind) or t.is_large_list(kind) or t.is_fixed_size_list(kind):
        return says_json(kind.value_type)
    if t.is_struct(kind):
        fields = [kind.field(place) for place in range(kind.num_fields)]
        once = len({field.name for field in fields}) == len(fields)
        return once and all(says_json(field.type) for field in fields)
    return is_number(kind) or is_text(kind)
