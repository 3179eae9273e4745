"""The labels of a project: added, described and retired, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.datasets.names import checked_name, flaw_of_label, letters_of
from app.db.canonical import Loggable
from app.db.log import ProjectLock
from app.db.tables.datasets import Label, Project
from app.db.words import EventKind
from app.errors import Conflict, Invalid, LabelRetired, NotFound
from app.labels import current

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 2_000
MOST_SYNONYMS = 50
MOST_LABELS = 10_000
NOT_YET = 0  # schema revision of labels whose import is not done


@dataclass(frozen=True)
class NewLabel:
    """What is known of a label before it has an id."""

    name: str
    code: str = ""
    description: str = ""
    synonyms: tuple[str, ...] = field(default=())


def labels_of(session: Session, project_id: int, *, retired: bool = False) -> list[Label]:
    """The labels in their order; retired ones only when asked for."""
    query = select(Label).where(Label.project_id == project_id, Label.schema_revision > NOT_YET)
    if not retired:
        query = query.where(Label.retired_at.is_(None))
    return list(session.scalars(query.order_by(Label.position, Label.id)))


def label_of(session: Session, project_id: int, label_id: int) -> Label:
    """A label of the project by its id, in use or retired."""
    for label in labels_of(session, project_id, retired=True):
        if label.id == label_id:
            return label
    raise NotFound("There is no such label in this project.")


def label_named(session: Session, project_id: int, name: str, *, retired: bool = True) -> Label:
    """A label by its name, as files or as screens write it; those in use come first."""
    every = labels_of(session, project_id, retired=retired)
    every.sort(key=lambda label: label.retired_at is not None)
    found = [one for one in every if one.name == name] + [one for one in every if one.shown == name]
    if found:
        return found[0]
    raise NotFound(f"There is no label {name!r}.", next_step="Write it as the labels page does.")


def replacements(labels: Iterable[Label]) -> dict[int, int]:
    """Retired labels and what stands for them now."""
    return {label.id: label.current_id for label in labels if label.current_id is not None}


def standing_labels(every: Sequence[Label]) -> dict[int, Label]:
    """By the id of each label of a project: the one that stands for it now, mostly itself."""
    by_id, mapping = {label.id: label for label in every}, replacements(every)
    return {label.id: by_id[current(label.id, mapping)] for label in every}


def label_mapping(session: Session, project_id: int) -> dict[int, int]:
    """Retired labels and what stands for them now."""
    rows = session.execute(
        select(Label.id, Label.current_id).where(
            Label.project_id == project_id, Label.current_id.is_not(None)
        )
    )
    return {old: new for old, new in rows if new is not None}


def checked_label(name: str) -> str:
    return checked_name(
        name,
        of="label",
        longest=LONGEST_NAME,
        next_step="Type a shorter name without line breaks.",
        code="label_name",
    )


def checked_code(code: str) -> str:
    """What files say instead of the name; most labels have none."""
    if code and flaw_of_label(code):
        raise Invalid(
            f"The code of a label is one line of up to {LONGEST_NAME} characters.",
            next_step="Shorten it, or leave it out: then files say its name.",
            code="label_code",
        )
    return code


def checked_description(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_DESCRIPTION:
        raise Invalid(
            f"A description has {LONGEST_DESCRIPTION:,} characters at most; "
            f"this one has {len(text):,}.",
            next_step="Say the rest in the guideline of the label.",
            code="label_description",
        )
    return text


def checked_synonyms(words: Sequence[str]) -> list[str]:
    every = list(dict.fromkeys(word for one in words if (word := one.strip())))
    wrong = next((one for one in every if flaw_of_label(one)), None)
    if wrong is not None or len(every) > MOST_SYNONYMS:
        raise Invalid(
            f"A label has {MOST_SYNONYMS} other words at most, each in one line of up to 200 "
            "characters.",
            next_step="Shorten the list, or take the line breaks out.",
            code="label_synonyms",
        )
    return every


def add_labels(
    session: Session, project_id: int, new: Sequence[NewLabel], *, revision: int
) -> dict[str, int]:
    """Insert labels after those that are there; the caller writes the schema event."""
    last = session.scalar(
        select(func.coalesce(func.max(Label.position), 0)).where(Label.project_id == project_id)
    )
    rows = [
        {
            "project_id": project_id,
            "position": (last or 0) + place,
            "name": label.name,
            "code": label.code,
            "description": label.description,
            "synonyms": list(label.synonyms),
            "schema_revision": revision,
        }
        for place, label in enumerate(new, start=1)
    ]
    if rows:
        session.execute(insert(Label), rows)
    ids = session.execute(select(Label.name, Label.id).where(Label.project_id == project_id))
    return {row.name: row.id for row in ids}


def write_schema(session: Session, lock: ProjectLock, *, actor: str | None, now: datetime) -> None:
    """Append the schema as it now is to the log, and count the revision."""
    revision = _next_revision(session, lock.project_id)
    every = labels_of(session, lock.project_id, retired=True)
    listed: list[Mapping[str, Loggable]] = [
        {
            "id": label.id,
            "name": label.name,
            "code": label.code,
            "replaced_by": label.replaced_by,
        }
        for label in sorted(every, key=lambda label: label.id)
    ]
    lock.append(EventKind.SCHEMA, {"revision": revision, "labels": listed}, actor=actor, now=now)
    session.execute(
        update(Project)
        .where(Project.id == lock.project_id)
        .values(schema_revision=revision)
        .execution_options(synchronize_session="fetch")
    )


def _next_revision(session: Session, project_id: int) -> int:
    now = session.scalar(select(Project.schema_revision).where(Project.id == project_id))
    return int(now or 0) + 1


def add_label(lock: ProjectLock, label: NewLabel, *, actor: str | None, now: datetime) -> Label:
    """Add one label that examples may be given from now on."""
    session, project_id = lock.session, lock.project_id
    new = NewLabel(
        checked_label(label.name),
        checked_code(label.code),
        checked_description(label.description),
        tuple(checked_synonyms(label.synonyms)),
    )
    refuse_alike(labels_of(session, project_id, retired=True), new.name)
    add_labels(session, project_id, [new], revision=_next_revision(session, project_id))
    write_schema(session, lock, actor=actor, now=now)
    return session.scalars(
        select(Label).where(Label.project_id == project_id, Label.name == new.name)
    ).one()


def refuse_alike(others: Iterable[Label], name: str) -> None:
    """No two names that a reader takes for one: case and form of the letters do not tell apart."""
    wanted = letters_of(name)
    for other in others:
        if wanted in (letters_of(other.name), letters_of(other.display)):
            state = "was retired" if other.retired_at else "is there already"
            raise Conflict(
                f"The label {other.shown} {state}.",
                next_step="Choose another name.",
                code="label_exists",
            )


def retire_label(
    lock: ProjectLock, label_id: int, *, replaced_by: int, actor: str | None, now: datetime
) -> Label:
    """Take a label out of use; what carries it counts as its replacement from now on.

    Answered examples follow in `review.retired_labels`.
    """
    session = lock.session
    every = {label.id: label for label in labels_of(session, lock.project_id, retired=True)}
    label, target = every.get(label_id), every.get(replaced_by)
    if label is None or target is None:
        raise NotFound("There is no such label in this project.")
    if label.retired_at is not None or target.retired_at is not None:
        raise LabelRetired(
            "One of the two labels was retired before.", next_step="Choose a label in use."
        )
    if label is target:
        raise Invalid("A label cannot replace itself.", next_step="Choose another label.")
    label.retired_at, label.replaced_by, label.key = now, target.id, ""
    for one in every.values():
        if label.id in (one.id, one.current_id):
            one.current_id = target.id
    session.flush()
    write_schema(session, lock, actor=actor, now=now)
    return label


def retire_alone(lock: ProjectLock, label: Label, *, actor: str | None, now: datetime) -> None:
    """Take a label out of use that nothing carries: nothing stands for it."""
    label.retired_at, label.key = now, ""
    lock.session.flush()
    write_schema(lock.session, lock, actor=actor, now=now)


def restore_label(lock: ProjectLock, label_id: int, *, actor: str | None, now: datetime) -> Label:
    """Bring a retired label back into use, as itself.

    Answered examples follow in `review.retired_labels`.
    """
    session = lock.session
    every = {label.id: label for label in labels_of(session, lock.project_id, retired=True)}
    label = every.get(label_id)
    if label is None:
        raise NotFound("There is no such label in this project.")
    if label.retired_at is None:
        raise Conflict(
            f"The label {label.shown} is in use.", next_step="Nothing more to do.", code="in_use"
        )
    refuse_alike((one for one in every.values() if one.retired_at is None), label.shown)
    label.retired_at = label.replaced_by = None
    after = {one.id: one.replaced_by for one in every.values() if one.replaced_by is not None}
    for one in every.values():
        one.current_id = current(one.id, after) if one.id in after else None
    session.flush()
    write_schema(session, lock, actor=actor, now=now)
    return label
