"""One consistent look at a project at one seq of its log: what a release is made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Engine, and_, select
from sqlalchemy.orm import Session

from app.db.dialects import one_snapshot, small_cache
from app.db.engine import reading
from app.db.tables.accounts import Person
from app.db.tables.datasets import DataImport, Example, Label, Project
from app.db.tables.ranking import Score
from app.db.tables.review import Decision, Event, Reversal
from app.db.words import EventKind, ImportState
from app.labels import mapped
from app.releases.layout import FileShape, Said, Spelling
from app.review.books.fold import Answer, Folded, Mark, fold

CHUNK = 5_000


class Source(NamedTuple):
    """One import that the log binds."""

    id: int
    seq: int
    file_name: str
    sha256: str
    rows: int
    left_out: int
    lines: str  # the log's SHA-256 over its line hashes
    separator: str | None
    shape: FileShape


@dataclass(frozen=True)
class Snapshot:
    """A project at `up_to`; read further rows through the same `session` only."""

    session: Session
    project: Project
    up_to: int
    run_id: int | None
    confirmations: int
    labels: Mapping[int, tuple[str, str]]
    mapping: Mapping[int, int]
    sources: tuple[Source, ...]

    @property
    def imported(self) -> int:
        return sum(source.rows for source in self.sources)


class Row(NamedTuple):
    example_id: int
    key: str
    row: int
    columns: dict[str, str]
    salt: str | None
    given: int | None
    quality: float | None
    priority: float | None


@dataclass
class Chunk:
    """Some rows of one import in order, with everything said about them."""

    rows: list[Row]
    answers: dict[int, list[Answer]] = field(default_factory=dict)
    marks: dict[int, list[Mark]] = field(default_factory=dict)
    said: dict[int, Said] = field(default_factory=dict)

    def folded(self, row: Row, mapping: Mapping[int, int]) -> Folded:
        given = () if row.given is None else (row.given,)
        answers = self.answers.get(row.example_id)
        marks = self.marks.get(row.example_id)
        if answers is None and marks is None:
            return Folded(labels=mapped(given, mapping))
        return fold(given, answers or [], marks or [], mapping=mapping)


@contextmanager
def snapshot(
    engine: Engine, project_id: int, *, up_to: int | None = None, run_id: int | None = None
) -> Iterator[Snapshot]:
    """Look at the project as it is now, or as it was at an earlier seq with an earlier ranking."""
    with reading(one_snapshot(engine)) as session, small_cache(session):
        project = session.get_one(Project, project_id)
        at = project.log_seq if up_to is None else up_to
        schema = _last(session, project_id, EventKind.SCHEMA, at) or {"labels": []}
        policy = _last(session, project_id, EventKind.POLICY, at)
        labels = _labels(session, project_id, schema)
        yield Snapshot(
            session=session,
            project=project,
            up_to=at,
            run_id=project.run_id if up_to is None else run_id,
            confirmations=policy["confirmations"] if policy else project.confirmations,
            labels=labels,
            mapping={
                label["id"]: label["replaced_by"]
                for label in schema["labels"]
                if label["replaced_by"] is not None
            },
            sources=tuple(_sources(session, project_id, labels, at)),
        )


def _last(session: Session, project_id: int, kind: EventKind, at: int) -> dict[str, Any] | None:
    """What the last event of a kind says."""
    body = session.scalars(
        select(Event.body)
        .where(Event.project_id == project_id, Event.kind == kind, Event.seq <= at)
        .order_by(Event.seq.desc())
        .limit(1)
    ).one_or_none()
    data: dict[str, Any] | None = None if body is None else orjson.loads(body)["data"]
    return data


def _labels(
    session: Session, project_id: int, schema: Mapping[str, Any]
) -> dict[int, tuple[str, str]]:
    codes = session.execute(select(Label.id, Label.code).where(Label.project_id == project_id))
    known: dict[int, str] = dict(codes.all())
    return {label["id"]: (label["name"], known.get(label["id"], "")) for label in schema["labels"]}


def _sources(
    session: Session, project_id: int, labels: Mapping[int, tuple[str, str]], at: int
) -> Iterator[Source]:
    imports = session.scalars(
        select(DataImport)
        .where(
            DataImport.project_id == project_id,
            DataImport.state == ImportState.DONE,
            DataImport.seq <= at,
        )
        .order_by(DataImport.seq)
    ).all()
    for found in imports:
        assert found.seq is not None
        body = session.scalars(
            select(Event.body).where(Event.project_id == project_id, Event.seq == found.seq)
        ).one()
        data = orjson.loads(body)["data"]
        yield Source(
            id=found.id,
            seq=found.seq,
            file_name=found.file_name,
            sha256=found.sha256,
            rows=data["rows"],
            left_out=data["left_out"],
            lines=data["lines"],
            separator=found.report.get("separator"),
            shape=_shape(session, found, labels),
        )


def _shape(session: Session, found: DataImport, labels: Mapping[int, tuple[str, str]]) -> FileShape:
    """The file's columns, and which of them hold the label and the id.

    A label that was read from inside a nested value has no column to be written into.
    """
    report = found.report
    columns = report.get("columns") or _columns_seen(session, found.id)
    roles = report.get("roles") or {}
    ids = {name: label for label, (name, _) in labels.items()}
    written = {raw: ids[name] for raw, name in report.get("label_map", {}).items() if name in ids}
    label, key = roles.get("label"), roles.get("id")
    return FileShape(
        import_id=found.id,
        columns=tuple(columns),
        label=label if label in columns else None,
        id=key if key in columns else None,
        spelling=Spelling.of(labels, written),
    )


def _columns_seen(session: Session, import_id: int) -> list[str]:
    first = session.scalars(
        select(Example.columns).where(Example.import_id == import_id).order_by(Example.row).limit(1)
    ).one_or_none()
    return list(first or {})


def chunks_of(found: Snapshot, source: Source) -> Iterator[Chunk]:
    """An import's rows in the order of its file, by keyset; constant memory."""
    last = -1
    query = (
        select(
            Example.id,
            Example.key,
            Example.row,
            Example.columns,
            Example.salt,
            Example.given_label_id,
            Score.quality,
            Score.priority,
        )
        .outerjoin(Score, and_(Score.run_id == found.run_id, Score.example_id == Example.id))
        .where(Example.import_id == source.id)
        .order_by(Example.row)
        .limit(CHUNK)
    )
    while True:
        rows = found.session.execute(query.where(Example.row > last)).all()
        if not rows:
            return
        last = rows[-1].row
        chunk = Chunk([Row(*row) for row in rows])
        ids = [row.id for row in rows]
        _add_answers(found, chunk, min(ids), max(ids))
        _add_marks(found, chunk, min(ids), max(ids))
        yield chunk


def _add_answers(found: Snapshot, chunk: Chunk, first: int, last: int) -> None:
    """Answers up to the snapshot's seq; ids between these may belong to other rows as well."""
    rows = found.session.execute(
        select(
            Decision.example_id,
            Decision.seq,
            Person.pseudonym,
            Decision.verdict,
            Decision.label_id,
            Decision.reason,
            Decision.read_reason,
            Decision.confirmations,
            Decision.supersedes,
            Decision.adjudicates,
            Decision.guideline_revision,
            Decision.at,
        )
        .join(Person, Person.id == Decision.person_id)
        .where(
            Decision.project_id == found.project.id,
            Decision.example_id.between(first, last),
            Decision.seq <= found.up_to,
        )
        .order_by(Decision.seq)
    )
    for example_id, seq, person, verdict, label, *rest, guideline, at in rows:
        labels = () if label is None else (label,)
        answer = Answer(seq, person, verdict, labels, *rest)
        chunk.answers.setdefault(example_id, []).append(answer)
        chunk.said[seq] = Said(person, int(at.timestamp() * 1000), verdict, guideline)


def _add_marks(found: Snapshot, chunk: Chunk, first: int, last: int) -> None:
    rows = found.session.execute(
        select(Reversal.example_id, Reversal.seq, Reversal.kind, Reversal.decision_seq)
        .where(
            Reversal.project_id == found.project.id,
            Reversal.example_id.between(first, last),
            Reversal.seq <= found.up_to,
        )
        .order_by(Reversal.seq)
    )
    for example_id, seq, kind, decision_seq in rows:
        chunk.marks.setdefault(example_id, []).append(Mark(seq, kind, decision_seq))


def erased_lines(found: Snapshot) -> dict[int, str]:
    """Example id -> the hash that stands for its line: an erase event keeps it as `line`."""
    bodies = found.session.scalars(
        select(Event.body).where(
            Event.project_id == found.project.id,
            Event.kind == EventKind.ERASE,
            Event.seq <= found.up_to,
        )
    )
    data = [orjson.loads(body)["data"] for body in bodies]
    return {erased["example"]: erased["line"] for erased in data if "line" in erased}


def event_bodies(session: Session, project_id: int, *, up_to: int) -> Iterator[tuple[str, bytes]]:
    """The log's bodies with their stored hashes, from the first event on."""
    last = 0
    while last < up_to:
        rows = session.execute(
            select(Event.seq, Event.body, Event.hash)
            .where(Event.project_id == project_id, Event.seq > last, Event.seq <= up_to)
            .order_by(Event.seq)
            .limit(CHUNK)
        ).all()
        if not rows:
            return
        last = rows[-1].seq
        for _, body, kept in rows:
            yield body, kept
