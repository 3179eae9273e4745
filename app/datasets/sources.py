"""Who gave the labels before import: one row for each distinct origin, and whom of us it is."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import NamedTuple

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.membership import is_active
from app.datasets.visible import visible_imports
from app.db.dialects import insert_or_skip
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Example, Source
from app.errors import NotFound


def origin_of(kind: str, name: str) -> str:
    """SHA-256 of what tells one source from another."""
    what = {
        "batch": "",
        "guideline_version": "",
        "made_at": None,
        "model_version": "",
        "name": name,
        "type": kind,
    }
    return hashlib.sha256(orjson.dumps(what, option=orjson.OPT_SORT_KEYS)).hexdigest()


def source_ids(
    session: Session, project_id: int, names: set[str], *, kind: str = "unknown"
) -> dict[str, int]:
    """Ids of these sources by name; those that are new are made in this transaction."""
    origins = {origin_of(kind, name): name for name in sorted(names)}
    if not origins:
        return {}
    rows = [
        {"project_id": project_id, "origin": origin, "type": kind, "name": name}
        for origin, name in origins.items()
    ]
    session.execute(insert_or_skip(session, Source), rows)
    stored = session.execute(
        select(Source.origin, Source.id).where(
            Source.project_id == project_id, Source.origin.in_(origins)
        )
    )
    return {origins[origin]: source_id for origin, source_id in stored}


class SourceRow(NamedTuple):
    """A source, how many examples came with its labels, and the member who it is, if any."""

    id: int
    type: str
    name: str
    person_id: int | None
    examples: int


def sources_of(session: Session, project_id: int) -> list[SourceRow]:
    """The sources of a project by name; two statements, one where there is none."""
    sources = session.execute(
        select(Source.id, Source.type, Source.name, Source.person_id)
        .where(Source.project_id == project_id)
        .order_by(Source.name, Source.id)
    ).all()
    if not sources:
        return []
    counted = session.execute(
        select(Example.source_id, func.count())
        .where(Example.project_id == project_id, Example.import_id.in_(visible_imports(project_id)))
        .group_by(Example.source_id)
    )
    examples: dict[int | None, int] = dict(counted.all())
    return [SourceRow(*row, examples.get(row.id, 0)) for row in sources]


def source_names(session: Session, project_id: int) -> dict[int, str]:
    """By id, in the order of their names; nothing is counted."""
    query = select(Source.id, Source.name).where(Source.project_id == project_id)
    return dict(session.execute(query.order_by(Source.name, Source.id)).all())


def source_in(session: Session, project_id: int, source_id: int) -> Source:
    """A source of this very project."""
    source = session.scalars(
        select(Source).where(Source.id == source_id, Source.project_id == project_id)
    ).one_or_none()
    if source is None:
        raise NotFound("There is no such source in this project.")
    return source


def sources_named(
    session: Session, project_id: int, names: Collection[str], *, kind: str | None = None
) -> list[Source]:
    """Sources of these names; `kind`: of this type only."""
    query = select(Source).where(Source.project_id == project_id, Source.name.in_(names))
    if kind is not None:
        query = query.where(Source.type == kind)
    return list(session.scalars(query.order_by(Source.id)))


class Match(StrEnum):
    """What a source's name has in common with a member."""

    EMAIL = "email"
    NAME = "name"


class LikelyGiver(NamedTuple):
    """A source of a file that is probably a member of the project."""

    source: str
    person_id: int
    name: str
    by: Match

    @property
    def usual(self) -> bool:
        """Whether it is taken for granted: an address is one person's, a name may be anybody's."""
        return self.by is Match.EMAIL


def likely_givers(session: Session, project_id: int, names: Iterable[str]) -> list[LikelyGiver]:
    """Which of these sources, not linked yet, have the e-mail or the name of one member."""
    asked = sorted(set(names))
    if not asked:
        return []
    linked = set(
        session.scalars(
            select(Source.name).where(
                Source.project_id == project_id, Source.person_id.is_not(None)
            )
        )
    )
    members = session.execute(
        select(Person.id, Person.name, Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.project_id == project_id, is_active())
    ).all()
    times = Counter(_folded(one.name) for one in members)
    by_name = {_folded(one.name): one for one in members if times[_folded(one.name)] == 1}
    by_email = {_folded(one.email): one for one in members if one.email}
    likely = []
    for source in asked:
        if source in linked:
            continue
        for by, known in ((Match.EMAIL, by_email), (Match.NAME, by_name)):
            if (one := known.get(_folded(source))) is not None:
                likely.append(LikelyGiver(source, one.id, one.name, by))
                break
    return likely


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
