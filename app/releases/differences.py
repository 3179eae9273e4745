"""Two releases of a project, row by row: whose label is another, which rows came and went.

Both are folded from the log, each up to its own seq: nothing of their files is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.db.tables.datasets import DataImport, Example
from app.db.tables.releases import Release
from app.db.tables.review import Decision, Reversal
from app.db.words import ImportState, RunState, Status
from app.errors import Conflict
from app.labels import LabelSet, current, label_set
from app.releases.chunks import Sayings, sayings_of
from app.releases.shelf import release_of
from app.releases.snapshot import schema_at
from app.review.books.fold import Folded, fold

AT_ONCE = 2_000
_Rows: TypeAlias = "Select[int, str, int | None, int | None]"
_GONE = (Status.REMOVED, Status.ERASED)


class RowChange(StrEnum):
    RELABELED = "relabeled"
    ADDED = "added"
    REMOVED = "removed"


class Difference(NamedTuple):
    """One example; a label is None where there is none, or where the row is not there."""

    example_id: int
    key: str
    change: RowChange
    before: str | None
    after: str | None
    why: str  # its status in the newer release, and a removal's reason


@dataclass(frozen=True)
class Compared:
    """The older release's seq and the newer's, each with the labels it has."""

    session: Session
    project_id: int
    older: int
    newer: int

    @classmethod
    def of(cls, session: Session, older: Release, newer: Release) -> Compared:
        assert older.up_to_seq is not None and newer.up_to_seq is not None
        return cls(session, older.project_id, older.up_to_seq, newer.up_to_seq)

    def rows(self) -> Iterator[Difference]:
        """Every difference, in the order of the examples."""
        was, now = (_Look(self, seq) for seq in (self.older, self.newer))
        for chunk in self._chunks(_touched(self, was, now)):
            said = sayings_of(self.session, self.project_id, self.newer, [row.id for row in chunk])
            for row in chunk:
                found = _difference(row, was.state(row, said), now.state(row, said), (was, now))
                if found is not None:
                    yield found

    def _chunks(self, query: _Rows) -> Iterator[list[_Row]]:
        last = 0
        while True:
            found = self.session.execute(query.where(Example.id > last).limit(AT_ONCE)).all()
            if not found:
                return
            rows = [_Row._make(row) for row in found]
            last = rows[-1].id
            yield rows


class _Row(NamedTuple):
    id: int
    key: str
    given: int | None
    seq: int  # of its import


class _Look:
    """The project at one seq."""

    def __init__(self, compared: Compared, seq: int) -> None:
        self.seq = seq
        self.names, self.after = schema_at(compared.session, compared.project_id, seq)

    def state(self, row: _Row, said: Sayings) -> Folded | None:
        """What the example is here; None before it was imported, and once it is gone."""
        if row.seq > self.seq:
            return None
        answers = [one for one in said.answers.get(row.id, ()) if one.seq <= self.seq]
        marks = [one for one in said.marks.get(row.id, ()) if one.seq <= self.seq]
        return fold(label_set(row.given), answers, marks, mapping=self.after)

    def name(self, labels: LabelSet) -> str | None:
        return self.names[labels[0]][0] if labels else None


def _difference(
    row: _Row, before: Folded | None, after: Folded | None, looks: tuple[_Look, _Look]
) -> Difference | None:
    was = None if before is None or before.status in _GONE else before
    now = None if after is None or after.status in _GONE else after
    if was is None and now is None:
        return None
    old = looks[0].name(was.labels) if was else None
    new = looks[1].name(now.labels) if now else None
    if was and now:
        if was.labels == now.labels:
            return None
        change = RowChange.RELABELED
    else:
        change = RowChange.ADDED if now else RowChange.REMOVED
    return Difference(row.id, row.key, change, old, new, after.why if after else "")


def _touched(compared: Compared, was: _Look, now: _Look) -> _Rows:
    """The examples of which anything was said between the two, or whose label was retired."""
    project_id, between = compared.project_id, (compared.older + 1, compared.newer)
    said = (
        select(table.example_id).where(table.project_id == project_id, table.seq.between(*between))
        for table in (Decision, Reversal)
    )
    every = {*was.names, *now.names}
    moved = {one for one in every if current(one, was.after) != current(one, now.after)}
    relabeled = (
        select(table.example_id).where(table.project_id == project_id, table.label_id.in_(moved))
        for table in (Decision, Reversal)
    )
    return (
        select(Example.id, Example.key, Example.given_label_id, DataImport.seq)
        .join(DataImport, DataImport.id == Example.import_id)
        .where(
            Example.project_id == project_id,
            DataImport.state == ImportState.DONE,
            DataImport.seq <= compared.newer,
            or_(
                DataImport.seq > compared.older,
                *(Example.id.in_(one) for one in said),
                Example.given_label_id.in_(moved),
                *(Example.id.in_(one) for one in relabeled),
            ),
        )
        .order_by(Example.id)
    )


@dataclass(frozen=True)
class Flow:
    """How many labels went from one to another."""

    before: str | None
    after: str | None
    count: int


@dataclass
class Summary:
    """All differences counted, and the first rows of those that were asked for."""

    counts: Counter[RowChange] = field(default_factory=Counter)
    flows: list[Flow] = field(default_factory=list)
    rows: list[Difference] = field(default_factory=list)
    wanted: int = 0

    @property
    def words(self) -> str:
        """What changed, without since when."""
        return said_of(self.counts)


class Wanted(NamedTuple):
    """Which rows are listed: of one change, or of one flow; nothing said means all."""

    change: RowChange | None = None
    before: str | None = None
    after: str | None = None

    def takes(self, row: Difference) -> bool:
        if self.change is not None and row.change is not self.change:
            return False
        labels = ((self.before, row.before), (self.after, row.after))
        return all(asked is None or asked == (there or "") for asked, there in labels)


ALL = Wanted()


def summary_of(compared: Compared, wanted: Wanted = ALL, *, most: int = 100) -> Summary:
    told = Summary()
    flows: Counter[tuple[str | None, str | None]] = Counter()
    for row in compared.rows():
        told.counts[row.change] += 1
        if row.change is RowChange.RELABELED:
            flows[row.before, row.after] += 1
        if wanted.takes(row):
            told.wanted += 1
            if len(told.rows) < most:
                told.rows.append(row)
    ordered = sorted(flows.items(), key=lambda one: (-one[1], str(one[0])))
    told.flows = [Flow(before, after, count) for (before, after), count in ordered]
    return told


_WORDS = {
    RowChange.RELABELED: ("label changed", "labels changed"),
    RowChange.ADDED: ("row added", "rows added"),
    RowChange.REMOVED: ("row removed", "rows removed"),
}


def said_of(counts: Mapping[RowChange, int] | Mapping[str, int]) -> str:
    """Such as `12 labels changed, 1 row removed`."""
    parts = []
    known = {str(name): number for name, number in counts.items()}
    for change, (one, many) in _WORDS.items():
        if count := known.get(change.value, 0):
            parts.append(f"{count:,} {one if count == 1 else many}")
    return ", ".join(parts) or "nothing changed"


class Since(NamedTuple):
    """What is another than in the release before."""

    release: int
    words: str


def since_of(release: Release) -> Since | None:
    """As it was counted when the release was made; None for the first one."""
    told = release.counts.get("since")
    if not told:
        return None
    return Since(
        told["release"], said_of({str(change): told.get(change, 0) for change in RowChange})
    )


def release_before(session: Session, release: Release) -> Release | None:
    """The complete release with the next lower number."""
    return session.scalars(
        select(Release)
        .where(
            Release.project_id == release.project_id,
            Release.number < release.number,
            Release.state == RunState.COMPLETE,
        )
        .order_by(Release.number.desc())
        .limit(1)
    ).one_or_none()


def compared_with(
    session: Session, release: Release, number: int | None
) -> tuple[Release, Release]:
    """The older and the newer of two releases; the other one is the one before by default."""
    if number is None:
        other = release_before(session, release)
        if other is None:
            raise Conflict(
                f"There is no complete release before release {release.number}.",
                next_step="Make another release, or name the one to compare it with.",
                code="nothing_to_compare",
            )
    else:
        other = release_of(session, release.project_id, number)
    for one in (release, other):
        if one.state is not RunState.COMPLETE:
            raise Conflict(
                f"Release {one.number} is not complete.",
                next_step="Wait until it is made, or compare with another one.",
                code="release_incomplete",
            )
    return (other, release) if other.number < release.number else (release, other)


def csv_lines(compared: Compared) -> Iterator[list[str]]:
    """The difference as a table: a line of names, then one for each row."""
    yield ["id", "change", "label_before", "label_after", "why"]
    for row in compared.rows():
        yield [row.key, row.change.value, row.before or "", row.after or "", row.why]
