"""Whose labels came with a file: a source is linked to a member, who then judges none of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.activity import Act, ActivityKind, record
from app.accounts.membership import person_in
from app.accounts.people import person_by_email
from app.actions.turn import Caller, turn_by_slug
from app.datasets.mapping import mapping_of
from app.datasets.projects import project_named
from app.datasets.report import report_of
from app.datasets.sources import (
    LikelyGiver,
    likely_givers,
    source_in,
    sources_named,
    sources_of,
)
from app.db.log import ProjectLock, lock_project
from app.db.tables.datasets import DataImport, Source
from app.db.words import ImportState, Role
from app.errors import Invalid, NotFound
from app.review.books.may import active_people
from app.review.books.own_labels import link


def link_source(caller: Caller, slug: str, source_id: int, person_id: int | None) -> None:
    """One source is this member, or nobody here if None."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        source = source_in(turn.session, turn.project_id, source_id)
        if person_id is not None:
            person_in(turn.session, turn.project_id, person_id)
        _link_and_record(turn.lock, [source], person_id, by=turn.member.person_id, now=turn.now)


def say_own_labels(caller: Caller, slug: str, person_id: int, source_ids: Collection[int]) -> None:
    """A member is these sources, and no others."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        person_in(turn.session, turn.project_id, person_id)
        wanted = [source_in(turn.session, turn.project_id, one) for one in sorted(source_ids)]
        others = [
            source_in(turn.session, turn.project_id, row.id)
            for row in sources_of(turn.session, turn.project_id)
            if row.person_id == person_id and row.id not in source_ids
        ]
        by = turn.member.person_id
        _link_and_record(turn.lock, others, None, by=by, now=turn.now)
        _link_and_record(turn.lock, wanted, person_id, by=by, now=turn.now)


def link_from_console(
    session: Session, slug: str, email: str, source: str, *, now: datetime
) -> None:
    """Say that all sources of this name are a member."""
    lock, person_id = _member_at(session, slug, email)
    sources = sources_named(session, lock.project_id, [source])
    _need(sources, source, slug)
    _link_and_record(lock, sources, person_id, by=None, now=now)
    lock.save()


def unlink_from_console(
    session: Session, slug: str, email: str, source: str, *, now: datetime
) -> None:
    """Say that no source of this name is that member."""
    lock, person_id = _member_at(session, slug, email)
    named = sources_named(session, lock.project_id, [source])
    sources = [one for one in named if one.person_id == person_id]
    _need(sources, source, slug)
    _link_and_record(lock, sources, None, by=None, now=now)
    lock.save()


def _member_at(session: Session, slug: str, email: str) -> tuple[ProjectLock, int]:
    lock = lock_project(session, project_named(session, slug).id)
    person = person_by_email(session, email)
    if person is None or person.id not in active_people(session, lock.project_id):
        raise NotFound(
            f"Nobody with the address {email} takes part in {slug}.",
            next_step="Check the spelling, or add the person with relabel people add.",
        )
    return lock, person.id


def _need(sources: Collection[Source], name: str, slug: str) -> None:
    if not sources:
        raise NotFound(
            f"No labels in {slug} came from {name!r}.",
            next_step="Write the source as the file names it; the People page lists them all.",
        )


def likely_in(session: Session, data_import: DataImport) -> list[LikelyGiver]:
    """Sources of a file that is ready to be imported which are probably members."""
    if data_import.state is not ImportState.STAGED:
        return []
    named = report_of(data_import.report).get("sources", [])
    return likely_givers(session, data_import.project_id, named)


def say_givers(session: Session, data_import: DataImport, said: Mapping[str, int] | None) -> None:
    """Keep with a checked file which of its sources are members: as said, or else by e-mail."""
    if data_import.state is not ImportState.STAGED:
        return
    if said is None:
        said = {one.source: one.person_id for one in likely_in(session, data_import) if one.usual}
    named = set(report_of(data_import.report).get("sources", []))
    people = active_people(session, data_import.project_id)
    for source, person_id in said.items():
        if source not in named or person_id not in people:
            raise Invalid(
                f"{source!r} is no source of this file, or its member takes no part here.",
                next_step="Name sources of the file and the ids of members.",
                code="own_labels",
            )
    data_import.report = {**data_import.report, "own_labels": dict(said)}
    session.flush()


def link_imported(
    lock: ProjectLock, data_import: DataImport, *, by: int | None, now: datetime
) -> None:
    """As was said when the import was asked for; who takes part no more is left out."""
    own = report_of(data_import.report).get("own_labels", {})
    kind = mapping_of(data_import.mapping).source_type or "unknown"
    people = active_people(lock.session, lock.project_id)
    for source in sources_named(lock.session, lock.project_id, own.keys(), kind=kind):
        person_id = own[source.name]
        if person_id in people:
            _link_and_record(lock, [source], person_id, by=by, now=now)


def _link_and_record(
    lock: ProjectLock,
    sources: Iterable[Source],
    person_id: int | None,
    *,
    by: int | None,
    now: datetime,
) -> None:
    linked = person_id is not None
    kind = ActivityKind.SOURCE_LINKED if linked else ActivityKind.SOURCE_UNLINKED
    for changed in link(lock, sources, person_id, now=now):
        act = Act(kind, by, lock.project_id, _detail(changed))
        record(lock.session, act, now=now)


def _detail(source: Source) -> dict[str, str | int]:
    detail: dict[str, str | int] = {"source": source.id, "name": source.name}
    return detail if source.person_id is None else {**detail, "person": source.person_id}
