"""What a check found in a file, for programs."""

from __future__ import annotations

from pydantic import BaseModel


class FindingShown(BaseModel):
    code: str
    severity: str = ""
    row: int | None = None
    column: str = ""
    excerpt: str = ""
    count: int = 1
    message: str = ""
    fix: str = ""


class QuestionShown(FindingShown):
    """`options` are pairs of a value and its words; without an answer it is open.

    `usual` is the likelier answer, where there is one.
    """

    options: list[list[str]]
    answer: str | None
    usual: str = ""


class ReadingFound(BaseModel):
    """How the file was read: every part by its value, and all of it in one sentence."""

    parts: dict[str, str]
    line_ends: str
    words: str
