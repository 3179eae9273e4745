"""Who reviews in a project, with what the last comparison found of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.audit.reviewers.asking import Kept
from app.audit.reviewers.report import REMOVED, OfReviewer, OtherwiseEnded, Pulled
from app.datasets.current_labels import current_label
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of, replacements
from app.datasets.visible import visible_imports
from app.datatypes.shown import Excerpt, content_of, excerpt_of
from app.db.parts import parts
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Decision
from app.db.words import FINAL, Reason, Role, Status
from app.labels import current
from app.review.books.own_reads import is_still_theirs

RETIRED, REMOVED_WORD = "a retired label", "Removed"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person; `name` is told apart from others of the same name. `left`: takes part no more."""

    person: int
    name: str
    pseudonym: str
    left: bool
    found: OfReviewer


class _Someone(NamedTuple):
    """A person, and their part in a project if they ever had one."""

    id: int
    name: str
    pseudonym: str
    role: Role | None
    left_at: datetime | None


def reviewers_of(session: Session, project_id: int, kept: Kept | None) -> list[Reviewer]:
    """Who takes part, and who left answers here, by name."""
    found = {one.person: one for one in kept.report.people} if kept is not None else {}
    part = and_(Membership.person_id == Person.id, Membership.project_id == project_id)
    columns = select(Person.id, Person.name, Person.pseudonym, Membership.role, Membership.left_at)
    by_id: dict[int, _Someone] = {}
    for some in parts(sorted(found)) if found else [[]]:
        there = Membership.left_at.is_(None) & Membership.role.is_not(None)
        wanted = or_(there, Person.id.in_(some))
        rows = session.execute(columns.outerjoin(Membership, part).where(wanted))
        by_id |= {row.id: _Someone(*row) for row in rows}
    names = Counter(row.name for row in by_id.values())
    every = [
        Reviewer(
            row.id,
            f"{row.name} ({row.pseudonym})" if names[row.name] > 1 else row.name,
            row.pseudonym,
            row.role is None or row.left_at is not None,
            found.get(row.id) or _no_answers(row.id),
        )
        for row in by_id.values()
    ]
    return sorted(every, key=lambda one: (one.name.casefold(), one.person))


def _no_answers(person: int) -> OfReviewer:
    """Of somebody whom the last comparison does not know."""
    return OfReviewer(
        person=person,
        answers=0,
        median_seconds=None,
        measured=0,
        right=None,
        known=0,
        known_right=None,
        changes=0,
        overturned=None,
        pulled=Pulled(0, 0, 0, 0, None),
        differs=False,
        ended=0,
        swapped=[],
        otherwise=[],
        speed=[],
    )


def where_answered(session: Session, person_id: int, projects: Collection[int]) -> set[int]:
    """Those of the projects in which a person has answered anything."""
    answer = exists().where(Decision.project_id == Project.id, Decision.person_id == person_id)
    mine: set[int] = set()
    for some in parts(sorted(projects)):
        mine.update(session.scalars(select(Project.id).where(Project.id.in_(some), answer)))
    return mine


@dataclass(frozen=True, slots=True)
class LabelNames:
    """What screens call labels; one that was retired is called as what stands for it."""

    names: dict[int, str]
    mapping: dict[int, int]

    @classmethod
    def of(cls, session: Session, project_id: int) -> LabelNames:
        every = labels_of(session, project_id, retired=True)
        names = shown_names(every) | {REMOVED: REMOVED_WORD}
        return cls(names, replacements(every))

    def now(self, label: int) -> int:
        return current(label, self.mapping)

    def __getitem__(self, label: int) -> str:
        return self.names.get(self.now(label), RETIRED)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """An answer that its example did not keep, as it stands now."""

    example: int
    key: str
    excerpt: Excerpt | None
    said: str
    final: str


def ended_otherwise(
    session: Session,
    project_id: int,
    answers: Sequence[OtherwiseEnded],
    names: LabelNames,
    *,
    viewer: int,
) -> list[Otherwise]:
    """Without those that the viewer may still have to read, and what ended well since."""
    final = current_label(Example.final_label_id)
    query = select(
        Example.id, Example.key, Example.content, Example.status, Example.removed_reason,
        final.label("final"),
    ).where(
        Example.id.in_([one.example for one in answers]), _nothing_left_to_read(viewer, project_id)
    )  # fmt: skip
    rows = {row.id: row for row in session.execute(query)}
    told = []
    for one in answers:
        row = rows.get(one.example)
        if row is None:
            continue
        ends = REMOVED if row.status is Status.REMOVED else row.final
        if ends is None or ends == names.now(one.said):
            continue
        private = row.removed_reason is Reason.PRIVATE
        excerpt = None if private else excerpt_of(content_of(row.id, row.content))
        told.append(Otherwise(row.id, row.key, excerpt, names[one.said], names[ends]))
    return told


def keys_of(
    session: Session, project_id: int, ids: Iterable[int], *, viewer: int
) -> dict[int, str]:
    """What examples are called, without those that the viewer may still have to read."""
    query = select(Example.id, Example.key).where(
        Example.id.in_(sorted(set(ids))), _nothing_left_to_read(viewer, project_id)
    )
    return dict(session.execute(query).all())


def _nothing_left_to_read(viewer: int, project_id: int) -> ColumnElement[bool]:
    """Final examples that the viewer need not read any more."""
    return and_(
        Example.project_id == project_id,
        Example.import_id.in_(visible_imports(project_id)),
        Example.status.in_(sorted(FINAL)),
        ~is_still_theirs(viewer),
    )
