"""JSON Schema in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]

LARGEST_NAMED = 10**12  # a larger bound says no more than that it is a number
WORDS = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
}
FORMATS = {"date-time": "time", "date": "date", "uuid": "UUID", "binary": "file"}


def fields(shape: Schema) -> Iterable[tuple[str, Schema]]:
    properties: Mapping[str, Schema] = shape.get("properties", {})
    return properties.items()


def type_of(schema: Schema, shapes: Schema) -> str:
    """What a value is: in words, with its bounds; shapes are linked."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return (
            f"[{name}](#{name.lower()})" if fields(shapes[name]) else type_of(shapes[name], shapes)
        )
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        return " or ".join(type_of(one, shapes) for one in schema["anyOf"])
    kind = schema.get("type", "")
    if kind == "array":
        most = f", at most {schema['maxItems']:,}" if "maxItems" in schema else ""
        return f"list of {_items(schema, shapes)}{most}"
    if kind == "string":
        return _text(schema)
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {type_of(schema['additionalProperties'], shapes)}"
    return WORDS.get(kind, "any value") + _bounds(schema)


def _items(schema: Schema, shapes: Schema) -> str:
    if "prefixItems" in schema:
        return " and ".join(type_of(one, shapes) for one in schema["prefixItems"])
    return type_of(schema.get("items", {}), shapes)


def _text(schema: Schema) -> str:
    if "contentMediaType" in schema:
        return "file"
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    least, most = schema.get("minLength"), schema.get("maxLength")
    if least is not None and least == most:
        return f"text of {least} characters"
    if least or most:
        return f"text of {least or 0} to {most:,} characters" if most else "text, not empty"
    return "text"


def _bounds(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is not None and most < LARGEST_NAMED:
        return f", {least or 0:,.0f} to {most:,.0f}"
    return f" from {least:,.0f}" if least is not None else ""
