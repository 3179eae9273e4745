"""Two releases side by side: which label became which, and the rows behind every number."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.db.tables.releases import Release
from app.db.words import Role, RunState
from app.errors import Conflict
from app.releases.differences import Flow, RowChange, Summary, Wanted
from app.releases.shelf import releases_of
from app.web.render import render
from app.web.two_releases import Pair, TwoReleases, WantedRows
from app.web.who import Looking, at, at_page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ComparePage:
    slug: str
    release: Release
    other: Release
    others: list[Release]
    told: Summary
    wanted: Wanted

    @property
    def here(self) -> str:
        return f"/p/{self.slug}/releases/{self.release.number}/compare"

    def rows_url(self, change: RowChange | None, flow: Flow | None = None) -> str:
        """The rows behind one number."""
        asked: dict[str, str | int] = {"with": self.other.number}
        asked |= {"change": change.value} if change else {}
        asked |= {"before": flow.before or "", "after": flow.after or ""} if flow else {}
        return f"{self.here}?{urlencode(asked)}#rows"

    @property
    def changes(self) -> list[tuple[RowChange, int]]:
        return [(change, self.told.counts[change]) for change in RowChange]

    @property
    def listed(self) -> str:
        """Which rows are listed, in words."""
        if self.wanted.before is not None and self.wanted.after is not None:
            return f"{self.wanted.before or 'no label'} → {self.wanted.after or 'no label'}"
        return self.wanted.change.value if self.wanted.change else "all"


@dataclass(frozen=True, slots=True)
class NotCompared:
    """Why there is nothing to compare, and what to do first."""

    slug: str
    why: Conflict


def _page(two: TwoReleases, wanted: Wanted) -> ComparePage:
    complete = [
        one
        for one in releases_of(two.session, two.project.id)
        if one.state is RunState.COMPLETE and one is not two.release
    ]
    told = two.summary(wanted)
    return ComparePage(two.project.slug, two.release, two.other, complete, told, wanted)


@router.get("/p/{slug}/releases/{number}/compare")
def compare(
    request: Request, slug: str, caller: Looking, wanted: WantedRows, asked: Pair
) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    try:
        two = TwoReleases.of(caller.session, here.project, *asked)
    except Conflict as nothing:
        page = NotCompared(slug, nothing)
        return render(request, "releases/not_compared.html", page, at=here)
    return render(request, "releases/compare.html", _page(two, wanted), at=here)


@router.get("/p/{slug}/releases/{number}/compare.csv")
def compare_as_csv(slug: str, caller: Looking, asked: Pair) -> Response:
    here = at(caller, slug, Role.LEAD)
    return TwoReleases.of(caller.session, here.project, *asked).as_csv(safe=True)
