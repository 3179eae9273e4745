"""The scripts' arrows point one way: read from their import statements and their JSDoc types."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter

import pytest

from app.settings import shipped

STATIC = shipped("static")
SCRIPTS = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js"))
LONGEST = 200  # lines
# `from "./x.js"`, `import "./x.js"`, `import("./x.js")`; the last one also in a JSDoc type, which
# says whom an object is given: a script that holds another one has to name its type.
NAMED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")
HUSHED = re.compile(r"@ts-(?:ignore|expect-error|nocheck)|[{<(,|:]\s*any\b|\bany\s*[}>|]")
MODELS = (
    "review/course.js",
    "review/desk-life.js",
    "review/held.js",
    "review/outbox.js",
    "review/project-words.js",
    "review/grid/grid-course.js",
    "review/grid/supply.js",
)


def words(script: str) -> str:
    return (STATIC / script).read_text(encoding="utf-8")


def named(script: str) -> set[str]:
    """The scripts that this one imports or holds."""
    folder = (STATIC / script).parent
    paths = [(folder / name).resolve() for name in NAMED.findall(words(script))]
    return {path.relative_to(STATIC.resolve()).as_posix() for path in paths}


ARROWS = {script: named(script) for script in SCRIPTS}


def reached(script: str) -> set[str]:
    """Everything that can be got at from here."""
    seen: set[str] = set()
    ahead = [script]
    while ahead:
        for name in ARROWS[ahead.pop()] - seen:
            seen.add(name)
            ahead.append(name)
    return seen


def test_every_named_script_is_there() -> None:
    assert "review/outbox.js" in ARROWS["review/desk.js"]
    assert {name for names in ARROWS.values() for name in names} <= set(SCRIPTS)


def test_no_script_comes_back_to_itself() -> None:
    try:
        TopologicalSorter(ARROWS).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(reversed(circle.args[1])))


@pytest.mark.parametrize("script", MODELS)
def test_what_is_painted_knows_nobody_who_paints(script: str) -> None:
    painters = {name for name in SCRIPTS if "customElements.define" in words(name)}
    assert painters & reached(script) == set()


def test_keys_lead_to_the_course_and_the_course_to_the_outbox() -> None:
    assert "review/course.js" in reached("review/desk-input.js")
    assert "review/outbox.js" in reached("review/course.js")
    assert reached("review/outbox.js") <= {
        *("review/calls.js", "review/entry.js", "review/outbox-store.js"),
        *("review/payload.js", "review/teller.js"),
    }


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_short_and_hides_nothing_from_the_type_check(script: str) -> None:
    lines = words(script).splitlines()
    assert lines[0] == "// @ts-check"
    assert len(lines) <= LONGEST
    assert not [line for line in lines if HUSHED.search(line)]


def test_the_type_check_reads_every_script() -> None:
    written = (STATIC.parent / "tsconfig.json").read_text(encoding="utf-8")
    for setting in ('"checkJs": true', '"strict": true', '"include": ["static/**/*.js"]'):
        assert setting in written
