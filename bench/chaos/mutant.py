"""A planted bug, and how it takes the place of a real function in a process of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """A planted bug: what it does, and on which kind of run it must be caught."""

    name: str
    about: str
    plant: Callable[[], None] = lambda: None
    work: str = "review"  # or import, score, release, or a chapter of the story
    decisions: int = 150
    failpoints: int = 25


class Otherwise:
    """A row that says something else about some of its columns."""

    def __init__(self, row: Any, **said: Any) -> None:
        self._row = row
        self.__dict__.update(said)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def swap(module: Any, name: str, new: Any) -> None:
    """Plant `new`; a bug that finds no soil would be counted as caught for the wrong reason."""
    if not hasattr(module, name):
        raise AttributeError(f"{module.__name__} has no {name} any more")
    setattr(module, name, new)
