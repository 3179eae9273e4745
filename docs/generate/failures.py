"""Every failure that the source can make: its code, what it says and what it says to do.

Read from the source without running it, so that no path to a failure is forgotten.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

ROOT = "Failure"
GAP = "…"
_SPOKEN = re.compile(r"([a-z]+(?:_[a-z]+)+): \S")


@dataclass(frozen=True)
class Site:
    """One place where a failure is made: `says` and `do` may each be one of several."""

    kind: str
    code: str | None  # None: handed on from elsewhere
    says: tuple[str, ...]
    do: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A class of failures."""

    name: str
    module: str
    parent: str
    code: str | None
    says: tuple[str, ...]


Kinds = Mapping[str, Kind]
Constants = Mapping[str, str]


def trees(folder: Path) -> dict[str, ast.Module]:
    """Every module below a folder, by its dotted name."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def constants_of(modules: Iterable[ast.Module]) -> Constants:
    """Texts that have a name at the top of a module."""
    found = {}
    for module in modules:
        for node in module.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for target in node.targets:
                    if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                        found[target.id] = node.value.value
    return found


def said(node: ast.expr | None, constants: Constants) -> tuple[str, ...]:
    """The texts an expression can be; what is filled in later is a gap. Empty: nobody can tell."""
    match node:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.JoinedStr(values=parts):
            return ("".join(_part(part) for part in parts),)
        case ast.IfExp(body=one, orelse=other):
            return said(one, constants) + said(other, constants)
        case ast.BinOp(left=left, right=right):
            pairs = product(said(left, constants), said(right, constants))
            return tuple(one + other for one, other in pairs)
        case ast.Name(id=name) if name in constants:
            return (constants[name],)
        case ast.Call(func=ast.Attribute(value=inner, attr="strip" | "format")):
            return said(inner, constants)
    return ()


def _part(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else GAP


def kinds_of(modules: Mapping[str, ast.Module], constants: Constants) -> Kinds:
    """Every class that is a failure, however far down."""
    classes = [
        (module, node)
        for module, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    found: dict[str, Kind] = {}
    more = True
    while more:
        more = False
        for module, node in classes:
            parents = [base.id for base in node.bases if isinstance(base, ast.Name)]
            parent = next((name for name in parents if name in found), "")
            if node.name not in found and (parent or node.name == ROOT):
                found[node.name] = _kind(module, node, parent, constants)
                more = True
    return found


def _kind(module: str, node: ast.ClassDef, parent: str, constants: Constants) -> Kind:
    code: str | None = None
    says: tuple[str, ...] = ()
    for item in node.body:
        match item:
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(text))):
                code = text
            case ast.FunctionDef(name="__init__", args=arguments):
                says = said(arguments.defaults[0], constants) if arguments.defaults else ()
                code = code or _code_handed_up(item)
    return Kind(node.name, module, parent, code, says)


def _code_handed_up(function: ast.FunctionDef) -> str | None:
    """The code that a class gives itself in `super().__init__(…, code="…")`."""
    words = [
        word for node in ast.walk(function) if isinstance(node, ast.Call) for word in node.keywords
    ]
    codes = [said(word.value, {}) for word in words if word.arg == "code"]
    return next((code[0] for code in codes if code), None)


def code_of(kind: Kind, kinds: Kinds) -> str:
    """Its own code, or that of what it is a case of."""
    return kind.code or code_of(kinds[kind.parent], kinds)


class _Finder(ast.NodeVisitor):
    """Collects the places of one module where failures are made."""

    def __init__(self, kinds: Kinds, constants: Constants) -> None:
        self.kinds, self.constants = kinds, constants
        self.sites: list[Site] = []
        self.passes_on: dict[str, Site] = {}  # functions that are handed the code
        self._class = ""
        self._function: ast.FunctionDef | None = None

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._class = self._class, node.name
        self.generic_visit(node)
        self._class = outer

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self._function = self._function, node
        self.generic_visit(node)
        self._function = outer

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        kind = self._kind_made(node.func)
        if kind is None:
            return
        named = {word.arg: word.value for word in node.keywords}
        says = said(node.args[0] if node.args else named.get("detail"), self.constants)
        if not node.args and "detail" not in named:
            says = kind.says
        site = Site(kind.name, None, says, said(named.get("next_step"), self.constants))
        match named.get("code"):
            case None:
                self.sites.append(replace(site, code=code_of(kind, self.kinds)))
            case ast.Constant(value=str(code)):
                self.sites.append(replace(site, code=code))
            case ast.Name(id=name) if self._function and name in _parameters(self._function):
                self.passes_on[self._function.name] = site

    def _kind_made(self, made: ast.expr) -> Kind | None:
        match made:
            case ast.Name(id=name):
                return self.kinds.get(name)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
                return self.kinds.get(self._class) if self._class != ROOT else None
        return None


def _parameters(function: ast.FunctionDef) -> set[str]:
    arguments = function.args
    return {one.arg for one in (*arguments.args, *arguments.kwonlyargs)}


def sites_of(modules: Mapping[str, ast.Module], kinds: Kinds, constants: Constants) -> list[Site]:
    """Every place where a failure is made, those through functions that are handed a code too."""
    finders = []
    for tree in modules.values():
        finder = _Finder(kinds, constants)
        finder.visit(tree)
        finders.append(finder)
    passes_on = {name: site for finder in finders for name, site in finder.passes_on.items()}
    sites = [site for finder in finders for site in finder.sites]
    for tree in modules.values():
        sites += _through(tree, passes_on, constants)
    return sites


def _through(
    tree: ast.Module, passes_on: Mapping[str, Site], constants: Constants
) -> Iterator[Site]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        site = passes_on.get(node.func.id)
        named = {word.arg: word.value for word in node.keywords}
        if site is not None:
            for code in said(named.get("code"), constants):
                do = said(named.get("next_step"), constants) or site.do
                yield replace(site, code=code, do=do)


def spoken_codes(modules: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Codes that stand at the beginning of a message: `out_of_memory: …`."""
    found: dict[str, set[str]] = {}
    for tree in modules.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr | ast.Constant):
                for text in said(node, {}):
                    started = _SPOKEN.match(text + GAP)
                    if started:
                        found.setdefault(started[1], set()).add(text.partition(": ")[2])
    return found
