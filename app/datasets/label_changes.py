"""What a lead says of a label: its name on screens, description, synonyms and key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TypeAlias

from app.accounts.keys import ACTIONS
from app.datasets.guidelines import next_revision
from app.datasets.labels import (
    checked_description,
    checked_label,
    checked_synonyms,
    label_of,
    labels_of,
    refuse_alike,
)
from app.db.log import ProjectLock
from app.db.tables.datasets import Label
from app.errors import Conflict, Invalid, LabelRetired

Said: TypeAlias = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What is to be different; None leaves it as it is."""

    display: str | None = None
    description: str | None = None
    synonyms: Sequence[str] | None = None
    key: str | None = None

    @classmethod
    def of(cls, label: Label) -> LabelChange:
        """A label as it is."""
        return cls(label.display, label.description, tuple(label.synonyms), label.key)

    def said(self) -> dict[str, Said]:
        named = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {name: value for name, value in named if value is not None}


_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "display": "name on screens",
        "description": "description",
        "synonyms": "other words",
        "key": "key",
    }
)


def label_in_use(lock: ProjectLock, label_id: int) -> Label:
    label = label_of(lock.session, lock.project_id, label_id)
    if label.retired_at is not None:
        raise LabelRetired(
            f"The label {label.shown} was retired.",
            next_step="Change the label that stands for it.",
        )
    return label


def change_label(
    lock: ProjectLock, label_id: int, wanted: LabelChange, *, before: LabelChange | None = None
) -> tuple[Label, list[str]]:
    """Change what differs; and what that was, in words.

    `before` is the label as whoever asks saw it: what they left alone stays as it is now, and
    where somebody else changed the same thing meanwhile, they are told what it says now.
    """
    label = label_in_use(lock, label_id)
    changed = []
    for name, value in _wanted(lock, label, wanted, before).items():
        now, saw = getattr(label, name), getattr(before, name, None)
        if _left_alone(value, now, saw):
            continue
        if saw is not None and not _same(saw, now):
            raise Conflict(
                f"Somebody changed the {_WORDS[name]} of this label meanwhile: "
                f"it is “{_spoken(now)}” now.",
                next_step="Look at it, and save once more if yours is the better one.",
                code="label_changed",
            )
        setattr(label, name, list(value) if name == "synonyms" else value)
        changed.append(_WORDS[name])
    if _WORDS["description"] in changed:
        next_revision(lock)  # readers are shown it as part of the guideline
    lock.session.flush()
    return label, changed


def _left_alone(value: Said, now: Said, saw: Said | None) -> bool:
    return _same(value, now) or (saw is not None and _same(value, saw))


def _same(one: Said, other: Said) -> bool:
    return _plain(one) == _plain(other)


def _plain(value: Said) -> Said:
    return value if isinstance(value, str) else tuple(value)


def _spoken(value: Said) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _wanted(
    lock: ProjectLock, label: Label, wanted: LabelChange, before: LabelChange | None
) -> dict[str, Said]:
    """As it is stored, once each is known to be possible; what was left alone is not judged."""
    others = [one for one in labels_of(lock.session, lock.project_id) if one.id != label.id]
    checks: dict[str, Callable[..., Said]] = {
        "display": _display,
        "description": _description,
        "synonyms": _synonyms,
        "key": _key,
    }
    return {
        name: checks[name](label, others, value)
        for name, value in wanted.said().items()
        if not _left_alone(value, getattr(label, name), getattr(before, name, None))
    }


def _display(label: Label, others: Sequence[Label], name: str) -> str:
    if not name.strip():
        return ""
    name = checked_label(name)
    if name == label.name:
        return ""
    refuse_alike(others, name)
    return name


def _description(label: Label, others: Sequence[Label], text: str) -> str:
    return checked_description(text)


def _synonyms(label: Label, others: Sequence[Label], words: Sequence[str]) -> list[str]:
    return checked_synonyms(words)


def _key(label: Label, others: Sequence[Label], key: str) -> str:
    """One letter or digit that nothing else at the desk has."""
    key = key.strip().lower()
    if not key:
        return ""
    if len(key) != 1 or not key.isascii() or not key.isalnum():
        raise Invalid(
            "The key of a label is one letter from a to z, or one digit.",
            next_step="Type one, or leave it empty: then its place gives it a key.",
            code="label_key",
        )
    action = next((words for words, bound in ACTIONS.values() if bound == key), None)
    if action is not None:
        raise Conflict(
            f"The key {key.upper()} is taken at the desk: {action}.",
            next_step="Choose another letter, or a digit.",
            code="label_key_taken",
        )
    other = next((one for one in others if one.key == key), None)
    if other is not None:
        raise Conflict(
            f"The key {key.upper()} is that of {other.shown}.",
            next_step="Choose another one, or take it from that label first.",
            code="label_key_taken",
        )
    return key
