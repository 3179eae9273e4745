"""The left rail: every page that may stand in it, in one list.

To add a page, add a line; it is drawn once a route with its path exists, to whom it is for.
After `G`, a page's key leads to it; of two that want the same key, the first that exists has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.accounts.people import Who
from app.web.asker import Here


@dataclass(frozen=True, slots=True)
class Entry:
    group: str
    word: str
    icon: str
    path: str  # as in the route; `{slug}` stands for the project
    for_: str = "lead"  # "all", "lead" (of this or, outside projects, of any), or "admin"
    key: str = ""
    waits: str = ""  # which count stands beside it, if it is not zero
    once: bool = False  # it is there only while something waits


@dataclass(frozen=True, slots=True)
class Link:
    word: str
    icon: str
    url: str
    here: bool
    key: str = ""
    count: int = 0  # of what waits there


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    links: tuple[Link, ...]


PROJECT = (
    Entry("", "Overview", "overview", "/p/{slug}", key="O"),
    Entry("Data", "Examples", "examples", "/p/{slug}/examples", key="E"),
    Entry("Data", "Insights", "insights", "/p/{slug}/insights/noise", key="I"),
    Entry("Data", "Map", "map", "/p/{slug}/map", key="M"),
    Entry("Review", "Batches", "batches", "/p/{slug}/batches", key="B", waits="batches"),
    Entry(
        "Review",
        "Disagreements",
        "disagreements",
        "/p/{slug}/disagreements",
        key="D",
        waits="disagreements",
    ),
    Entry(
        "Review", "Sent to experts", "people", "/review/reads/{slug}", waits="experts", once=True
    ),
    Entry("Review", "Reviewers", "reviewers", "/p/{slug}/reviewers", key="R"),
    Entry("Decide", "Test-set audit", "audit", "/p/{slug}/test-audit"),
    Entry("Decide", "Recovery advice", "recovery", "/p/{slug}/recovery"),
    Entry("Deliver", "Releases", "releases", "/p/{slug}/releases", key="X"),
    Entry("Set up", "Import", "import", "/p/{slug}/import", key="I", waits="import"),
    Entry("Set up", "Labels", "labels", "/p/{slug}/labels"),
    Entry("Set up", "Scoring", "scoring", "/p/{slug}/scoring"),
    Entry("Set up", "People", "people", "/p/{slug}/people", key="R"),
    Entry("Set up", "Settings", "settings", "/p/{slug}/settings/general"),
    Entry("Set up", "Activity log", "log", "/p/{slug}/log"),
)
OUTSIDE = (
    Entry("", "Review queue", "batches", "/", "all", waits="queue"),
    Entry("", "Projects", "projects", "/projects"),
    Entry("Workspace", "Members", "people", "/admin/members", "admin"),
    Entry("Workspace", "Storage", "storage", "/admin/storage", "admin"),
    Entry("Workspace", "Health", "health", "/admin/health", "admin"),
)


def shape(path: str) -> str:
    """A route's path whatever its parameters are called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def open_to(
    who: Who, at: Here | None, entries: tuple[Entry, ...], known: frozenset[str]
) -> Iterator[tuple[Entry, str, str]]:
    """The pages that exist and that this person may open: entry, address and key."""
    leads = at.member.leads if at else who.leads
    taken: set[str] = set()
    for entry in entries:
        allowed = {"all": True, "lead": leads, "admin": who.is_admin}[entry.for_]
        if not allowed or shape(entry.path) not in known:
            continue
        url = entry.path.replace("{slug}", at.project.slug) if at else entry.path
        yield entry, url, "" if entry.key in taken else entry.key
        taken.add(entry.key)


def rail(
    who: Who | None, at: Here | None, *, path: str, known: frozenset[str], waits: Mapping[str, int]
) -> tuple[Group, ...]:
    """The links this person gets on this page; `known` holds the shapes of routes that exist."""
    if who is None:
        return ()
    groups: dict[str, list[Link]] = {}
    for entry, url, key in open_to(who, at, PROJECT if at else OUTSIDE, known):
        inside = path == url or (path.startswith(url + "/") and url.count("/") > 2)
        count = waits.get(entry.waits, 0)
        if entry.once and not count:
            continue
        link = Link(entry.word, entry.icon, url, inside, key, count)
        groups.setdefault(entry.group, []).append(link)
    return tuple(Group(name, tuple(links)) for name, links in groups.items())
