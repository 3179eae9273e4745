"""The list of examples: filters in the address, pages by keyset, a selection for a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.datatypes.registry import TYPES
from app.datatypes.shown import PRIVATE, content_of, excerpt_of
from app.db.tables.datasets import Project
from app.db.words import Reason, Role, Status
from app.insights.choices import Choices, choices
from app.insights.counts import Counts
from app.insights.filter_words import STATUS_WORDS, WITHOUT, filter_words
from app.insights.listing import Asked, ExampleRow, Listing, Order, listing
from app.insights.views import ViewShown, views_shown
from app.labels import current
from app.ranking.signal_names import SIGNAL_WORDS
from app.review.batches.filters import NO_LABEL, Filter
from app.review.batches.plan import LARGEST_BATCH
from app.shares import whole_percent
from app.web.example_filters import NAMES, Filtering, Paging, address, parameters
from app.web.pages.views import ListedView, listed_views
from app.web.render import render
from app.web.who import Looking, at_page

router = APIRouter()

FACETS = 8  # given labels shown at once
MOST_FACETS = 500
ORDER_WORDS = {
    Order.PRIORITY: "Priority",
    Order.QUALITY: "Quality",
    Order.DIFFICULTY: "Difficulty",
    Order.ROW: "Row",
}
ANY = ("", "Any")
KEPT = ("status", "given", "batch", "served")


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
    bulk: str  # what a bulk fix put in its place
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
    column: str
    review: str  # where a batch of what is listed is made; "" without a filter
    views: list[ListedView]  # that were saved
    filter: str  # of this list, as its address says it; "" without one
    group: str  # where what is listed gets another label as a group; "" without a given label

    @property
    def shown_view(self) -> ListedView | None:
        """The view that the list shows now."""
        return next((view for view in self.views if view.here), None)


@router.get("/p/{slug}/examples")
def examples(
    request: Request, slug: str, caller: Looking, wanted: Filtering, asked: Paging
) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    names = choices(caller.session, here.project.id)
    seen = _Seen(
        here.project,
        wanted,
        asked,
        listing(caller.session, here.project, wanted, asked),
        names,
        views_shown(caller.session, here.project, viewer=caller.who.id, names=names),
    )
    return render(request, "examples/examples.html", _page(seen), at=here)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A page of the list: what was asked for, and what there is of it."""

    project: Project
    wanted: Filter
    asked: Asked
    listing: Listing
    names: Choices
    views: list[ViewShown]

    @property
    def link(self) -> _Link:
        sort = self.asked.order
        sorting = {} if sort is Order.PRIORITY else {"sort": sort.value}
        return _Link(f"/p/{self.project.slug}/examples", parameters(self.wanted), sorting)


def _page(seen: _Seen) -> ExamplesPage:
    slug, link, names = seen.project.slug, seen.link, seen.names
    counts, rows = seen.listing.counts, seen.listing.rows
    given = _given(counts, seen.wanted, names, link)
    return ExamplesPage(
        slug=slug,
        rows=[_row(row, slug, names.labels) for row in rows],
        counts=counts,
        wanted=seen.wanted,
        tokens=[
            Token(words, link.without(NAMES.get(name, name)))
            for name, words in filter_words(seen.wanted, names).items()
        ],
        statuses=_statuses(counts, seen.wanted, link),
        given=given[:FACETS],
        more_given=given[FACETS:MOST_FACETS],
        orders=[
            Facet(word, 0, link.sorted_by(order), order is seen.asked.order)
            for order, word in ORDER_WORDS.items()
        ],
        order=seen.asked.order.value,
        kept=link.kept(),
        labels=_options(names.in_use),
        sources=_options(names.sources),
        splits=[ANY, *((name, name) for name in names.splits)],
        signals=[ANY, *SIGNAL_WORDS.items()],
        first=link.to({}) if seen.asked.cursor else "",
        later=link.to({"cursor": seen.listing.following}) if seen.listing.following else "",
        scored=seen.project.run_id is not None,
        column=TYPES[seen.project.data_type].column,
        views=listed_views(slug, seen.views, link.parts),
        filter=urlencode(link.parts),
        review=_review(slug, link, counts.matching),
        group=address(f"/p/{slug}/insights/bulk/new", link.parts) if seen.wanted.given else "",
    )


def _review(slug: str, link: _Link, matching: int) -> str:
    """A new batch of all that the filter leaves, not of this page alone."""
    if not link.parts or not matching:
        return ""
    asked = {"by": "filter", "size": str(min(matching, LARGEST_BATCH))}
    return address(f"/p/{slug}/batches/new", asked | {"filter": urlencode(link.parts)})


def _options(names: Mapping[int, str]) -> list[tuple[str, str]]:
    return [ANY, *((str(one), name) for one, name in names.items())]


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

    def sorted_by(self, order: Order) -> str:
        return address(self.path, self.parts | {"sort": order.value})

    def kept(self) -> list[tuple[str, str]]:
        """What the form of the other filters sends along unseen."""
        kept = {name: value for name, value in self.parts.items() if name in KEPT}
        return list((kept | self.sorting).items())


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


def _given(counts: Counts, wanted: Filter, names: Choices, link: _Link) -> list[Facet]:
    """The chosen label first, then the most frequent."""
    found = {label or NO_LABEL: number for label, number in counts.given.items()}
    chosen = None if wanted.given is None else current(wanted.given, names.retired)
    if chosen is not None:
        found.setdefault(chosen, 0)
    order = sorted(found, key=lambda label: (label != chosen, -found[label], label))
    return [
        Facet(
            names.labels.get(label, WITHOUT if label == NO_LABEL else "Unknown label"),
            found[label],
            link.without("given") if chosen == label else link.to({"given": str(label)}),
            chosen == label,
        )
        for label in order
    ]


def _row(row: ExampleRow, slug: str, names: Mapping[int, str]) -> ListedExample:
    private = row.removed_reason is Reason.PRIVATE
    excerpt = PRIVATE if private else excerpt_of(content_of(row.id, row.content))
    top = row.suggestions[0] if row.suggestions else None
    return ListedExample(
        id=row.id,
        url=f"/p/{slug}/examples/{row.id}",
        text=excerpt.text,
        image=excerpt.picture,
        key=row.key,
        given=names.get(row.given_label_id or 0, ""),
        bulk=names.get(row.bulk_label_id or 0, ""),
        final=names.get(row.final_label_id or 0, ""),
        suggested=names.get(top[0], "") if top else "",
        chance=whole_percent(top[1]) if top else "",
        quality=row.quality,
        difficulty=row.difficulty,
        status=row.status.value,
    )
