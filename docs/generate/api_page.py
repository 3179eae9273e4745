"""docs/api.md: every route, from the site's own description of itself."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from app.main import create_app
from app.settings import Settings
from app.web.public import is_public
from docs.generate.sentences import INTRO, SENTENCES
from docs.generate.shapes import fields, type_of
from docs.generate.tables import page, table

Schema = Mapping[str, Any]
API = "/api/"
ORDER = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """A method of an address, as the description tells it."""

    method: str
    path: str
    told: Schema

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def docstring(self) -> str:
        return str(self.told.get("description", "")).partition("\n\n")[0]

    @property
    def sentence(self) -> str:
        """What it does: its own words, or those that stand in for them."""
        return self.docstring or SENTENCES.get(self.name, "")

    @property
    def parameters(self) -> Sequence[Schema]:
        return list(self.told.get("parameters", ()))

    @property
    def body(self) -> tuple[str, Schema] | None:
        content = self.told.get("requestBody", {}).get("content", {})
        return next(((media, found["schema"]) for media, found in content.items()), None)

    @property
    def answers(self) -> Iterator[tuple[str, Schema]]:
        for status, answer in self.told["responses"].items():
            if status.startswith("2"):
                yield status, answer.get("content", {}).get("application/json", {}).get("schema")


def described() -> Schema:
    """The whole site's description; no database is opened for it."""
    site = create_app(Settings(data=Path("/nonexistent"), log_level="ERROR"))
    return site.openapi()


def routes(description: Schema) -> list[Route]:
    return [
        Route(method, path, operations[method])
        for path, operations in sorted(description["paths"].items())
        for method in ORDER
        if method in operations
    ]


def api_page() -> str:
    description = described()
    shapes = description["components"]["schemas"]
    found = routes(description)
    for_programs = [route for route in found if route.path.startswith(API)]
    return page(
        "API",
        INTRO.splitlines(),
        ["", "## Routes", ""],
        (line for route in for_programs for line in _route(route, shapes)),
        ["## Shapes", ""],
        (line for name in _answered(for_programs, shapes) for line in _shape(name, shapes)),
        (line for shape in typed_dicts() for line in _typed_dict(shape)),
        ["## Addresses of pages", "", "For people; forms, not JSON. They may change.", ""],
        table(("address", "methods", ""), _pages(found)),
    )


def _route(route: Route, shapes: Schema) -> Iterator[str]:
    yield from (f"### {route.name}", "", route.sentence, "")
    asked = [one for one in route.parameters if one["in"] == "query"]
    rows = [
        (f"`{one['name']}`", type_of(one["schema"], shapes), _given(one["schema"], one["required"]))
        for one in asked
    ]
    yield from table(("query", "is", ""), rows)
    if route.body is not None:
        media, schema = route.body
        body = shapes[_name(schema)]
        if body.get("description") and media == "application/json":
            yield from (" ".join(body["description"].split()), "")
        head = ("field", "is", "") if media == "application/json" else ("form field", "is", "")
        yield from table(head, _rows(body, shapes))
    for status, schema in route.answers:
        yield from (f"Answers {status}{_with(schema, shapes)}.", "")


def _with(schema: Schema | None, shapes: Schema) -> str:
    if schema is None:
        return ", with nothing"
    return f": {type_of(schema, shapes)}" if schema else ""


def _rows(shape: Schema, shapes: Schema) -> Iterator[tuple[str, str, str]]:
    for name, schema in fields(shape):
        words = [_given(schema, name in shape.get("required", ())), schema.get("description", "")]
        yield f"`{name}`", type_of(schema, shapes), " ".join(word for word in words if word)


def _given(schema: Schema, required: bool) -> str:
    if required:
        return "Needed."
    default = schema.get("default")
    return "" if default in (None, "", [], {}) else f"Else `{default}`."


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _answered(found: Iterable[Route], shapes: Schema) -> list[str]:
    """Every shape that an answer or a body holds, and what those hold."""
    bodies = [shapes[_name(route.body[1])] for route in found if route.body is not None]
    answers = [schema for route in found for _, schema in route.answers]
    names, waiting = set[str](), _names_in(str([bodies, answers]))
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting |= _names_in(str(shapes[name]))
    return sorted(name for name in names if "properties" in shapes[name])


def _names_in(text: str) -> set[str]:
    return set(re.findall(r"#/components/schemas/(\w+)", text))


def _shape(name: str, shapes: Schema) -> Iterator[str]:
    shape = shapes[name]
    yield from (f"### {name}", "")
    if shape.get("description"):
        yield from (" ".join(shape["description"].split()), "")
    rows = ((f"`{field}`", type_of(schema, shapes)) for field, schema in fields(shape))
    yield from table(("field", "is"), rows)


def typed_dicts() -> list[type]:
    """Replies that are sent as they stand, and what they hold."""
    modules = [module for name, module in sorted(sys.modules.items()) if _speaks(name)]
    found: dict[str, type] = {}
    waiting = [shape for module in modules for shape in _own_typed_dicts(module)]
    while waiting:
        shape = waiting.pop()
        if shape.__name__ not in found:
            found[shape.__name__] = shape
            waiting += _inside(typing.get_type_hints(shape).values())
    return [found[name] for name in sorted(found)]


def _speaks(module: str) -> bool:
    return module.startswith("app.web.api.")


def _own_typed_dicts(module: ModuleType) -> list[type]:
    members = [thing for _, thing in inspect.getmembers(module, typing.is_typeddict)]
    return [cast(type, thing) for thing in members if thing.__module__ == module.__name__]


def _inside(hints: Iterable[Any]) -> list[type]:
    found: list[type] = []
    for hint in hints:
        if typing.is_typeddict(hint):
            found.append(hint)
        found += _inside(typing.get_args(hint))
    return found


def _typed_dict(shape: type) -> Iterator[str]:
    yield from (f"### {shape.__name__}", "")
    if shape.__doc__ and not shape.__doc__.startswith("dict("):
        yield from (" ".join(shape.__doc__.split()), "")
    hints = typing.get_type_hints(shape)
    yield from table(("field", "is"), ((f"`{name}`", _spelt(hint)) for name, hint in hints.items()))


PYTHON = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "None": "null",
    "NoneType": "null",
    "|": "or",
}


def _spelt(hint: Any) -> str:
    """A type of Python in the words of the rest of the page."""
    words = hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
    words = re.sub(r"(?:\w+\.)+(\w+)", r"\1", words)
    words = re.sub(r"\w+|\|", lambda found: PYTHON.get(found[0], found[0]), words)
    return re.sub(r"(list|Sequence)\[(.+)\]", r"list of \2", words)


def _pages(found: Iterable[Route]) -> list[tuple[str, str, str]]:
    rows: dict[str, list[str]] = {}
    for route in found:
        if not route.path.startswith(API):
            rows.setdefault(route.path, []).append(route.method.upper())
    return [
        (f"`{path}`", ", ".join(methods), "public" if is_public(path) else "")
        for path, methods in rows.items()
    ]
