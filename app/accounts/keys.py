"""The desk's keys: what they are by default, and how a person binds them anew."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.people import Preferences, person_by_id, preferences_of
from app.errors import Invalid

# Action: its words and its key. Digits, Enter and Escape belong to the desk itself.
ACTIONS: dict[str, tuple[str, str]] = {
    "confirm": ("Confirm the given label", "a"),
    "label": ("Any label", "/"),
    "remove": ("Remove, then reason 1 to 6", "x"),
    "skip": ("Skip", "s"),
    "refer": ("Send to expert", "e"),
    "note": ("Note", "n"),
    "undo": ("Undo, as far back as you like", "z"),
    "redo": ("Redo", "Shift+z"),
    "earlier": ("Look at earlier", "["),
    "later": ("Look at later", "]"),
    "guideline": ("Guideline", "g"),
    "details": ("Details", "m"),
    "compare": ("Compare side by side", "c"),
    "fit": ("Image: fit", "f"),
    "full": ("Image: 100%", "o"),
    "in": ("Image: zoom in", "+"),
    "out": ("Image: zoom out", "-"),
    "contrast": ("Image: contrast", "k"),
    "invert": ("Image: invert", "i"),
    "lock": ("Image: lock view", "Shift+l"),
    "help": ("Keys and switches", "?"),
}
SHIFT = "Shift+"
NAMED = {  # the browser's names, and what is printed on a cap
    "ArrowLeft": "←",
    "ArrowRight": "→",
    "ArrowUp": "↑",
    "ArrowDown": "↓",
    "Home": "Home",
    "End": "End",
    "PageUp": "PgUp",
    "PageDown": "PgDn",
    "Insert": "Ins",
    "Delete": "Del",
}
_BY_CASE = {name.lower(): name for name in NAMED}
_SPOKEN_FOR = ("enter", "escape", "esc", "tab", "space", *"123456789")


@dataclass(frozen=True, slots=True)
class Bound:
    """An action of the desk and the key that does it."""

    action: str
    words: str
    key: str

    @property
    def cap(self) -> str:
        """What stands on its key cap."""
        shift, letter = self.key.startswith(SHIFT), self.key.removeprefix(SHIFT)
        plain = NAMED.get(letter) or ("−" if letter == "-" else letter.upper())
        return f"⇧{plain}" if shift else plain

    @property
    def typed(self) -> str:
        """How it is written into a field."""
        shift, letter = self.key.startswith(SHIFT), self.key.removeprefix(SHIFT)
        return f"{SHIFT if shift else ''}{letter.upper() if len(letter) == 1 else letter}"

    @property
    def shortcut(self) -> str:
        """The value of `aria-keyshortcuts`."""
        return "Plus" if self.key == "+" else self.typed


@dataclass(frozen=True, slots=True)
class DeskKeys:
    """A person's keys: whether single ones act, and which does what."""

    single: bool
    bound: dict[str, Bound]

    def __getitem__(self, action: str) -> Bound:
        return self.bound[action]


class KeysClash(Invalid):
    """Two actions on one key, or a key that cannot be bound; `actions` says which."""

    def __init__(self, detail: str, *, next_step: str, actions: tuple[str, ...]) -> None:
        super().__init__(detail, next_step=next_step, code="keys")
        self.actions = actions


def single_keys(preferences: Preferences) -> bool:
    """Whether keys without Alt act; they do unless they were switched off."""
    return preferences.get("single_keys", True) is not False


def desk_keys(preferences: Preferences) -> DeskKeys:
    """The keys as a person has them: the defaults, and what differs."""
    changed = preferences.get("keys") or {}
    bound = {
        action: Bound(action, words, changed.get(action, key))
        for action, (words, key) in ACTIONS.items()
    }
    return DeskKeys(single_keys(preferences), bound)


def keys_of(session: Session, person_id: int) -> DeskKeys:
    return desk_keys(preferences_of(person_by_id(session, person_id)))


def bind_keys(session: Session, person_id: int, wanted: Mapping[str, str]) -> DeskKeys:
    """Bind these actions to these keys, others stay; only what differs is kept."""
    before = {one.action: one.key for one in keys_of(session, person_id).bound.values()}
    read = {_known(action): _read(action, typed) for action, typed in wanted.items()}
    _check_apart(before | read)
    after = {action: key for action, key in (before | read).items() if key != ACTIONS[action][1]}
    return _prefer(session, person_id, {"keys": after})


def default_keys(session: Session, person_id: int) -> DeskKeys:
    """Back to the keys the desk comes with; whether single keys act stays."""
    return _prefer(session, person_id, {"keys": {}})


def switch_single_keys(session: Session, person_id: int, on: bool) -> DeskKeys:
    """Turn keys without Alt on or off (WCAG 2.1.4)."""
    return _prefer(session, person_id, {"single_keys": on})


def _prefer(session: Session, person_id: int, change: Preferences) -> DeskKeys:
    person = person_by_id(session, person_id)
    person.preferences = {**person.preferences, **change}
    return desk_keys(preferences_of(person))


def _known(action: str) -> str:
    if action not in ACTIONS:
        raise Invalid(
            "The desk has no such action.",
            next_step=f"Use one of: {', '.join(ACTIONS)}.",
            code="keys",
        )
    return action


def _read(action: str, typed: str) -> str:
    """A key as it was typed, in the form it is kept in."""
    plain = unicodedata.normalize("NFC", typed).strip()
    shift = plain.lower().startswith(SHIFT.lower()) and len(plain) > len(SHIFT)
    letter = plain[len(SHIFT) :].strip() if shift else plain
    words = ACTIONS[action][0]
    if letter.lower() in _SPOKEN_FOR:
        raise KeysClash(
            f"“{words}” cannot be on {letter}: the desk uses that key itself.",
            next_step="Digits choose labels, Enter and Escape answer and close. Take another key.",
            actions=(action,),
        )
    named = _BY_CASE.get(letter.lower())
    if named and not shift:
        return named
    one = len(letter) == 1 and letter.isprintable() and unicodedata.category(letter)[0] in "LNPS"
    if not one or (shift and not letter.isalpha()):
        raise KeysClash(
            f"“{words}” needs one key: a letter, a sign, Shift+ with a letter, or a name.",
            next_step=f"Names are {', '.join(NAMED)}.",
            actions=(action,),
        )
    lower = letter.lower()
    key = lower if len(lower) == 1 else letter
    return SHIFT + key if shift else ("-" if key == "−" else key)


def _check_apart(keys: Mapping[str, str]) -> None:
    """No two actions on one key."""
    seen: dict[str, str] = {}
    for action, key in keys.items():
        other = seen.setdefault(key, action)
        if other != action:
            first, second = ACTIONS[other][0], ACTIONS[action][0]
            cap = Bound(action, second, key).typed
            raise KeysClash(
                f"{cap} cannot do two things: “{first}” and “{second}” clash.",
                next_step="Give one of the two another key.",
                actions=(other, action),
            )
