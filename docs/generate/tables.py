"""Markdown that every generated page is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTICE = (
    "<!-- Made from the code by `make docs`. Do not edit: change the code, then make it again. -->"
)


def cell(text: str) -> str:
    """Text that may stand in a cell of a table."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split()) or " "


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, or none where it would have no rows."""
    lines = [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    if not lines:
        return []
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines, ""]


def page(title: str, *parts: Iterable[str]) -> str:
    """A whole page: its notice, its title, and the lines of its parts."""
    lines = [NOTICE, "", f"# {title}", "", *(line for part in parts for line in part)]
    return "\n".join(lines).rstrip() + "\n"


def named(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
