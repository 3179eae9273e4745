"""Insights: identical examples with different labels, nearly identical ones, and leaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.actions.duplicates import review_duplicates
from app.datatypes.hidden_characters import written_out
from app.datatypes.registry import type_named
from app.datatypes.shown import PRIVATE, content_of, excerpt_of
from app.db.tables.datasets import Project
from app.db.words import Role
from app.insights.duplicates import Duplicates, Group, Scored, duplicates
from app.ranking.signal_names import SIGNAL_MEANINGS, SIGNAL_WORDS
from app.review.batches.filters import Filter
from app.web.example_filters import address, parameters
from app.web.notices import done
from app.web.pages.insights import insights_tabs
from app.web.render import render
from app.web.who import Acting, Looking, at_page

router = APIRouter()

Cursor = Annotated[str, Query(max_length=80)]


@dataclass(frozen=True, slots=True)
class Line:
    """One label of a group, as its row shows it."""

    name: str
    examples: int
    sources: str
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class GroupShown:
    """The content is empty where it is private, or a picture."""

    text: str
    picture: str
    examples: int
    unread: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SignalShown:
    """What scoring says; `url` leads to the examples, and is empty where there are none."""

    words: str
    meaning: str
    fired: int | None
    absent: str
    url: str


@dataclass(frozen=True, slots=True)
class DuplicatesPage:
    project: Project
    noun: str
    found: Duplicates
    groups: tuple[GroupShown, ...]
    signals: tuple[SignalShown, ...]
    first: bool  # of the pages

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}"

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        return insights_tabs(self.here, "duplicates")

    @property
    def later(self) -> str:
        after = self.found.following
        return f"{self.here}/insights/duplicates?cursor={after}" if after else ""


@router.get("/p/{slug}/insights/duplicates")
def read_duplicates(request: Request, slug: str, caller: Looking, cursor: Cursor = "") -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    found = duplicates(caller.session, here.project, cursor=cursor)
    page = _page(here.project, found, first=not cursor)
    return render(request, "insights/duplicates.html", page, at=here)


@router.post("/p/{slug}/insights/duplicates/review")
def review_them(slug: str, caller: Acting) -> Response:
    """A batch of one example a group."""
    batch = review_duplicates(caller, slug)
    return done(f"/p/{slug}/batches/{batch.number}", "batch_created")


def _page(project: Project, found: Duplicates, *, first: bool) -> DuplicatesPage:
    return DuplicatesPage(
        project,
        type_named(project.data_type).noun,
        found,
        tuple(_group(group, project.slug) for group in found.rows),
        tuple(_signal(one, project.slug) for one in (found.near, found.leakage)),
        first,
    )


def _group(group: Group, slug: str) -> GroupShown:
    text, picture = PRIVATE
    if group.content is not None:
        text, picture = excerpt_of(content_of(group.first, group.content))
    lines = [
        Line(
            one.name,
            one.examples,
            ", ".join(one.sources),
            f"/p/{slug}/examples/{one.example}",
            written_out(one.key),
        )
        for one in group.labels
    ]
    return GroupShown(text, picture, group.examples, group.unread, tuple(lines))


def _signal(one: Scored, slug: str) -> SignalShown:
    url = address(f"/p/{slug}/examples", parameters(Filter(signal=one.signal)))
    words, meaning = SIGNAL_WORDS[one.signal], SIGNAL_MEANINGS[one.signal]
    return SignalShown(words, meaning, one.fired, one.absent, url if one.fired else "")
