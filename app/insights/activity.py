"""Who did what when: the log of decisions and the other activity of a project, as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.db.log_bodies import AnyBody
from app.db.tables.accounts import Activity, Person
from app.db.tables.datasets import Example
from app.db.tables.review import Event
from app.errors import Invalid
from app.insights.event_words import event_how, event_words
from app.insights.history import at_of, people_of

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


ACTIVITY_WORDS: dict[str, str] = {
    ActivityKind.PROJECT_CREATED: "Made the project",
    ActivityKind.PROJECT_CHANGED: "Changed the settings",
    ActivityKind.JOINED: "Joined",
    ActivityKind.INVITED: "Made an invitation",
    ActivityKind.INVITE_WITHDRAWN: "Withdrew an invitation",
    ActivityKind.ROLE_CHANGED: "Changed a role",
    ActivityKind.MEMBER_REMOVED: "Removed a member",
    ActivityKind.STANDING_CHANGED: "Changed what an account may do",
    ActivityKind.RESET_LINK_MADE: "Made a password link",
    ActivityKind.PASSWORD_CHANGED: "Changed the password",
    ActivityKind.TOKEN_MADE: "Made an API token",
    ActivityKind.TOKEN_REVOKED: "Revoked an API token",
    ActivityKind.SOURCE_LINKED: "Said which member gave labels",
    ActivityKind.SOURCE_UNLINKED: "Said that labels are of no member",
    ActivityKind.BATCH_CREATED: "Made batch {batch}",
    ActivityKind.BATCH_STATE: "Set batch {batch} to {state}",
    ActivityKind.BATCH_PEOPLE: "Handed batch {batch} to other people",
    ActivityKind.LABEL_CHANGED: "Changed a label: {what}",
    ActivityKind.LABEL_MERGED: "Merged a label into {into}:",
    ActivityKind.LABEL_RETIRED: "Retired a label:",
    ActivityKind.LABEL_RESTORED: "Brought a label back:",
    ActivityKind.LABEL_SPLIT: "Split a label: {examples} examples are asked about as",
    ActivityKind.REFERENCE_CHANGED: "Changed the reference examples of",
    ActivityKind.READ_AGAIN: "Had {examples} examples read again by a newer rule",
    ActivityKind.LEFT_AS_IS: "Left a label as it is",
    ActivityKind.THIRD_ASKED: "Asked for a third read",
    ActivityKind.CLOSING_CHECKS: "Turned closing checks {state}",
    ActivityKind.MODEL_PUSHED: "Sent predictions of model {name}",
    ActivityKind.TEST_AUDIT_OPENED: "Opened test-set audit {number}",
    ActivityKind.TEST_AUDIT_CLOSED: "Closed test-set audit {number}",
    ActivityKind.BULK_STARTED: "Began bulk fix {number}",
    ActivityKind.BULK_APPLIED: "Applied bulk fix {number}",
    ActivityKind.BULK_UNDONE: "Undid bulk fix {number}",
    ActivityKind.BULK_GIVEN_UP: "Gave bulk fix {number} up",
    ActivityKind.RELEASE_STARTED: "Asked for a release",
    ActivityKind.EXAMPLE_ERASED: "Erased an example",
    ActivityKind.PERSON_ERASED: "Erased a person",
    ActivityKind.PROJECT_DELETED: "Deleted the project",
    ActivityKind.PROJECT_RESTORED: "Brought the project back",
}


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
    session: Session, project_id: int, names: Mapping[int, str], *, cursor: str = ""
) -> tuple[list[Done], str]:
    """One page, newest first, and the cursor of the next; four statements."""
    before = Cursor.read(cursor) if cursor else None
    acts = _acts(session, project_id, before)
    events = _events(session, project_id, before)
    both = (_of_log(session, events, names), _of_activity(acts))
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


def _acts(session: Session, project_id: int, before: Cursor | None) -> list[_Act]:
    query = (
        select(Activity.id, Activity.at, Activity.kind, Activity.detail, Person.name)
        .outerjoin(Person, Person.id == Activity.person_id)
        .where(Activity.project_id == project_id)
    )
    if before is not None:
        query = query.where(Activity.id < before.activity)
    rows = session.execute(query.order_by(Activity.id.desc()).limit(PAGE + 1))
    return [_Act(*row) for row in rows]


def _events(session: Session, project_id: int, before: Cursor | None) -> list[_Logged]:
    query = (
        select(Event.body, Event.example_id, Example.key)
        .outerjoin(Example, Example.id == Event.example_id)
        .where(Event.project_id == project_id)
    )
    if before is not None:
        query = query.where(Event.seq < before.seq)
    rows = session.execute(query.order_by(Event.seq.desc()).limit(PAGE + 1))
    return [_Logged(orjson.loads(body), example_id, key) for body, example_id, key in rows]


def _of_activity(acts: Iterable[_Act]) -> list[Done]:
    done = []
    for act in acts:
        detail = {key: value for key, value in act.detail.items() if not isinstance(value, list)}
        pattern = ACTIVITY_WORDS.get(act.kind, act.kind.replace("_", " ").capitalize())
        words = pattern.format_map(_Blank(detail))
        how = " ".join(str(detail[key]) for key in ("name", "role") if detail.get(key))
        example = detail.get("example")
        example_id = example if isinstance(example, int) else None
        done.append(
            Done(act.at, act.name or "", act.kind, words, how, example_id, "", None, act.id)
        )
    return done


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
        )
        for event, example_id, key in logged
    ]
