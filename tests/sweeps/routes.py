"""Every route of the site, found by asking the site, never from a list by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from app.web.bodies import is_upload
from app.web.public import is_public

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    operation: dict[str, Any]  # as the site's own description tells it
    schemas: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def public(self) -> bool:
        return is_public(self.path.replace("{token}", "x"))

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return list(self.operation.get("parameters", []))

    @property
    def body(self) -> tuple[str, dict[str, Any]] | None:
        """The media type and the schema of the body, where there is one."""
        content = self.operation.get("requestBody", {}).get("content", {})
        for media, found in content.items():
            return media, found.get("schema", {})
        return None


def every_route(app: FastAPI) -> list[Route]:
    return list(_routes(app))


def json_routes(app: FastAPI) -> Iterator[Route]:
    """The routes that read JSON from who is signed in."""
    for route in every_route(app):
        reads = route.method in UNSAFE and not route.public and not is_upload(route.path)
        if reads and route.path.startswith("/api/"):
            yield route


def _routes(app: FastAPI) -> Iterator[Route]:
    described = app.openapi()
    schemas = described.get("components", {}).get("schemas", {})
    for context in iter_route_contexts(app.routes):
        if context.path == "/static":
            assert isinstance(context.original_route, Mount)
            continue
        assert context.path and context.methods, f"{context} is no route a sweep can call"
        for method in sorted(context.methods - {"HEAD"}):
            operation = described["paths"].get(context.path, {}).get(method.lower())
            assert operation, (
                f"{method} {context.path}: leave it in the description, for the sweeps"
            )
            yield Route(method, context.path, operation, schemas)
