"""Who did what when: the log of decisions and the other activity of a project, as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.log_bodies import AnyBody
from app.db.tables.accounts import Activity, Person
from app.db.tables.datasets import Example
from app.db.tables.review import Event
from app.errors import Invalid
from app.insights.activity_kinds import ACTIVITY_WORDS, ActGroup, event_path, path_of
from app.insights.event_words import event_how, event_words
from app.insights.history import at_of, people_of
from app.review.books.cases import names_of

PAGE = 100


@dataclass(frozen=True, slots=True)
class Done:
    """One line. `kind` is the word of the record, `detail` what it holds."""

    at: datetime
    who: str
    kind: str
    words: str
    how: str
    example_id: int | None
    key: str
    seq: int | None
    place: int  # its number among its own kind
    path: str = ""  # of the page it is about, below its project
    archived: bool = False  # it put the project away


@dataclass(frozen=True, slots=True)
class Sought:
    """Which lines: of one person, of one group of acts, or all."""

    person: Person | None = None
    group: ActGroup | None = None


ALL = Sought()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything before these two places: of the activity, and of the log."""

    activity: int
    seq: int

    @classmethod
    def read(cls, text: str) -> Cursor:
        activity, _, seq = text.partition(".")
        if not (activity.isascii() and activity.isdecimal() and seq.isdecimal()) or len(text) > 36:
            raise Invalid(
                "The address of this page is not complete.", next_step="Begin at the newest."
            )
        return cls(int(activity), int(seq))

    def written(self) -> str:
        return f"{self.activity}.{self.seq}"


def activity(
    session: Session,
    project_id: int,
    names: Mapping[int, str],
    *,
    sought: Sought = ALL,
    cursor: str = "",
) -> tuple[list[Done], str]:
    """One page, newest first, and the cursor of the next; five statements."""
    before = Cursor.read(cursor) if cursor else None
    acts = _acts(session, project_id, sought, before)
    events = _events(session, project_id, sought, before)
    both = (_of_log(session, events, names), _of_activity(session, acts))
    merged = list(merge(*both, key=lambda one: one.at, reverse=True))  # each in its own order
    page = merged[:PAGE]
    if len(merged) <= PAGE:
        return page, ""
    seen = [one.place for one in page if one.seq is None]
    seen_log = [one.place for one in page if one.seq is not None]
    top = 2**62
    return page, Cursor(
        min(seen, default=before.activity if before else top),
        min(seen_log, default=before.seq if before else top),
    ).written()


class _Act(NamedTuple):
    """A row of the activity."""

    id: int
    at: datetime
    kind: str
    detail: Mapping[str, object]
    name: str | None


class _Logged(NamedTuple):
    """An event of the log, with the key of the example it is about."""

    event: AnyBody
    example_id: int | None
    key: str | None


def _acts(session: Session, project_id: int, sought: Sought, before: Cursor | None) -> list[_Act]:
    query = (
        select(Activity.id, Activity.at, Activity.kind, Activity.detail, Person.name)
        .outerjoin(Person, Person.id == Activity.person_id)
        .where(Activity.project_id == project_id)
    )
    if sought.person is not None:
        query = query.where(Activity.person_id == sought.person.id)
    if sought.group is not None:
        query = query.where(Activity.kind.in_(sorted(sought.group.acts)))
    if before is not None:
        query = query.where(Activity.id < before.activity)
    rows = session.execute(query.order_by(Activity.id.desc()).limit(PAGE + 1))
    return [_Act(*row) for row in rows]


def _events(
    session: Session, project_id: int, sought: Sought, before: Cursor | None
) -> list[_Logged]:
    query = (
        select(Event.body, Event.example_id, Example.key)
        .outerjoin(Example, Example.id == Event.example_id)
        .where(Event.project_id == project_id)
    )
    if sought.person is not None:  # canonical JSON: this stands in no other place of a body
        actor = f'"actor":"{sought.person.pseudonym}"'
        query = query.where(Event.body.contains(actor, autoescape=True))
    if sought.group is not None:
        query = query.where(Event.kind.in_(sorted(sought.group.events)))
    if before is not None:
        query = query.where(Event.seq < before.seq)
    rows = session.execute(query.order_by(Event.seq.desc()).limit(PAGE + 1))
    return [_Logged(orjson.loads(body), example_id, key) for body, example_id, key in rows]


def _of_activity(session: Session, acts: Sequence[_Act]) -> list[Done]:
    about = {person for act in acts if isinstance(person := act.detail.get("person"), int)}
    people = names_of(session, about) if about else {}
    done = []
    for act in acts:
        detail = {key: value for key, value in act.detail.items() if not isinstance(value, list)}
        pattern = ACTIVITY_WORDS.get(act.kind, act.kind.replace("_", " ").capitalize())
        example = detail.get("example")
        done.append(
            Done(
                act.at,
                act.name or "",
                act.kind,
                pattern.format_map(_Blank(detail)),
                _how(detail, people),
                example if isinstance(example, int) else None,
                "",
                None,
                act.id,
                path_of(act.kind, detail),
                detail.get("archived") is True,
            )
        )
    return done


def _how(detail: Mapping[str, object], people: Mapping[int, str]) -> str:
    """What an act says of itself beside its words: of whom, as what, from what to what."""
    person = detail.get("person")
    name = people.get(person, "") if isinstance(person, int) else ""
    parts = [name, *(str(detail[key]) for key in ("name", "role") if detail.get(key))]
    if detail.get("from") and detail.get("to"):
        parts.append(f"from {detail['from']} to {detail['to']}")
    if isinstance(archived := detail.get("archived"), bool):
        parts.append("put away" if archived else "brought back")
    return " ".join(filter(None, parts))


class _Blank(dict[str, object]):
    """A word that a record does not hold is left out."""

    def __missing__(self, key: str) -> str:
        return ""


def _of_log(session: Session, logged: list[_Logged], names: Mapping[int, str]) -> list[Done]:
    people = people_of(session, (one.event for one in logged))
    return [
        Done(
            at_of(event),
            people.get(event["actor"] or "", ""),
            event["kind"],
            event_words(event, names),
            event_how(event),
            example_id,
            key or "",
            event["seq"],
            event["seq"],
            event_path(event),
        )
        for event, example_id, key in logged
    ]
