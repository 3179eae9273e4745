"""Identical examples that came with different labels: groups by their size, page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.datasets.current_labels import LabelColumn, current_label
from app.datasets.display_names import LabelName, name_on_screen, shown_names
from app.datasets.labels import label_mapping, labels_of
from app.datatypes.data_type import StoredContent
from app.db.tables.datasets import Example, Project, Source
from app.db.tables.ranking import RunCounts, Score, ScoringRun
from app.db.words import Reason, Status
from app.errors import Invalid
from app.ranking.signal_names import Signal, bit_of
from app.review.batches.filters import unseen_imports
from app.review.batches.picking import may_join

PAGE = 20
_HASH = 64  # letters of a content's hash


@dataclass(frozen=True, slots=True)
class GivenLabel:
    """One label of a group: how often, by whom, and an example of it."""

    label: int
    name: LabelName
    examples: int
    sources: tuple[str, ...]
    example: int
    key: str


@dataclass(frozen=True, slots=True)
class Group:
    """Examples of exactly the same content, with the labels they came with, most frequent first.

    `unread`: how many nobody has answered. The content is none where it is private.
    """

    examples: int
    unread: int
    labels: tuple[GivenLabel, ...]
    content: StoredContent | None

    @property
    def first(self) -> int:
        return self.labels[0].example


@dataclass(frozen=True, slots=True)
class Scored:
    """What the ranking in use counted of a signal; none where it does not say, `absent` why."""

    signal: Signal
    fired: int | None
    absent: str


@dataclass(frozen=True, slots=True)
class Duplicates:
    """A page of groups; `groups` and `examples` count all of them, `following` is the next page."""

    rows: tuple[Group, ...]
    groups: int
    examples: int
    following: str
    run: int | None
    near: Scored
    leakage: Scored


class _Sized(NamedTuple):
    """A group by its content, and how many groups and examples there are in all."""

    content_hash: str
    examples: int
    unread: int
    groups: int
    in_all: int


class _Part(NamedTuple):
    """Examples of a group with one label by one source; `example` is the first of them."""

    content_hash: str
    label: int
    source: str | None
    examples: int
    example: int


class _Shown(NamedTuple):
    """What is shown of an example."""

    id: int
    key: str
    content: StoredContent
    removed_reason: Reason | None


class _Place(NamedTuple):
    """Where a page begins: after this group."""

    examples: int
    content: str

    @classmethod
    def read(cls, cursor: str) -> _Place:
        size, _, content = cursor.partition("_")
        if not (size.isascii() and size.isdecimal() and len(size) < 12 and len(content) == _HASH):
            raise Invalid(
                "The address of this page is not complete.",
                next_step="Begin again at the first page.",
                code="cursor",
            )
        return cls(int(size), content)

    def written(self) -> str:
        return f"{self.examples}_{self.content}"


def duplicates(session: Session, project: Project, *, cursor: str = "") -> Duplicates:
    """A few statements, however many examples and groups there are."""
    start = _Place.read(cursor) if cursor else None
    run = session.get(ScoringRun, project.run_id) if project.run_id else None
    counts: RunCounts = run.counts if run else {}
    groups = _groups(session, project, counts).subquery()
    page = select(groups).order_by(groups.c.examples.desc(), groups.c.content_hash)
    if start is not None:
        fewer = groups.c.examples < start.examples
        same = and_(groups.c.examples == start.examples, groups.c.content_hash > start.content)
        page = page.where(or_(fewer, same))
    rows = [_Sized(*row) for row in session.execute(page.limit(PAGE + 1))]
    following = ""
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        following = _Place(rows[-1].examples, rows[-1].content_hash).written()
    return Duplicates(
        _in_full(session, project, rows),
        rows[0].groups if rows else 0,
        rows[0].in_all if rows else 0,
        following,
        run.number if run else None,
        _scored(counts, Signal.NEAR_DUPLICATES),
        _scored(counts, Signal.LEAKAGE),
    )


def to_review(session: Session, project: Project, *, most: int) -> list[int]:
    """One example of each group that can still be handed out, of the largest groups first."""
    run = session.get(ScoringRun, project.run_id) if project.run_id else None
    groups = _groups(session, project, run.counts if run else {}).subquery()
    query = (
        select(func.min(Example.id))
        .join(groups, groups.c.content_hash == Example.content_hash)
        .where(*may_join(project.id))
        .group_by(Example.content_hash, groups.c.examples)
        .order_by(groups.c.examples.desc(), Example.content_hash)
        .limit(most)
    )
    return [one for one in session.scalars(query) if one is not None]


def _groups(session: Session, project: Project, counts: RunCounts) -> Select[Any]:
    """Contents with different labels, each with its counts and with those of all beside it.

    Where a ranking has marked such examples, they alone are looked at: of a million few are.
    """
    label: LabelColumn = Example.given_label_id
    if label_mapping(session, project.id):
        label = current_label(label)
    where = [Example.project_id == project.id, Example.status != Status.ERASED]
    if unseen := unseen_imports(session, project.id):
        where.append(Example.import_id.not_in(unseen))
    members = select(
        Example.content_hash, label.label("label"), Example.status.label("status")
    ).where(*where)
    if counts.get("signals", {}).get(Signal.DUPLICATES) is not None:
        fired = Score.signals.bitwise_and(bit_of(Signal.DUPLICATES)) != 0
        marked = (
            select(Score.example_id)
            .where(Score.run_id == project.run_id, fired)
            .cte("marked")
            .prefix_with("MATERIALIZED")
        )
        members = members.join(marked, marked.c.example_id == Example.id)
    one = members.subquery()
    examples = func.count().label("examples")
    unread = func.count().filter(one.c.status == Status.UNREVIEWED).label("unread")
    grouped = (
        select(one.c.content_hash, examples, unread)
        .group_by(one.c.content_hash)
        .having(func.min(one.c.label) < func.max(one.c.label))
        .subquery()
    )
    return select(
        grouped,
        func.count().over().label("groups"),
        func.sum(grouped.c.examples).over().label("in_all"),
    )


def _in_full(session: Session, project: Project, rows: Sequence[_Sized]) -> tuple[Group, ...]:
    """The groups of a page with their labels, sources and content."""
    if not rows:
        return ()
    label = current_label(Example.given_label_id)
    rows_of_parts = session.execute(
        select(Example.content_hash, label, Source.name, func.count(), func.min(Example.id))
        .outerjoin(Source, Source.id == Example.source_id)
        .where(
            Example.project_id == project.id,
            Example.content_hash.in_([row.content_hash for row in rows]),
            Example.given_label_id.is_not(None),
            Example.status != Status.ERASED,
            Example.import_id.not_in(unseen_imports(session, project.id)),
        )
        .group_by(Example.content_hash, label, Source.name)
        .order_by(Example.content_hash, func.min(Example.id))
    )
    found = [_Part(*row) for row in rows_of_parts]
    examples = _examples(session, {part.example for part in found})
    names = shown_names(labels_of(session, project.id, retired=True))
    by_content: dict[str, dict[int, list[_Part]]] = defaultdict(lambda: defaultdict(list))
    for part in found:
        by_content[part.content_hash][part.label].append(part)
    return tuple(_group(row, by_content[row.content_hash], names, examples) for row in rows)


def _examples(session: Session, ids: set[int]) -> Mapping[int, _Shown]:
    rows = session.execute(
        select(Example.id, Example.key, Example.content, Example.removed_reason).where(
            Example.id.in_(ids)
        )
    )
    return {row.id: _Shown(*row) for row in rows}


def _group(
    row: _Sized,
    by_label: Mapping[int, Sequence[_Part]],
    names: Mapping[int, str],
    examples: Mapping[int, _Shown],
) -> Group:
    labels = [_label(label, parts, names, examples) for label, parts in by_label.items()]
    labels.sort(key=lambda one: (-one.examples, one.example))
    members = [examples[one.example] for one in labels]
    private = any(one.removed_reason is Reason.PRIVATE for one in members)
    content = None if private or not members else members[0].content
    return Group(row.examples, row.unread, tuple(labels), content)


def _label(
    label: int, parts: Sequence[_Part], names: Mapping[int, str], examples: Mapping[int, _Shown]
) -> GivenLabel:
    first = min(part.example for part in parts)
    return GivenLabel(
        label,
        name_on_screen(names.get(label, "a retired label")),
        sum(part.examples for part in parts),
        tuple(sorted({part.source for part in parts if part.source})),
        first,
        examples[first].key,
    )


def _scored(counts: RunCounts, signal: Signal) -> Scored:
    fired = counts.get("signals", {}).get(signal)
    return Scored(signal, fired, counts.get("signals_absent", {}).get(signal, ""))
