"""What the code has is documented, and what the documents name is there.

Everything is found by asking the code, never from a list by hand: a new command, setting, route or
kind fails here until somebody has written what it is.
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

import app.db.words as words
from app.actions.tasks.registry import TASKS
from app.cli.main import EXIT_CODES
from app.datasets.formats.registry import FORMATS as FILE_FORMATS
from app.datasets.roles import ROLES
from app.datatypes.registry import TYPES
from app.db.tables.all import metadata
from app.ranking.by_evidence import BY_EVIDENCE
from app.ranking.signal_names import SIGNALS
from app.releases.formats.registry import FORMATS
from app.review.batches.rules.registry import RULES
from app.scoring.methods import METHOD_NAMES
from app.settings import Settings
from docs.generate.__main__ import PAGES
from docs.generate.api_page import Route, described, routes
from docs.generate.commands_page import commands, unexplained
from docs.generate.errors_page import every_code
from docs.generate.sentences import SENTENCES

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LAYERS = "Arrows point down"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def documents() -> list[Path]:
    """Every page that people read, those made from the code too."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def names(document: str) -> set[str]:
    """What a page sets in code."""
    return set(re.findall(r"`([^`\n]+)`", read(document)))


@cache
def api() -> list[Route]:
    return [route for route in routes(described()) if route.path.startswith("/api/")]


# Pages that are made from the code


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_code_is_as_the_code_is_now(name):
    assert read(f"docs/{name}") == PAGES[name](), f"docs/{name} is stale: run make docs"


def test_every_route_of_the_api_says_what_it_does():
    assert not [route.name for route in api() if not route.sentence]


def test_no_sentence_stands_in_for_a_route_that_speaks_for_itself_or_is_gone():
    needed = {route.name for route in api() if not route.docstring}
    assert not set(SENTENCES) - needed, "take these out of docs/generate/sentences.py"


def test_every_address_is_in_the_api_page():
    page = names("docs/api.md") | set(re.findall(r"### (.+)", read("docs/api.md")))
    every = routes(described())
    missing = [one.name for one in every if one.name not in page and one.path not in page]
    assert not missing


def test_every_command_and_option_says_what_it_is():
    bare = {name: unexplained(context) for name, context in commands()}
    assert not {name: options for name, options in bare.items() if options}
    page = re.findall(r"^## (relabel .+)$", read("docs/commands.md"), flags=re.MULTILINE)
    assert page == [name for name, _ in commands()]


def test_every_error_code_is_documented():
    assert not every_code() - names("docs/errors.md")


# Settings, and where things run


def test_every_setting_is_documented_and_no_other():
    there = {f"RELABEL_{name.upper()}" for name in Settings.model_fields}
    told = set(re.findall(r"^\| `(RELABEL_\w+)`", read("docs/operate.md"), flags=re.MULTILINE))
    assert told == there
    everywhere = " ".join(path.read_text() for path in documents()) + read("docker-compose.yml")
    assert set(re.findall(r"RELABEL_[A-Z_]+\b", everywhere)) <= there


def test_every_exit_code_is_documented():
    codes = {str(code) for _, code in EXIT_CODES} | {"0", "2"}
    told = set(re.findall(r"^\| `(\d+)` \|", read("docs/operate.md"), flags=re.MULTILINE))
    assert told == codes


# Kinds and words


def members_of_a_kind(kind: str) -> set[str]:
    """The names in the line of a kind, in the table of the architecture's page."""
    line = re.search(rf"^\| {kind} \|.*\|(.*)\|$", read("docs/architecture.md"), flags=re.MULTILINE)
    assert line, f"docs/architecture.md has no line for {kind}"
    return set(re.findall(r"`([^`]+)`", line[1]))


def first_column(document: str) -> set[str]:
    return set(re.findall(r"^\| `([a-z_]+)` \|", read(document), flags=re.MULTILINE))


KINDS = {
    "batch rule": RULES,
    "data type": TYPES,
    "task": TASKS,
    "format of a file": FILE_FORMATS,
    "role of a column": ROLES,
    "format of a release": FORMATS,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_of_a_kind_is_documented_and_no_other(kind):
    assert members_of_a_kind(kind) == {str(name) for name in KINDS[kind]}


@pytest.mark.parametrize(
    "document, there",
    [
        ("docs/ranking.md", {*METHOD_NAMES, *BY_EVIDENCE}),
        ("docs/signals.md", set(SIGNALS)),
    ],
)
def test_every_score_and_every_signal_has_its_row(document, there):
    assert first_column(document) == there


def closed_sets() -> list[type[StrEnum]]:
    found = [thing for _, thing in inspect.getmembers(words, inspect.isclass)]
    return [one for one in found if issubclass(one, StrEnum) and one is not StrEnum]


@pytest.mark.parametrize("closed", closed_sets(), ids=lambda closed: closed.__name__)
def test_every_word_that_is_stored_is_in_the_glossary(closed):
    assert not {word.value for word in closed} - names("docs/glossary.md")


def glossary() -> dict[str, str]:
    lines = re.findall(r"^- \*\*(.+?)\*\*: (.+)$", read("docs/glossary.md"), flags=re.MULTILINE)
    assert len(lines) == len(re.findall(r"^- ", read("docs/glossary.md"), flags=re.MULTILINE))
    return dict(lines)


def test_the_glossary_is_sorted_and_says_what_each_word_means():
    found = glossary()
    plain = [re.sub(r"[^a-z ]", "", word.lower().replace("-", " ")) for word in found]
    assert plain == sorted(plain)
    assert not [word for word, meaning in found.items() if len(meaning.split()) < 3]


def test_every_table_is_documented():
    assert not set(metadata.tables) - names("docs/architecture.md")


def test_the_plan_and_the_arrows_are_those_of_the_import_contracts():
    page = read("docs/architecture.md")
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["name"] == LAYERS)
    arrows = page.partition("## The arrows")[2].partition("```\n")[2].partition("```")[0]
    told = [re.split(r"\s{2,}", line)[0] for line in arrows.splitlines()]
    assert told == [line.replace("app.", "") for line in layers]
    rooms = {path.name for path in (ROOT / "app").iterdir() if (path / "__init__.py").is_file()}
    assert not {room for room in rooms if not re.search(rf"^  {room}/ ", page, re.MULTILINE)}


# What the documents name


def test_every_file_that_a_document_names_is_there():
    """Folders end in a slash; names of files begin with the folder they lie in."""
    tops = "app|docs|tests|static|templates|migrations|bench"
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in documents()
        for name in re.findall(rf"`((?:{tops})/[\w./-]*)`", path.read_text())
        if not (ROOT / name).exists()
    ]
    assert not missing


def test_every_link_between_documents_leads_somewhere():
    missing = [
        f"{path.relative_to(ROOT)}: {link}"
        for path in documents()
        for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text())
        if not (path.parent / link).exists()
    ]
    assert not missing


def test_every_function_of_a_walk_is_in_the_file_that_the_walk_names():
    walks = " ".join(read("docs/architecture.md").split())
    steps = re.findall(r"`(\w+)` in `(app/[\w/]+\.py)`", walks)
    assert len(steps) > 30
    missing = [
        f"{name} in {path}"
        for path, name in {(path, name) for name, path in steps}
        if name not in defined_in(path)
    ]
    assert not missing


def defined_in(path: str) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {one.name for one in ast.walk(ast.parse(read(path))) if isinstance(one, kinds)}


# The README's commands


def commands_of_the_readme() -> list[str]:
    return re.findall(r"^(relabel .+?)(?:  .*)?$", read("README.md"), flags=re.MULTILINE)


def test_every_command_that_a_document_names_is_there():
    there = {name.split()[1] for name, _ in commands()}
    told = {
        word
        for path in documents()
        for word in re.findall(r"(?:^|`)relabel ([a-z][a-z-]*)", path.read_text(), re.MULTILINE)
    }
    assert there <= told
    assert not told - there


def test_every_target_of_make_that_a_document_names_is_there():
    there = set(re.search(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)[1].split())
    told = {
        target
        for path in documents()
        for target in re.findall(r"(?:^|`)make ([a-z]+)\b", path.read_text(), re.MULTILINE)
    }
    assert {"demo", "test", "docs"} <= told <= there


def test_the_readmes_way_from_a_file_to_a_verified_release_works(tmp_path, monkeypatch):
    from tests.cli.test_commands import run

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELABEL_DATA", str(tmp_path / "var"))
    rows = "".join(f"{n},text number {n},{'odd' if n % 2 else 'even'}\n" for n in range(1, 31))
    (tmp_path / "reviews.csv").write_text("id,text,label\n" + rows)
    told = [line.split() for line in commands_of_the_readme()]
    quick = [line for line in told if line[1] in ("import", "release", "verify") and len(line) > 2]
    quick = [line for line in quick if "reviews.csv" in line or "clean" in line]
    assert [line[1] for line in quick] == ["import", "release", "verify"]
    said = [run(*line[1:]) for line in quick]
    assert "30 of 30 rows" in said[0]
    assert "agrees with its log" in said[2]
