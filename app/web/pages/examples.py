"""The list of examples: filters in the address, pages by keyset, a selection for a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.datasets.labels import labels_of
from app.db.tables.datasets import Example, Source
from app.db.words import Reason, Role, Status
from app.insights.filters import NO_LABEL, Filter
from app.insights.listing import Counts, Listing, Order, listing
from app.ranking.signal_names import SIGNAL_WORDS
from app.review.serving.cards import content_of
from app.web.asker import Here
from app.web.example_filters import Cursor, Filtering, Sorting, address, parameters
from app.web.pages.answering import percent
from app.web.pages.cases import excerpt
from app.web.render import render
from app.web.sessions import Reading
from app.web.who import Asking, at_page

router = APIRouter()

FACETS = 8  # given labels shown at once
MOST_FACETS = 500
STATUS_WORDS = {
    Status.UNREVIEWED: "Not reviewed",
    Status.PENDING: "Pending",
    Status.DISAGREEMENT: "Disagreement",
    Status.CONFIRMED: "Confirmed",
    Status.RELABELED: "Relabeled",
    Status.REMOVED: "Removed",
    Status.ERASED: "Erased",
}
ORDER_WORDS = {
    Order.PRIORITY: "Priority",
    Order.QUALITY: "Quality",
    Order.DIFFICULTY: "Difficulty",
    Order.ROW: "Row",
}
SERVED_WORDS = {"audit": "random checks of this epoch", "no": "not handed out yet"}
WITHOUT = "Without a label"


@dataclass(frozen=True, slots=True)
class Facet:
    word: str
    count: int
    url: str
    here: bool


@dataclass(frozen=True, slots=True)
class Token:
    """A filter that is on, in words, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True, slots=True)
class ListedExample:
    id: int
    url: str
    text: str
    image: str
    key: str
    given: str
    final: str
    suggested: str
    chance: str
    quality: float | None
    difficulty: float | None
    status: str


@dataclass(frozen=True, slots=True)
class ExamplesPage:
    slug: str
    rows: list[ListedExample]
    counts: Counts
    wanted: Filter
    tokens: list[Token]
    statuses: list[Facet]
    given: list[Facet]
    more_given: list[Facet]
    orders: list[Facet]
    order: str
    kept: list[tuple[str, str]]
    labels: list[tuple[str, str]]
    sources: list[tuple[str, str]]
    splits: list[tuple[str, str]]
    signals: list[tuple[str, str]]
    first: str
    later: str
    scored: bool
    images: bool


@dataclass(frozen=True, slots=True)
class _Names:
    labels: Mapping[int, str]
    sources: Mapping[int, str]
    splits: list[str]


@router.get("/p/{slug}/examples")
def examples(
    request: Request,
    slug: str,
    asker: Asking,
    session: Reading,
    wanted: Filtering,
    sort: Sorting = Order.PRIORITY,
    cursor: Cursor = "",
) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    found = listing(session, here.project, wanted, order=sort, cursor=cursor)
    names = _names(session, here.project.id)
    page = _page(here, wanted, found, names, sort=sort, cursor=cursor)
    return render(request, "examples/examples.html", page, at=here)


def _names(session: Session, project_id: int) -> _Names:
    labels = {label.id: label.name for label in labels_of(session, project_id, retired=True)}
    sources = session.execute(
        select(Source.id, Source.name).where(Source.project_id == project_id).order_by(Source.name)
    )
    return _Names(labels, dict(sources.all()), _splits(session, project_id))


def _splits(session: Session, project_id: int) -> list[str]:
    """Splits of a sample of rows; a project has few of them."""
    some = select(Example.split).where(Example.project_id == project_id).limit(20_000).subquery()
    return sorted(filter(None, session.scalars(select(some.c.split).distinct())))[:50]


def _page(
    here: Here, wanted: Filter, found: Listing, names: _Names, *, sort: Order, cursor: str
) -> ExamplesPage:
    path = f"/p/{here.project.slug}/examples"
    parts = parameters(wanted)
    sorting = {} if sort is Order.PRIORITY else {"sort": sort.value}
    link = _Link(path, parts, sorting)
    given = _given(found.counts, wanted, names.labels, link)
    kept = {name: parts[name] for name in ("status", "given", "batch", "served") if name in parts}
    return ExamplesPage(
        slug=here.project.slug,
        rows=[_row(row, here.project.slug, names.labels) for row in found.rows],
        counts=found.counts,
        wanted=wanted,
        tokens=[
            Token(_words(name, value, names), link.without(name)) for name, value in parts.items()
        ],
        statuses=_statuses(found.counts, wanted, link),
        given=given[:FACETS],
        more_given=given[FACETS:MOST_FACETS],
        orders=[
            Facet(word, 0, address(path, parts | {"sort": order.value}), order is sort)
            for order, word in ORDER_WORDS.items()
        ],
        order=sort.value,
        kept=list((kept | sorting).items()),
        labels=[("", "Any"), *((str(label), name) for label, name in names.labels.items())],
        sources=[("", "Any"), *((str(one), name) for one, name in names.sources.items())],
        splits=[("", "Any"), *((name, name) for name in names.splits)],
        signals=[("", "Any"), *SIGNAL_WORDS.items()],
        first=address(path, parts | sorting) if cursor else "",
        later=link.to({"cursor": found.following}) if found.following else "",
        scored=here.project.run_id is not None,
        images=any("image" in row.content for row in found.rows),
    )


@dataclass(frozen=True, slots=True)
class _Link:
    path: str
    parts: dict[str, str]
    sorting: dict[str, str]

    def to(self, more: Mapping[str, str]) -> str:
        return address(self.path, self.parts | self.sorting | dict(more))

    def without(self, name: str) -> str:
        rest = {key: value for key, value in self.parts.items() if key != name}
        return address(self.path, rest | self.sorting)


def _statuses(counts: Counts, wanted: Filter, link: _Link) -> list[Facet]:
    return [
        Facet(
            word,
            counts.statuses.get(status, 0),
            link.without("status") if wanted.status is status else link.to({"status": status}),
            wanted.status is status,
        )
        for status, word in STATUS_WORDS.items()
        if counts.statuses.get(status) or wanted.status is status or status is not Status.ERASED
    ]


def _given(counts: Counts, wanted: Filter, names: Mapping[int, str], link: _Link) -> list[Facet]:
    """The chosen label first, then the most frequent."""
    found = {label or NO_LABEL: number for label, number in counts.given.items()}
    if wanted.given is not None:
        found.setdefault(wanted.given, 0)
    order = sorted(found, key=lambda label: (label != wanted.given, -found[label], label))
    return [
        Facet(
            names.get(label, WITHOUT if label == NO_LABEL else "Unknown label"),
            found[label],
            link.without("given") if wanted.given == label else link.to({"given": str(label)}),
            wanted.given == label,
        )
        for label in order
    ]


def _words(name: str, value: str, names: _Names) -> str:
    """A filter as people say it."""
    if name in ("given", "label", "suggested"):
        word = {"label": "final label"}.get(name, name)
        label = names.labels.get(int(value), WITHOUT if value == "0" else "unknown")
        return f"{word}: {label}"
    if name == "status":
        return STATUS_WORDS[Status(value)]
    if name == "source":
        return f"source: {names.sources.get(int(value), 'unknown')}"
    if name == "served":
        return SERVED_WORDS[value]
    if name == "signal":
        return f"signal: {SIGNAL_WORDS[value]}"
    sign = {"quality": "quality < ", "difficulty": "difficulty > ", "q": "text: "}
    return sign.get(name, f"{name}: ") + value


def _row(row: Row[Any], slug: str, names: Mapping[int, str]) -> ListedExample:
    content = content_of(row.id, row.content)
    private = row.removed_reason is Reason.PRIVATE
    top = (row.suggestions or [None])[0]
    return ListedExample(
        id=row.id,
        url=f"/p/{slug}/examples/{row.id}",
        text="Private data: the content is hidden" if private else excerpt(content),
        image="" if private else content.get("url", ""),
        key=row.key,
        given=names.get(row.given_label_id or 0, ""),
        final=names.get(row.final_label_id or 0, ""),
        suggested=names.get(top[0], "") if top else "",
        chance=percent(top[1]) if top else "",
        quality=row.quality,
        difficulty=row.difficulty,
        status=row.status.value,
    )
