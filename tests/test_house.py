"""The measures of the house: what is too long, too wide or too vague is named by its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
MOST_PARAMETERS = 5
WIDE_SHARE = 0.01  # of all functions; a command has one parameter an option
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_ROUTE = 300, 60, 15
ANY_A_THOUSAND_LINES, UNTYPED_DICTS = 6, 60
VERBS = {"get", "post", "put", "patch", "delete"}
HEAVY = {
    *("numpy", "scipy", "sklearn", "faiss", "cleanlab", "pyarrow", "PIL", "distributed"),
    *("threadpoolctl", "zxcvbn", "rich", "structlog"),
}
"""Packages whose loading is felt: what needs one only now and then loads it then."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def sources() -> dict[Path, str]:
    return {path.relative_to(ROOT): path.read_text() for path in (ROOT / "app").rglob("*.py")}


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(text) for path, text in sources().items()}


def functions() -> Iterator[tuple[str, Function]]:
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path}:{node.lineno} {node.name}", node


def parameters(function: Function) -> int:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return len([one for one in every if one.arg not in ("self", "cls")])


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def is_route(function: Function) -> bool:
    return any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in VERBS
        for one in function.decorator_list
    )


def test_the_house_is_found() -> None:
    assert len(sources()) > 300 and len(list(functions())) > 1_500


def test_hardly_any_function_has_more_than_five_parameters() -> None:
    wide = [where for where, function in functions() if parameters(function) > MOST_PARAMETERS]
    assert len(wide) <= WIDE_SHARE * len(list(functions())), wide
    assert [where for where in wide if not where.startswith("app/cli/")] == []


def test_no_file_and_no_function_is_too_long() -> None:
    files = {str(path): text.count("\n") for path, text in sources().items()}
    assert {path: lines for path, lines in files.items() if lines > LONGEST_FILE} == {}
    assert [where for where, one in functions() if length(one) > LONGEST_FUNCTION] == []


def test_a_route_parses_calls_one_action_and_answers() -> None:
    routes = [(where, one) for where, one in functions() if is_route(one)]
    assert len(routes) > 100
    assert [where for where, one in routes if length(one) > LONGEST_ROUTE] == []


def test_types_say_what_data_is() -> None:
    lines = sum(text.count("\n") for text in sources().values())
    vague = {
        str(path): sum(isinstance(n, ast.Name) and n.id == "Any" for n in ast.walk(tree))
        for path, tree in trees().items()
    }
    worst = sorted(vague.items(), key=lambda pair: -pair[1])[:5]
    assert 1_000 * sum(vague.values()) / lines <= ANY_A_THOUSAND_LINES, worst
    assert sum(t.count("dict[str, Any]") for t in sources().values()) <= UNTYPED_DICTS


def test_an_import_inside_a_function_loads_something_heavy() -> None:
    graph = grimp.build_graph("app", include_external_packages=True)
    there = graph.modules
    light = []
    for where, function in functions():
        for node in ast.walk(function):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            named = [node.module] if isinstance(node, ast.ImportFrom) else [node.names[0].name]
            for module in [name or "" for name in named]:
                if module.split(".")[0] in HEAVY:
                    continue
                heavy = [one for one in HEAVY & there if graph.chain_exists(module, one)]
                if not heavy:
                    light.append(f"{where}: {module}")
    assert light == []
