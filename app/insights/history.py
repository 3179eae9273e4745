"""One example's whole history: where it came from, how it was scored, what people said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.log_bodies import AnyBody
from app.db.tables.accounts import Person
from app.db.tables.audit import Serve
from app.db.tables.datasets import DataImport, Example
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Batch, Decision, Event, Note
from app.db.words import EventKind, Stream
from app.insights.event_words import event_how, event_mark, event_words
from app.review.books.own_reads import is_still_theirs

STREAM_WORDS = {
    Stream.QUEUE: "by the batch's rule",
    Stream.AUDIT: "drawn at random",
    Stream.PROBE: "as a fresh check of a group",
    Stream.COPY: "as an identical example",
    Stream.DIRECT: "on its own page",
    Stream.CARRIED: "carried into a new audit epoch",
}


_NOT_HANDED_OUT = (Stream.DIRECT, Stream.ERASED)


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline. `kind` chooses its mark; `seq` is its place in the log."""

    at: datetime
    kind: str
    who: str
    words: str
    how: str = ""
    note: str = ""
    seq: int | None = None
    undone: bool = False


def history(
    session: Session, example: Example, names: Mapping[int, str], *, viewer: int
) -> list[Moment]:
    """Oldest first; a fixed number of statements. Why it was handed out is not told to a viewer
    who is still to read it."""
    data_import = session.get_one(DataImport, example.import_id)
    given = names.get(example.given_label_id or 0)
    moments = [
        Moment(
            data_import.finished_at or data_import.created_at,
            "import",
            "",
            f"Imported as {given}" if given else "Imported without a label",
            f"row {example.row:,} of {data_import.file_name}",
        )
    ]
    moments += _scores(session, example, names)
    moments += _serves(session, example, viewer=viewer)
    moments += _events(session, example, names)
    order = {"import": 0, "score": 1, "serve": 2}
    return sorted(moments, key=lambda one: (one.at, one.seq or 0, order.get(one.kind, 3)))


def _scores(session: Session, example: Example, names: Mapping[int, str]) -> list[Moment]:
    rows = session.execute(
        select(ScoringRun, Score.quality, Score.suggested_id)
        .join(Score, Score.run_id == ScoringRun.id)
        .where(Score.example_id == example.id, ScoringRun.finished_at.is_not(None))
    )
    return [
        Moment(
            run.finished_at or run.started_at,
            "score",
            "",
            "Could not be scored" if quality is None else f"Scored: quality {quality:.2f}",
            f"run {run.number}"
            + (f", favors {names[label]}" if label is not None and label in names else ""),
        )
        for run, quality, label in rows
    ]


def _serves(session: Session, example: Example, *, viewer: int) -> list[Moment]:
    rows = session.execute(
        select(Serve.at, Serve.stream, Batch.number, is_still_theirs(viewer))
        .join(Example, Example.id == Serve.example_id)
        .outerjoin(Batch, Batch.id == Serve.batch_id)
        .where(Serve.example_id == example.id, Serve.stream.not_in(_NOT_HANDED_OUT))
    )
    return [
        Moment(
            at,
            "serve",
            "",
            f"Handed out first{f' in batch {number}' if number else ''}",
            "" if hidden else STREAM_WORDS.get(stream, stream.value),
        )
        for at, stream, number, hidden in rows
    ]


def _events(session: Session, example: Example, names: Mapping[int, str]) -> list[Moment]:
    bodies = session.scalars(select(Event.body).where(Event.example_id == example.id))
    events: list[AnyBody] = [orjson.loads(body) for body in bodies]
    notes, loose = _notes(session, example.id)
    people = people_of(session, events)
    gone = _gone(events)
    moments = [
        Moment(
            at_of(event),
            event_mark(event),
            people.get(event["actor"] or "", ""),
            event_words(event, names),
            event_how(event),
            notes.get(event["seq"], ""),
            event["seq"],
            undone=event["seq"] in gone,
        )
        for event in events
    ]
    return moments + [Moment(at, "note", who, "Note", note=text) for at, who, text in loose]


def _gone(events: Sequence[AnyBody]) -> set[int]:
    """Answers that were undone and not redone, or replaced by their giver; skips taken back."""
    gone: set[int] = set()
    for event in sorted(events, key=lambda one: one["seq"]):
        kind, data = event["kind"], event["data"]
        if kind == EventKind.UNDO:
            gone.add(data["decision"])
        elif kind == EventKind.REDO:
            gone.discard(data["decision"])
        elif kind == EventKind.RESUME:
            gone.add(data["aside"])
        elif data.get("supersedes") is not None:
            gone.add(data["supersedes"])
    return gone


def at_of(event: AnyBody) -> datetime:
    return datetime.fromtimestamp(event["at"] / 1000, UTC)


def people_of(session: Session, events: Iterable[AnyBody]) -> dict[str, str]:
    """Pseudonym -> name of those who acted."""
    actors = {event["actor"] for event in events if event["actor"]}
    rows = session.execute(
        select(Person.pseudonym, Person.name).where(Person.pseudonym.in_(actors))
    )
    return dict(rows.all())


def _notes(
    session: Session, example_id: int
) -> tuple[dict[int, str], list[tuple[datetime, str, str]]]:
    """Notes by the seq of their answer, and those that came without one."""
    by_seq: dict[int, str] = {}
    loose: list[tuple[datetime, str, str]] = []
    for seq, text, at, name in session.execute(
        select(Decision.seq, Note.text, Note.at, Person.name)
        .select_from(Note)
        .outerjoin(Decision, Decision.note_id == Note.id)
        .outerjoin(Person, Person.id == Note.person_id)
        .where(Note.example_id == example_id)
    ):
        if seq is None:
            loose.append((at, name or "", text))
        else:
            by_seq[seq] = text
    return by_seq, loose
