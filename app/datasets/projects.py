"""Projects: made, renamed, archived, found by any name they ever had."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app.accounts.membership import is_there
from app.datasets.names import flaw_of_name
from app.db.dialects import insert_or_skip
from app.db.log import ProjectLock, lock_project
from app.db.tables.datasets import Project, ProjectSlug
from app.db.words import DataType, EventKind
from app.errors import Invalid, NotFound

LONGEST_NAME = 200
KEPT = timedelta(days=30)
"""How long a deleted project can be brought back."""

_LONGEST_SLUG = 60  # leaves room for a number
_RESERVED = frozenset({"new", "import", "settings", "admin"})


def is_in_use() -> ColumnElement[bool]:
    """Of a `Project`: it was neither put away nor deleted."""
    return and_(Project.archived_at.is_(None), is_there())


def slug_of(name: str) -> str:
    """A name as it stands in an address: plain letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")
    return slug or "project"


def _free_slug(session: Session, name: str, *, own: int | None = None) -> str:
    """The first of slug, slug-2, slug-3, … that no project has or had."""
    wanted = slug_of(name)
    pattern = wanted.replace("_", "") + "%"
    taken = set(
        session.scalars(
            select(Project.slug).where(Project.slug.like(pattern), Project.id != (own or 0))
        )
    ) | set(
        session.scalars(
            select(ProjectSlug.slug).where(
                ProjectSlug.slug.like(pattern), ProjectSlug.project_id != (own or 0)
            )
        )
    )
    taken |= _RESERVED
    number, slug = 1, wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if name == "" or flaw_of_name(name, longest=max(len(name), 1)):
        raise Invalid("A project needs a name in one line.", next_step="Type a name.", code="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(
            f"The name has {len(name)} characters; {LONGEST_NAME} are possible.",
            next_step="Shorten the name.",
            code="name",
        )
    return name


def _checked_confirmations(confirmations: int) -> int:
    if confirmations not in (1, 2):
        raise Invalid(
            f"{confirmations} confirmations are not possible.",
            next_step="Choose 1 (one reviewer decides) or 2 (a second reader confirms changes).",
            code="confirmations",
        )
    return confirmations


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """What is said of a project when it is made."""

    name: str
    data_type: DataType
    confirmations: int = 1


def create_project(
    session: Session, plan: ProjectPlan, *, now: datetime, actor: str | None = None
) -> Project:
    """Make a project; its log begins with the policy it starts under."""
    name = _checked_name(plan.name)
    project = Project(
        slug=_free_slug(session, name),
        name=name,
        data_type=plan.data_type,
        confirmations=_checked_confirmations(plan.confirmations),
        created_at=now,
    )
    session.add(project)
    session.flush()
    lock = lock_project(session, project.id)
    lock.append(EventKind.POLICY, {"confirmations": plan.confirmations}, actor=actor, now=now)
    lock.save()  # nobody else can have it yet, so its first event need not wait for an action's end
    session.refresh(project)
    return project


def project_by_slug(session: Session, slug: str) -> Project:
    """Find a project by its slug or by one it had; compare `.slug` to see whether to redirect.

    One that was deleted is found nowhere.
    """
    project = session.scalar(select(Project).where(Project.slug == slug, is_there()))
    if project is None:
        project = session.scalar(
            select(Project)
            .join(ProjectSlug, ProjectSlug.project_id == Project.id)
            .where(ProjectSlug.slug == slug, is_there())
        )
    if project is None:
        raise NotFound("There is no project of this name.", next_step="Look under Projects.")
    return project


def project_named(
    session: Session, named: str, *, among: Callable[[], Collection[int]] | None = None
) -> Project:
    """Find a project by its slug, one it had, or its name; several that fit are named.

    The name may be written as people do: in any case, with spaces or with hyphens. `among` says
    which projects whoever asks may know; those alone are found by their name.
    """
    try:
        return project_by_slug(session, named)
    except NotFound:
        known = None if among is None else among()
    query = select(Project).where(is_there()).order_by(Project.id)
    projects = [one for one in session.scalars(query) if known is None or one.id in known]
    exact = [one for one in projects if one.name == " ".join(named.split())]
    fitting = exact or _alike(session, named, projects)
    if not fitting:
        raise NotFound("There is no project of this name.", next_step="Look under Projects.")
    if len(fitting) > 1:
        listed = ", ".join(f"{one.slug} ({one.name})" for one in fitting[:5])
        raise Invalid(
            f"{named!r} fits {len(fitting)} projects: {listed}.",
            next_step="Name one as it stands in its address, the word before its name here.",
            code="which_project",
        )
    return fitting[0]


def project_if_there(session: Session, named: str) -> Project | None:
    """The same, or None where no project goes by this name."""
    try:
        return project_named(session, named)
    except NotFound:
        return None


def _alike(session: Session, named: str, projects: Sequence[Project]) -> list[Project]:
    wanted = _bare(named)
    if not wanted:
        return []
    had = {
        project_id
        for slug, project_id in session.execute(select(ProjectSlug.slug, ProjectSlug.project_id))
        if slug == wanted
    }
    return [one for one in projects if wanted in (one.slug, _bare(one.name)) or one.id in had]


def _bare(name: str) -> str:
    """A name without case, accents and signs. Unlike a slug it keeps the letters of every script:
    two names in Chinese may have one slug, and are not one name."""
    apart = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(sign for sign in apart if unicodedata.category(sign)[0] != "M")
    return re.sub(r"[\W_]+", "-", plain).strip("-")


def rename_project(lock: ProjectLock, name: str) -> Project:
    """Give a project a new name and slug; the old address leads to it for ever."""
    session, name = lock.session, _checked_name(name)
    project = session.get_one(Project, lock.project_id)
    slug = _free_slug(session, name, own=project.id)
    if slug != project.slug:
        session.execute(
            insert_or_skip(session, ProjectSlug).values(slug=project.slug, project_id=project.id)
        )
    project.name, project.slug = name, slug
    session.flush()
    return project


def archive_project(lock: ProjectLock, *, archived: bool, now: datetime) -> bool:
    """Put a project away, or bring it back; nothing is deleted. False when it is so already."""
    project = lock.session.get_one(Project, lock.project_id)
    if archived == (project.archived_at is not None):
        return False
    project.archived_at = now if archived else None
    lock.archived = archived
    lock.session.flush()
    return True


def delete_project(lock: ProjectLock, *, now: datetime) -> None:
    """Hide a project from everybody; what is put away gives nothing out, so it is put away too."""
    project = lock.session.get_one(Project, lock.project_id)
    archive_project(lock, archived=True, now=now)  # in the same moment: see `restore_project`
    project.deleted_at = now
    lock.session.flush()


def restore_project(lock: ProjectLock, *, now: datetime) -> Project:
    """Bring a deleted project back as it was."""
    project = lock.session.get_one(Project, lock.project_id)
    if project.archived_at == project.deleted_at:
        archive_project(lock, archived=False, now=now)
    project.deleted_at = None
    lock.session.flush()
    return project


def goes_at(project: Project) -> datetime:
    """When a deleted project is removed for good."""
    assert project.deleted_at is not None
    return project.deleted_at + KEPT


def set_confirmations(
    lock: ProjectLock, confirmations: int, *, actor: str | None, now: datetime
) -> bool:
    """Say how many readers make a change final from here on; False when it is so already."""
    _checked_confirmations(confirmations)
    if lock.confirmations == confirmations:
        return False
    lock.append(EventKind.POLICY, {"confirmations": confirmations}, actor=actor, now=now)
    lock.confirmations = confirmations
    lock.session.get_one(Project, lock.project_id).confirmations = confirmations
    lock.session.flush()
    return True
