"""What a case is, and small makers of files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Given:
    """A file and the options it is imported with (those of `bring_in`)."""

    file: Path
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One bad input: the codes that are found, no more and no less, and the rows that come in.

    `good` is 0 when the file is refused. `labels` are the project's labels afterwards, in order,
    where the case is about them.
    """

    id: str
    make: Callable[[Path], Given]
    codes: frozenset[str]
    good: int
    labels: tuple[str, ...] | None = None
    note: str = ""


def written(name: str, content: str | bytes, **options: Any) -> Callable[[Path], Given]:
    """A maker of one file."""

    def make(folder: Path) -> Given:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Given(path, options)

    return make


def case(
    case_id: str,
    name: str,
    content: str | bytes,
    codes: str = "",
    good: int = 0,
    labels: tuple[str, ...] | None = None,
    **options: Any,
) -> Case:
    return Case(case_id, written(name, content, **options), frozenset(codes.split()), good, labels)


def built(
    id: str,
    make: Callable[[Path], Given],
    codes: str = "",
    good: int = 0,
    labels: tuple[str, ...] | None = None,
) -> Case:
    return Case(id, make, frozenset(codes.split()), good, labels)
