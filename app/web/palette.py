"""What the palette offers: every page, batch, label, person and action its asker may reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.accounts.membership import may_create, projects_of
from app.accounts.people import Who
from app.actions.turn import Caller
from app.db.tables.datasets import Project
from app.db.words import Role
from app.insights.named import (
    Named,
    batches_named,
    everybody_named,
    labels_named,
    named,
    own_batches_named,
    people_named,
)
from app.review.serving.owed import count_owed
from app.web.asker import Here
from app.web.rail import OUTSIDE, PROJECT, open_to, shape

MOST = 60
AT_PROJECT = (  # what a lead does, and on which page
    ("New batch", "/p/{slug}/batches/new"),
    ("Import data", "/p/{slug}/import"),
    ("Make a release", "/p/{slug}/releases"),
    ("Add a label", "/p/{slug}/labels"),
    ("Invite someone", "/p/{slug}/people"),
)
READS, READS_ALSO = "Reads to give", ("Second reads", "Sent to the expert")

Part = tuple[Project, Role]


@dataclass(frozen=True, slots=True)
class Offer:
    """One line and where it leads; `post` sends a form there instead."""

    kind: str  # "review", "page", "action", "batch", "label", "person" or "project"
    name: str
    url: str
    about: str = ""
    keys: str = ""
    post: bool = False
    rank: int = 0


def palette(caller: Caller, at: Here | None, query: str, *, known: frozenset[str]) -> list[Offer]:
    """What matches, best first; without a query, what there is most use for."""
    session, who = caller.session, caller.who
    led = at if at is not None and at.member.leads else None
    parts = projects_of(session, who)
    offers = [*_to_review(caller, parts, query)]
    offers += _matching(_pages(who, led, known), query)
    offers += _matching(_actions(led, known, creates=may_create(session, who)), query)
    if led is not None:
        offers += _of_project(session, led, query)
    if who.is_admin and who.only_project is None and query.strip():
        offers += _members(everybody_named(session, query), offers)
    offers += _matching(_projects(parts), query)
    return sorted(offers, key=lambda offer: offer.rank)[:MOST]


def _matching(offers: Iterable[Offer], query: str) -> Iterator[Offer]:
    every = list(offers)
    candidates = (Named(place, one.name) for place, one in enumerate(every))
    for match in named(candidates, query, most=MOST):
        yield replace(every[match.id], rank=match.rank)


def _to_review(caller: Caller, parts: Sequence[Part], query: str) -> Iterator[Offer]:
    """One's own queue: batches, and the reads that wait outside them, also where a batch has them
    too: who asks for them by name finds them."""
    session, who, now = caller.session, caller.who, caller.now
    current = [(project, role) for project, role in parts if project.archived_at is None]
    for one in own_batches_named(session, who.id, [project.id for project, _ in current], query):
        yield Offer("review", one.name, f"/review/{one.id}", one.about, rank=one.rank)
    desks = [Named(p.id, READS, p.name, also=READS_ALSO) for p, _ in current]
    if found := named(desks, query, most=MOST):
        waiting = count_owed(session, who.id, [(p.id, r) for p, r in current], now=now)
        slugs = {project.id: project.slug for project, _ in current if project.id in waiting}
        for one in found:
            if one.id in slugs:
                url = f"/review/reads/{slugs[one.id]}"
                yield Offer("review", READS, url, one.about, rank=one.rank)


def _pages(who: Who, led: Here | None, known: frozenset[str]) -> Iterator[Offer]:
    if led is not None:
        for entry, url, key in open_to(who, led, PROJECT, known):
            yield Offer("page", entry.word, url, led.project.name, f"G {key}" if key else "")
    for entry, url, _ in open_to(who, None, OUTSIDE, known):
        yield Offer("page", entry.word, url)
    yield Offer("page", "Your account", "/me")


def _actions(led: Here | None, known: frozenset[str], *, creates: bool) -> Iterator[Offer]:
    for word, path in AT_PROJECT if led is not None else ():
        if led is not None and shape(path) in known:
            yield Offer("action", word, path.replace("{slug}", led.project.slug), led.project.name)
    if creates:
        yield Offer("action", "New project", "/projects/new")
    yield Offer("action", "Change keys", "/me#keys")
    yield Offer("action", "Sign out", "/signout", post=True)


def _of_project(session: Session, led: Here, query: str) -> Iterator[Offer]:
    """Batches of the project a lead is in and, once words are typed, its labels and people."""
    project, here = led.project, f"/p/{led.project.slug}"
    for one in batches_named(session, project.id, query):
        yield Offer("batch", one.name, f"{here}/batches/{one.id}", one.about, rank=one.rank)
    if not query.strip():
        return
    for one in labels_named(session, project.id, query):
        yield Offer("label", one.name, f"{here}/examples?given={one.id}", one.about, rank=one.rank)
    for one in people_named(session, project.id, query):
        yield Offer("person", one.name, f"{here}/people#person-{one.id}", one.about, rank=one.rank)


def _members(everybody: Sequence[Named], offers: Sequence[Offer]) -> Iterator[Offer]:
    """Accounts that are not listed as people of the project already."""
    listed = {offer.url.rpartition("#")[2] for offer in offers if offer.kind == "person"}
    for one in everybody:
        if (anchor := f"person-{one.id}") not in listed:
            yield Offer("person", one.name, f"/admin/members#{anchor}", one.about, rank=one.rank)


def _projects(parts: Sequence[Part]) -> Iterator[Offer]:
    for project, role in parts:
        if role is Role.LEAD:
            archived = "archived" if project.archived_at else ""
            yield Offer("project", project.name, f"/p/{project.slug}", archived)
