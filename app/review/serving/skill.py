"""In a batch routed by skill each label goes first to who reads it best: an order, never a bar."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Row, and_, bindparam, or_, select

from app.accounts.membership import is_active
from app.db.prepared import run
from app.db.tables.accounts import Membership
from app.db.tables.audit import ReviewerSkill
from app.db.tables.review import Batch
from app.db.words import Routing
from app.review.books.may import is_asked
from app.review.serving.desk import BATCH, ME, PROJECT, Desk

WINDOW, A_SLOT = 32, 4  # waiting members among which is chosen: at least, and for each slot
ONE_IN = 5  # so many keep their place whoever asks: all labels stay measured of everyone


class Labelled(Protocol):
    """An example with its given label and the labels the ranking suggests, the likeliest first."""

    @property
    def example_id(self) -> int: ...
    @property
    def given(self) -> int | None: ...
    @property
    def suggestions(self) -> Sequence[Sequence[Any]] | None: ...


Example = TypeVar("Example", bound=Labelled)


class Skill(NamedTuple):
    """How surely somebody reads a label at least."""

    person: int
    label: int
    lower: float


def window(desk: Desk, slots: int) -> int:
    """How many waiting members are looked at to fill so many slots."""
    return max(WINDOW, A_SLOT * slots) if _is_by_skill(desk) else 0


def by_skill(desk: Desk, rows: list[Row[Any]]) -> list[Row[Any]]:
    """The best waiting members in the order in which this reviewer gets them."""
    if not _is_by_skill(desk) or len(rows) < 2:
        return rows
    labels = sorted({label for row in rows for label in pair_of(row)})
    found = run(desk.session, _SKILLS, desk.asked(labels=labels)) if labels else ()
    skills = (Skill(row.person_id, row.label_id, row.lower) for row in found)
    ahead = ahead_of_others(desk.turn.member.person_id, skills)
    return best_read_first(rows, ahead)


def _is_by_skill(desk: Desk) -> bool:
    return desk.batch is not None and desk.batch.routing is Routing.SKILL


_SKILLS = (
    select(ReviewerSkill.person_id, ReviewerSkill.label_id, ReviewerSkill.lower)
    .join(
        Membership,
        and_(
            Membership.project_id == ReviewerSkill.project_id,
            Membership.person_id == ReviewerSkill.person_id,
        ),
    )
    .join(Batch, Batch.id == BATCH)
    .where(
        ReviewerSkill.project_id == PROJECT,
        ReviewerSkill.label_id.in_(bindparam("labels", expanding=True)),
        is_active(),
        or_(ReviewerSkill.person_id == ME, is_asked(ReviewerSkill.person_id)),
    )
)


def pair_of(row: Labelled) -> dict[int, float]:
    """The given label and the likeliest suggested one, each with the chance that it is right.

    In drawn teams that did about as well as the better of both alone, which was now the one and
    now the other, and as all suggestions together; the differences were within chance.
    """
    chances = {label: float(chance) for label, chance in row.suggestions or ()}
    pair = [row.given, next(iter(chances), None)]
    found = {label: chances.get(label, 0.0) for label in pair if label is not None}
    return found if sum(found.values()) > 0.0 else dict.fromkeys(found, 1.0)


def ahead_of_others(me: int, skills: Iterable[Skill]) -> dict[int, float]:
    """By label, how much better this person reads it than the others do on average.

    Nothing where this person or all others are not measured yet.
    """
    mine: dict[int, float] = {}
    others: defaultdict[int, list[float]] = defaultdict(list)
    for person, label, lower in skills:
        if person == me:
            mine[label] = lower
        else:
            others[label].append(lower)
    return {
        label: lower - sum(others[label]) / len(others[label])
        for label, lower in mine.items()
        if others[label]
    }


def best_read_first(rows: Sequence[Example], ahead: Mapping[int, float]) -> list[Example]:
    """Those on whose labels the reader is most ahead come first; one in five keep their place."""
    if not ahead:
        return list(rows)
    free = [row for row in rows if not keeps_its_place(row.example_id)]
    first: Iterator[Example] = iter(sorted(free, key=lambda row: -_lead(row, ahead)))
    return [row if keeps_its_place(row.example_id) else next(first) for row in rows]


def _lead(row: Labelled, ahead: Mapping[int, float]) -> float:
    pair = pair_of(row)
    whole = sum(pair.values())
    return sum(chance / whole * ahead.get(label, 0.0) for label, chance in pair.items())


def keeps_its_place(example_id: int) -> bool:
    """Whether an example is read in the order of the batch by whoever comes: always the same."""
    return zlib.crc32(str(example_id).encode()) % ONE_IN == 0
