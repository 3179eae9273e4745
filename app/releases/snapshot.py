"""One consistent look at a project at one seq of its log: what a release is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.datasets.file_form import form_of
from app.db.dialects import one_snapshot, small_cache
from app.db.engine import reading
from app.db.log_bodies import (
    Body,
    Data,
    EraseData,
    ImportData,
    LabelSaid,
    PolicyData,
    SchemaData,
)
from app.db.tables.datasets import DataImport, Label, Project
from app.db.tables.review import Decision, Event, Reversal
from app.db.words import EventKind, ImportState
from app.releases.label_cells import misfit_label, said_of
from app.releases.layout import CHUNK, FileShape, Spelling

LabelNames = Mapping[int, tuple[str, str]]


class Source(NamedTuple):
    """One import that the log binds."""

    id: int
    seq: int
    file_name: str
    sha256: str
    rows: int
    left_out: int
    lines: str  # the log's SHA-256 over its line hashes
    form: str | None  # the log's SHA-256 of how the file looked; imports of old have none
    shape: FileShape
    note: str


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
    def notes(self) -> list[str]:
        """What a release could not keep as it was, in words."""
        return [source.note for source in self.sources if source.note]

    @property
    def imported(self) -> int:
        return sum(source.rows for source in self.sources)


@contextmanager
def snapshot(
    engine: Engine, project_id: int, *, up_to: int | None = None, run_id: int | None = None
) -> Iterator[Snapshot]:
    """Look at the project as it is now, or as it was at an earlier seq with an earlier ranking."""
    with reading(one_snapshot(engine)) as session, small_cache(session):
        project = session.get_one(Project, project_id)
        at = project.log_seq if up_to is None else up_to
        policy = _last(session, project_id, EventKind.POLICY, at, PolicyData)
        labels, after = schema_at(session, project_id, at)
        yield Snapshot(
            session=session,
            project=project,
            up_to=at,
            run_id=project.run_id if up_to is None else run_id,
            confirmations=policy["confirmations"] if policy else project.confirmations,
            labels=labels,
            mapping=after,
            sources=tuple(_sources(session, project_id, (labels, after), at)),
        )


def schema_at(
    session: Session, project_id: int, at: int
) -> tuple[dict[int, tuple[str, str]], dict[int, int]]:
    """Labels by id with name and code, and which of them stand for retired ones, at a seq."""
    schema = _last(session, project_id, EventKind.SCHEMA, at, SchemaData)
    listed = schema["labels"] if schema else []
    after = {
        label["id"]: label["replaced_by"] for label in listed if label["replaced_by"] is not None
    }
    return _labels(session, project_id, listed), after


def _last(
    session: Session, project_id: int, kind: EventKind, at: int, of: type[Data]
) -> Data | None:
    """What the last event of a kind says; `of` is what such an event holds."""
    body = session.scalars(
        select(Event.body)
        .where(Event.project_id == project_id, Event.kind == kind, Event.seq <= at)
        .order_by(Event.seq.desc())
        .limit(1)
    ).one_or_none()
    if body is None:
        return None
    event: Body[Data] = orjson.loads(body)
    return event["data"]


def _labels(
    session: Session, project_id: int, listed: Sequence[LabelSaid]
) -> dict[int, tuple[str, str]]:
    codes = session.execute(select(Label.id, Label.code).where(Label.project_id == project_id))
    known: dict[int, str] = dict(codes.all())
    return {
        label["id"]: (label["name"], label.get("code", known.get(label["id"], "")))
        for label in listed
    }


def _sources(
    session: Session, project_id: int, names: tuple[LabelNames, Mapping[int, int]], at: int
) -> Iterator[Source]:
    answered = {
        label
        for said in (Decision, Reversal)
        for label in session.scalars(
            select(said.label_id)
            .where(said.project_id == project_id, said.seq <= at, said.label_id.is_not(None))
            .distinct()
        )
        if label is not None
    }
    imports = session.scalars(
        select(DataImport)
        .where(
            DataImport.project_id == project_id,
            DataImport.state == ImportState.DONE,
            DataImport.seq <= at,
        )
        .order_by(DataImport.seq)
    ).all()
    for brought in imports:
        assert brought.seq is not None
        body = session.scalars(
            select(Event.body).where(Event.project_id == project_id, Event.seq == brought.seq)
        ).one()
        event: Body[ImportData] = orjson.loads(body)
        data = event["data"]
        shape, note = _shape(session, brought, names, answered)
        yield Source(
            id=brought.id,
            seq=brought.seq,
            file_name=brought.file_name,
            sha256=brought.sha256,
            rows=data["rows"],
            left_out=data["left_out"],
            lines=data["lines"],
            form=data.get("form"),
            shape=shape,
            note=note,
        )


def _shape(
    session: Session,
    brought: DataImport,
    names: tuple[LabelNames, Mapping[int, int]],
    answered: Iterable[int],
) -> tuple[FileShape, str]:
    """How its file looked; and why its labels lose their type, if they do."""
    form, (labels, after) = form_of(session, brought), names
    spelling = Spelling.of(labels, form.written)
    other = misfit_label(form, spelling, answered, after)
    shape = FileShape(brought.id, form, spelling, other is not None)
    if other is None:
        return shape, ""
    return shape, said_of(form.label or "", form.writing.get("label_type", ""), other)


def erased_lines(look: Snapshot) -> dict[int, str]:
    """Example id -> the hash that stands for its line: an erase event keeps it as `line`."""
    bodies = look.session.scalars(
        select(Event.body).where(
            Event.project_id == look.project.id,
            Event.kind == EventKind.ERASE,
            Event.seq <= look.up_to,
        )
    )
    events: Iterator[Body[EraseData]] = (orjson.loads(body) for body in bodies)
    return {event["data"]["example"]: event["data"]["line"] for event in events}


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
        for _, body, stored_hash in rows:
            yield body, stored_hash
