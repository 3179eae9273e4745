"""Rules that a reader of the source can check: no way round the ones that are safe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from app.main import create_app
from app.settings import Settings
from app.web.forms import FormInput
from app.web.payloads import Payload
from tests.sweeps.told import told

ROOT = Path(__file__).parents[2]


def lines_with(pattern: str, *folders: str, ends: tuple[str, ...] = (".py",)) -> list[str]:
    found = []
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in ends and file.is_file():
                for number, line in enumerate(file.read_text().splitlines(), start=1):
                    if re.search(pattern, line):
                        found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()}")
    return found


def test_nothing_in_a_template_goes_round_escaping():
    pattern = r"\|\s*safe\b|autoescape|Markup\("
    assert not (
        found := lines_with(pattern, "templates", ends=(".html", ".svg", ".txt", ".jinja"))
    ), told(found)


def test_templates_hold_no_inline_style_or_script():
    pattern = r"\sstyle=|<style|\son[a-z]+=|javascript:"
    assert not (found := lines_with(pattern, "templates", ends=(".html",))), told(found)
    script = r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")"
    assert not (found := lines_with(script, "templates", ends=(".html",))), told(found)


def test_scripts_write_text_never_markup():
    pattern = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not (found := lines_with(pattern, "static", ends=(".js",))), told(found)


def test_nothing_unpickles_what_a_person_sent():
    # `pickletools` lists the instructions of a pickle and follows none of them.
    pattern = r"import pickle\b|\bpickle\.|joblib|torch\.load|allow_pickle=True|yaml\.load\("
    assert not (found := lines_with(pattern, "app")), told(found)


def test_styles_use_tokens_not_colours():
    pattern = r"#[0-9a-fA-F]{3,8}\b(?!\s*\{)|rgba?\((?!0 0 0 / 40%)"
    found = [line for line in lines_with(pattern, "static", ends=(".css",)) if "tokens" not in line]
    assert not found, told(found)


def bodies() -> list[tuple[str, type[BaseModel]]]:
    app = create_app(Settings(data=Path("/nonexistent"), log_level="ERROR"))
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        field = getattr(route, "body_field", None)
        if field is not None:
            found.append((context.path, field.field_info.annotation, field.field_info))
    return found


@pytest.mark.parametrize("path, model, info", bodies())
def test_every_body_refuses_unknown_fields(path: str, model: type[BaseModel], info: object):
    root = FormInput if "form" in type(info).__name__.lower() else Payload
    if type(info).__name__ == "File":
        return  # several parts; FastAPI makes the model
    assert issubclass(model, root), f"{path}: {model} is no {root.__name__}"
