"""Which two releases are compared, and which of their differences are listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.db.tables.datasets import Project
from app.db.tables.releases import Release
from app.releases.differences import (
    Compared,
    RowChange,
    Summary,
    Wanted,
    compared_with,
    csv_lines,
    summary_of,
)
from app.releases.formats.csv_file import guarded
from app.releases.formats.format import Cell
from app.releases.shelf import release_of
from app.web.downloads import csv_download

Number = Annotated[int, Path(ge=1, le=10**9)]
Other = Annotated[int | None, Query(alias="with", ge=1, le=10**9)]
Label = Annotated[str | None, Query(max_length=1_000)]


async def pair_asked(number: Number, other: Other = None) -> tuple[int, int | None]:
    return number, other


Pair = Annotated[tuple[int, int | None], Depends(pair_asked)]
"""A release's number, and that of the other one, which is the one before by default."""


async def wanted_rows(
    change: RowChange | None = None, before: Label = None, after: Label = None
) -> Wanted:
    return Wanted(change, before, after)


WantedRows = Annotated[Wanted, Depends(wanted_rows)]


@dataclass(frozen=True, slots=True)
class TwoReleases:
    session: Session
    project: Project
    release: Release
    older: Release
    newer: Release

    @classmethod
    def of(cls, session: Session, project: Project, number: int, other: int | None) -> TwoReleases:
        release = release_of(session, project.id, number)
        return cls(session, project, release, *compared_with(session, release, other))

    @property
    def other(self) -> Release:
        return self.older if self.newer is self.release else self.newer

    @property
    def compared(self) -> Compared:
        return Compared.of(self.session, self.older, self.newer)

    def summary(self, wanted: Wanted) -> Summary:
        return summary_of(self.compared, wanted)

    def as_csv(self, *, safe: bool = False) -> Response:
        """Every difference, to keep; `safe` to open in a spreadsheet, as people do."""
        name = f"{self.project.slug}-release-{self.older.number}-to-{self.newer.number}.csv"
        lines: Iterator[Sequence[Cell]] = csv_lines(self.compared)
        if safe:
            lines = ([guarded(cell) for cell in line] for line in lines)
        return csv_download(lines, name)
