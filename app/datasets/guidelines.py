"""The guideline of a project: rules in words for all of it, for a label, for a pair of labels."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NotRequired, TypedDict

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session, aliased

from app.datasets.labels import labels_of
from app.datasets.markdown import Block, blocks
from app.datasets.reference_examples import ReferenceShown, references_of
from app.db.log import ProjectLock
from app.db.tables.datasets import Label, Project
from app.db.tables.guidelines import Guideline
from app.db.words import EventKind
from app.errors import Conflict, Invalid, LabelRetired, NotFound

LONGEST = 20_000
Subject = tuple[int, ...]
"""What a rule is for: no label (the project), one label, or a pair, the smaller id first."""


class RuleWords(TypedDict):
    """A rule as a reader gets it: Markdown taken apart, so that nobody needs to read it."""

    labels: list[int]
    version: int
    blocks: list[Block]


class Renewed(TypedDict):
    labels: list[int]
    version: int


class GuidelineWords(TypedDict):
    """`changed`: rules with a newer version than the asker shows."""

    revision: int
    text: str
    descriptions: list[tuple[int, str]]  # label id and what it means
    rules: NotRequired[list[RuleWords]]
    references: NotRequired[list[ReferenceShown]]
    changed: NotRequired[list[Renewed]]


class GuidelineNews(TypedDict):
    """The revision that holds; with its words, when the asker shows another one."""

    guideline_revision: int
    guideline: NotRequired[GuidelineWords]


@dataclass(frozen=True, slots=True)
class Written:
    """A version to be: by whom, and which one they had before them."""

    text: str
    base: int | None  # None: whatever stands
    actor: str | None
    person_id: int | None
    now: datetime


def subject_of(labels: Iterable[int]) -> str:
    """As it is stored: `` of the project, `3` of a label, `3-12` of a pair."""
    return "-".join(str(one) for one in sorted(labels))


def labels_in(rule: Guideline) -> Subject:
    return tuple(one for one in (rule.label_id, rule.other_id) if one is not None)


def current_rules(session: Session, project_id: int) -> list[Guideline]:
    """The last version of every rule, the oldest rule first."""
    newer = aliased(Guideline)
    later = exists().where(
        newer.project_id == Guideline.project_id,
        newer.subject == Guideline.subject,
        newer.version > Guideline.version,
    )
    query = select(Guideline).where(Guideline.project_id == project_id, ~later)
    return list(session.scalars(query.order_by(Guideline.id)))


def versions_of(session: Session, project_id: int, labels: Collection[int]) -> list[Guideline]:
    """Every version of one rule, the newest first."""
    query = select(Guideline).where(
        Guideline.project_id == project_id, Guideline.subject == subject_of(labels)
    )
    return list(session.scalars(query.order_by(Guideline.version.desc())))


def labels_for_rule(session: Session, project_id: int, labels: Collection[int]) -> list[Label]:
    """The labels a rule is for, by id; or why there can be no such rule."""
    if len(set(labels)) != len(labels) or len(labels) > 2:
        raise Invalid(
            "A rule is for one label or for two different ones.",
            next_step="Name one label, or two.",
            code="guideline_labels",
        )
    found = {one.id: one for one in labels_of(session, project_id, retired=True)}
    if not found.keys() >= set(labels):
        raise NotFound("There is no such label in this project.")
    return [found[one] for one in sorted(labels)]


def write_rule(lock: ProjectLock, labels: Collection[int], new: Written) -> Guideline:
    """Store the next version of a rule; from now on answers know that it holds."""
    session, project_id = lock.session, lock.project_id
    for label in labels_for_rule(session, project_id, labels):
        if label.retired_at is not None:
            raise LabelRetired(
                f"The label {label.shown} was retired.", next_step="Write the rule of another one."
            )
    text = _checked(new.text)
    before = next(iter(versions_of(session, project_id, labels)), None)
    version = before.version if before is not None else 0
    if new.base not in (None, version):
        raise Conflict(
            f"Somebody wrote v{version} of this rule meanwhile.",
            next_step="Read it beside your own text, then save once more.",
            code="guideline_changed",
        )
    if before is not None and before.text == text:
        return before
    revision = next_revision(lock)
    first, second = (*sorted(labels), None, None)[:2]
    rule = Guideline(
        project_id=project_id,
        subject=subject_of(labels),
        label_id=first,
        other_id=second,
        version=version + 1,
        revision=revision,
        text=text,
        salt=secrets.token_hex(16),
        person_id=new.person_id,
        at=new.now,
    )
    session.add(rule)
    if not labels:
        session.execute(update(Project).where(Project.id == project_id).values(guideline=text))
    said = {
        "revision": revision,
        "version": rule.version,
        "labels": sorted(labels),
        "text": hashlib.sha256(bytes.fromhex(rule.salt) + text.encode()).hexdigest(),
    }
    lock.append(EventKind.GUIDELINE, said, actor=new.actor, now=new.now)
    session.flush()
    return rule


def next_revision(lock: ProjectLock) -> int:
    """Another guideline holds from now on: answers that follow know its number."""
    lock.guideline_revision += 1
    lock.session.execute(
        update(Project)
        .where(Project.id == lock.project_id)
        .values(guideline_revision=lock.guideline_revision)
        .execution_options(synchronize_session="fetch")
    )
    return lock.guideline_revision


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise Invalid(
            f"A rule has {LONGEST:,} characters at most; this one has {len(text):,}.",
            next_step="Leave out what is not needed.",
            code="guideline_long",
        )
    return text


def rule_words(session: Session, project_id: int) -> list[RuleWords]:
    """The rules that hold, for a reader: of the project and of labels in use."""
    usable = {label.id for label in labels_of(session, project_id)}
    return [
        {"labels": [*labels], "version": rule.version, "blocks": blocks(rule.text)}
        for rule in current_rules(session, project_id)
        if rule.text and usable.issuperset(labels := labels_in(rule))
    ]


def guideline_words(session: Session, project_id: int, *, revision: int) -> GuidelineWords:
    """All that a reader is told of the labels; rules and references where there are any."""
    text = session.scalars(select(Project.guideline).where(Project.id == project_id)).one()
    described = [
        (label.id, label.description)
        for label in labels_of(session, project_id)
        if label.description
    ]
    words: GuidelineWords = {
        "revision": revision,
        "text": text.strip(),
        "descriptions": described,
    }
    if rules := rule_words(session, project_id):
        words["rules"] = rules
    if references := references_of(session, project_id):
        words["references"] = references
    return words


def says_something(words: GuidelineWords) -> bool:
    return any(words.get(part) for part in ("text", "descriptions", "rules", "references"))


def tells_apart(words: GuidelineWords) -> bool:
    """Whether any rule is for a pair of labels."""
    return any(len(rule["labels"]) == 2 for rule in words.get("rules", []))


def at_start(words: GuidelineWords) -> dict[str, object]:
    """What the desk's page knows of it before any news; descriptions come with the labels."""
    return {
        "guideline": words["text"],
        "guideline_revision": words["revision"],
        "rules": words.get("rules", []),
        "references": words.get("references", []),
    }


def guideline_news(
    session: Session, project_id: int, *, revision: int, shown: int | None
) -> GuidelineNews:
    if shown in (None, revision):
        return {"guideline_revision": revision}
    words = guideline_words(session, project_id, revision=revision)
    newer = and_(Guideline.project_id == project_id, Guideline.revision > shown)
    since = set(session.scalars(select(Guideline.subject).where(newer)))
    changed = _renewed(since, current_rules(session, project_id) if since else ())
    if changed:
        words["changed"] = changed
    return {"guideline_revision": revision, "guideline": words}


def _renewed(since: Collection[str], rules: Sequence[Guideline]) -> list[Renewed]:
    return [
        {"labels": [*labels_in(rule)], "version": rule.version}
        for rule in rules
        if rule.subject in since
    ]
