"""Valid input for a route, made from its own description and the rows of a world.

A field whose valid values cannot be told from its schema needs an example in its model:
`Field(examples=["…"])`, or `model_config = ConfigDict(json_schema_extra={"examples": [{…}]})`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.sweeps.routes import Route

Texts = Callable[[str], str]


@dataclass
class Request:
    """What to send: address, and at most one kind of body."""

    method: str
    url: str
    query: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    form: dict[str, Any] | None = None
    files: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, client: Any) -> Any:
        body: dict[str, Any] = {}
        if self.json is not None:
            body["json"] = self.json
        if self.form is not None:
            body["data"] = self.form
        if self.files:
            body["files"] = self.files
        return client.request(
            self.method, self.url, params=self.query, headers=self.headers, **body
        )


TYPES = {"integer": int, "number": int, "string": str, "array": list, "boolean": bool}


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value known by name is of the type that is asked for here."""
    kinds = {one.get("type") for one in (schema, *schema.get("anyOf", []))} - {None}
    return not kinds or any(isinstance(value, TYPES.get(str(kind), ())) for kind in kinds)


class Filler:
    """Fills by name from the world first, then by schema. `texts` writes free text."""

    def __init__(
        self, known: dict[str, Any], *, texts: Texts | None = None, optional: bool = False
    ) -> None:
        self.known = known
        self.texts = texts
        self.optional = optional

    def request(self, route: Route) -> Request:
        made = Request(route.method, self._url(route))
        for parameter in route.parameters:
            if parameter["in"] == "query" and (parameter.get("required") or self.optional):
                made.query[parameter["name"]] = self._value(
                    parameter["schema"], parameter["name"], route
                )
        self._fill_body(made, route)
        return made

    def _url(self, route: Route) -> str:
        def one(found: re.Match[str]) -> str:
            name = found[1].partition(":")[0]
            if name not in self.known:
                raise AssertionError(
                    f"{route.name}: the sweeps do not know a {{{name}}}; "
                    "add it to `furnish` in tests/sweeps/world.py"
                )
            return str(self.known[name])

        return re.sub(r"\{([^}]+)\}", one, route.path)

    def _fill_body(self, made: Request, route: Route) -> None:
        body = route.body
        if body is None:
            return
        media, schema = body
        value = self._value(schema, "", route)
        if media == "application/json":
            made.json = value
        elif media == "multipart/form-data":
            made.files = {
                name: part for name, part in value.items() if isinstance(part, tuple)
            } or {"csrf": (None, b"")}
            made.form = {name: part for name, part in value.items() if name not in made.files}
        elif media == "application/x-www-form-urlencoded":
            made.form = value
        else:
            raise AssertionError(f"{route.name}: the sweeps cannot send {media}")

    def _value(self, schema: dict[str, Any], name: str, route: Route) -> Any:
        schema = self._resolved(schema, route)
        if name in self.known and fits(self.known[name], schema):
            return self.known[name]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("examples"):
            return schema["examples"][0]
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                some = [one for one in schema[choice] if one.get("type") != "null"]
                return self._value(some[0], name, route)
        return self._of_type(schema, name, route)

    def _of_type(self, schema: dict[str, Any], name: str, route: Route) -> Any:
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, route)
        if kind == "array":
            item = self._value(schema.get("items", {}), name, route)
            return [item] * max(1, schema.get("minItems", 1))
        if kind == "integer":
            return max(1, schema.get("minimum", 1))
        if kind == "number":
            return schema.get("minimum", 1)
        if kind == "boolean":
            return False
        if kind == "string":
            return self._text(schema, name, route)
        raise AssertionError(f"{route.name}: no valid value can be made for {name!r}: {schema}")

    def _object(self, schema: dict[str, Any], route: Route) -> dict[str, Any]:
        required = schema.get("required", [])
        made = {}
        properties = schema.get("properties", {})
        either = {"lease", "batch"} & set(properties)  # names an example by itself
        for name, inner in properties.items():
            if name == "csrf" or (name == "example" and either and name not in required):
                continue
            known = name in self.known and fits(self.known[name], self._resolved(inner, route))
            if name in required or known or self.optional:
                made[name] = self._value(inner, name, route)
        return made

    def _text(self, schema: dict[str, Any], name: str, route: Route) -> Any:
        binary = schema.get("format") == "binary" or "contentMediaType" in schema
        if binary:
            return ("a.csv", b"id,text,label\n1,one,a\n2,two,b\n", "text/csv")
        least, most = schema.get("minLength", 1), schema.get("maxLength", 10_000)
        if "pattern" not in schema and "format" not in schema and self.texts is not None:
            return self.texts(name)[:most]
        if schema.get("format") == "uuid":
            return "00000000-0000-4000-8000-000000000000"
        if schema.get("format") in ("date", "date-time"):
            return "2026-06-01" + ("T12:00:00Z" if schema["format"] == "date-time" else "")
        text = ("a" * least)[:most]
        if "pattern" in schema and not re.search(schema["pattern"], text):
            raise AssertionError(f"{route.name}: {name!r} needs an example in its model")
        return text

    def _resolved(self, schema: dict[str, Any], route: Route) -> dict[str, Any]:
        if "$ref" in schema:
            return dict(route.schemas[schema["$ref"].rsplit("/", 1)[1]])
        if len(schema.get("allOf", [])) == 1:
            return self._resolved(schema["allOf"][0], route)
        return schema
