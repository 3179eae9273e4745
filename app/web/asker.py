"""Who asks, and where: what pages, frame and guards say about it to each other."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.membership import Member
from app.accounts.people import Who
from app.db.tables.datasets import Project


@dataclass(frozen=True, slots=True)
class Asker:
    """A person with a live session (`csrf`, `session_id`) or a program with a token."""

    who: Who
    csrf: str = ""
    session_id: int | None = None
    token_id: int | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Here:
    """A project and the asker's part in it."""

    project: Project
    member: Member
