"""One example's whole history: where it came from, how it was scored, what people said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.tables.accounts import Person
from app.db.tables.audit import Serve
from app.db.tables.datasets import DataImport, Example
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Batch, Decision, Event, Note
from app.db.words import REASON_TEXT, EventKind, Reason, Stream

STREAM_WORDS = {
    Stream.QUEUE: "by the batch's rule",
    Stream.AUDIT: "drawn at random",
    Stream.COPY: "as an identical example",
    Stream.DIRECT: "on its own page",
    Stream.CARRIED: "carried into a new audit epoch",
    Stream.ERASED: "erased",
}
READ_WORDS = {
    "first": "first read",
    "coin": "second read, by chance",
    "confirm": "second read of a change",
    "until_sure": "further read",
    "third": "third read",
    "expert": "expert's read",
    "recheck": "re-check",
    "known": "known answer",
    "late": "late: kept, does not count",
}


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


def history(session: Session, example: Example, names: Mapping[int, str]) -> list[Moment]:
    """Oldest first; a fixed number of statements."""
    made = session.get_one(DataImport, example.import_id)
    given = names.get(example.given_label_id or 0)
    moments = [
        Moment(
            made.finished_at or made.created_at,
            "import",
            "",
            f"Imported as {given}" if given else "Imported without a label",
            f"row {example.row:,} of {made.file_name}",
        )
    ]
    moments += _scores(session, example, names)
    moments += _serves(session, example)
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


def _serves(session: Session, example: Example) -> list[Moment]:
    rows = session.execute(
        select(Serve.at, Serve.stream, Batch.number)
        .outerjoin(Batch, Batch.id == Serve.batch_id)
        .where(Serve.example_id == example.id, Serve.stream != Stream.DIRECT)
    )
    return [
        Moment(
            at,
            "serve",
            "",
            f"Handed out first{f' in batch {number}' if number else ''}",
            STREAM_WORDS.get(stream, stream.value),
        )
        for at, stream, number in rows
    ]


def _events(session: Session, example: Example, names: Mapping[int, str]) -> list[Moment]:
    rows = session.execute(
        select(Event.seq, Event.kind, Event.body).where(Event.example_id == example.id)
    ).all()
    bodies = [(seq, kind, orjson.loads(body)) for seq, kind, body in rows]
    people = people_of(session, {body["actor"] for _, _, body in bodies if body["actor"]})
    notes, loose = _notes(session, example.id)
    gone = _gone(bodies)
    moments = []
    for seq, kind, body in bodies:
        words, mark = event_words(kind, body["data"], names)
        moments.append(
            Moment(
                datetime.fromtimestamp(body["at"] / 1000, UTC),
                mark,
                people.get(body["actor"], ""),
                words,
                event_how(kind, body["data"]),
                notes.get(seq, ""),
                seq,
                undone=seq in gone,
            )
        )
    return moments + [Moment(at, "note", who, "Note", note=text) for at, who, text in loose]


def _gone(bodies: list[tuple[int, EventKind, dict[str, Any]]]) -> set[int]:
    """Answers that were undone and not redone, or replaced by their giver."""
    gone: set[int] = set()
    for _, kind, body in sorted(bodies, key=lambda one: one[0]):
        data = body["data"]
        if kind is EventKind.UNDO:
            gone.add(data["decision"])
        elif kind is EventKind.REDO:
            gone.discard(data["decision"])
        elif data.get("supersedes") is not None:
            gone.add(data["supersedes"])
    return gone


def people_of(session: Session, pseudonyms: set[str]) -> dict[str, str]:
    rows = session.execute(
        select(Person.pseudonym, Person.name).where(Person.pseudonym.in_(pseudonyms))
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


def event_words(kind: EventKind, data: dict[str, Any], names: Mapping[int, str]) -> tuple[str, str]:
    if kind in (EventKind.DECISION, EventKind.ADJUDICATE):
        verdict = str(data["verdict"])
        if verdict == "confirm":
            return "Confirmed the given label", verdict
        if verdict == "relabel":
            return f"Relabeled as {names.get(data['labels'][0], 'a retired label')}", verdict
        return f"Removed: {REASON_TEXT[Reason(data['reason'])]}", verdict
    plain = {
        EventKind.UNDO: "Took an answer back",
        EventKind.REDO: "Let an answer stand again",
        EventKind.SKIP: "Skipped it",
        EventKind.REFER: "Sent it to an expert",
        EventKind.REOPEN: "Reopened it: earlier answers no longer count",
        EventKind.ERASE: "Erased its content",
    }
    return plain.get(kind, kind.value.capitalize()), kind.value


def event_how(kind: EventKind, data: dict[str, Any]) -> str:
    if kind is EventKind.ADJUDICATE:
        return "ruling, final"
    if kind is not EventKind.DECISION:
        return ""
    shown = {"blind": "blind", "decide_first": "decided first"}.get(str(data["mode"]), "")
    seconds = f"{data['ms'] / 1000:.1f} s" if data.get("ms") else ""
    return ", ".join(filter(None, (READ_WORDS.get(str(data["read"]), ""), shown, seconds)))
