"""The left rail: every page that may stand in it, in one list.

To add a page, add a line; it is drawn once a route with its path exists, to whom it is for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.accounts.people import Who
from app.web.who import Here


@dataclass(frozen=True, slots=True)
class Entry:
    group: str
    word: str
    icon: str
    path: str  # as in the route; `{slug}` stands for the project
    for_: str = "lead"  # "all", "lead" (of this or, outside projects, of any), or "admin"


@dataclass(frozen=True, slots=True)
class Link:
    word: str
    icon: str
    url: str
    here: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    links: tuple[Link, ...]


PROJECT = (
    Entry("", "Overview", "overview", "/p/{slug}"),
    Entry("Data", "Examples", "examples", "/p/{slug}/examples"),
    Entry("Data", "Insights", "insights", "/p/{slug}/insights/noise"),
    Entry("Data", "Map", "map", "/p/{slug}/map"),
    Entry("Review", "Batches", "batches", "/p/{slug}/batches"),
    Entry("Review", "Disagreements", "disagreements", "/p/{slug}/disagreements"),
    Entry("Review", "Reviewers", "reviewers", "/p/{slug}/reviewers"),
    Entry("Decide", "Test-set audit", "audit", "/p/{slug}/test-audit"),
    Entry("Decide", "Recovery advice", "recovery", "/p/{slug}/recovery"),
    Entry("Deliver", "Releases", "releases", "/p/{slug}/releases"),
    Entry("Set up", "Import", "import", "/p/{slug}/import"),
    Entry("Set up", "Labels", "labels", "/p/{slug}/labels"),
    Entry("Set up", "Scoring", "scoring", "/p/{slug}/scoring"),
    Entry("Set up", "People", "people", "/p/{slug}/people"),
    Entry("Set up", "Settings", "settings", "/p/{slug}/settings/general"),
    Entry("Set up", "Activity log", "log", "/p/{slug}/log"),
)
OUTSIDE = (
    Entry("", "Review queue", "batches", "/", "all"),
    Entry("", "Projects", "projects", "/projects"),
    Entry("Workspace", "Members", "people", "/admin/members", "admin"),
    Entry("Workspace", "Storage", "storage", "/admin/storage", "admin"),
    Entry("Workspace", "Health", "health", "/admin/health", "admin"),
)


def shape(path: str) -> str:
    """A route's path whatever its parameters are called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def rail(
    who: Who | None, at: Here | None, *, path: str, known: frozenset[str]
) -> tuple[Group, ...]:
    """The links this person gets on this page; `known` holds the shapes of routes that exist."""
    if who is None:
        return ()
    groups: dict[str, list[Link]] = {}
    leads = at.member.leads if at else who.leads
    for entry in PROJECT if at else OUTSIDE:
        allowed = {"all": True, "lead": leads, "admin": who.is_admin}[entry.for_]
        if not allowed or shape(entry.path) not in known:
            continue
        url = entry.path.replace("{slug}", at.project.slug) if at else entry.path
        inside = path == url or (path.startswith(url + "/") and url.count("/") > 2)
        link = Link(entry.word, entry.icon, url, inside)
        groups.setdefault(entry.group, []).append(link)
    return tuple(Group(name, tuple(links)) for name, links in groups.items())
