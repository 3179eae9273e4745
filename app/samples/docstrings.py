"""What every public function of NumPy, SciPy and scikit-learn says it does, in one sentence."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from types import ModuleType

from app.samples.sample import Rows

ORIGIN = (
    "The first sentence of the documentation of every public function of NumPy, SciPy and "
    "scikit-learn, as installed here; the given label is the sub-package the function lives in."
)

_ROOTS = ("numpy", "scipy", "sklearn")
_NOT_PUBLIC = frozenset({"conftest", "distutils", "f2py", "testing", "tests", "core", "matlib"})
_FEWEST = 15
"""A sub-package with fewer functions teaches a model nothing."""

_SENTENCE_END = re.compile(r"\.(?=\s|$)")


def docstrings() -> Rows:
    """One row a function, in order of its name."""
    functions = sorted(_functions())
    counts = Counter(label for _, label, _ in functions)
    rows = [row for row in functions if counts[row[1]] >= _FEWEST]
    return Rows(
        column="text",
        ids=[name for name, _, _ in rows],
        contents=[text for _, _, text in rows],
        labels=[label for _, label, _ in rows],
    )


def _functions() -> Iterator[tuple[str, str, str]]:
    """Full name, sub-package and sentence of each function, once, under its first home."""
    seen: set[int] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated names say so when they are looked at
        for label, module in _packages():
            for name in sorted(getattr(module, "__all__", ())):
                function = _public(module, name)
                if function is None or id(function) in seen:
                    continue
                text = first_sentence(inspect.getdoc(function) or "", name)
                if text:
                    seen.add(id(function))
                    yield f"{label}.{name}", label, text


def _packages() -> Iterator[tuple[str, ModuleType]]:
    for root in _ROOTS:
        package = importlib.import_module(root)
        yield root, package
        for info in pkgutil.iter_modules(package.__path__):
            if info.name.startswith("_") or info.name in _NOT_PUBLIC:
                continue
            try:
                yield f"{root}.{info.name}", importlib.import_module(f"{root}.{info.name}")
            except ImportError:  # needs a package that is not installed
                continue


def _public(module: ModuleType, name: str) -> object | None:
    try:
        thing: object = getattr(module, name, None)
    except ImportError:  # an experimental name that has to be switched on
        return None
    return thing if callable(thing) and not inspect.isclass(thing) else None


def first_sentence(doc: str, name: str) -> str:
    """The first sentence of a docstring, without the signature some begin with."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", doc)]
    for paragraph in paragraphs:
        if paragraph and not paragraph.startswith(f"{name}("):
            end = _SENTENCE_END.search(paragraph)
            return paragraph[: end.end()] if end else paragraph
    return ""
