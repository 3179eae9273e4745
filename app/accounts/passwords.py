"""Passwords: what a good one is, and argon2, a few at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.errors import Invalid, TooMany

SHORTEST, LONGEST = 12, 256
GUESSES = 3  # zxcvbn's scale of 0 to 4
LOOKED_AT = 72  # characters; zxcvbn is slow on more
AT_ONCE, WAITING = 2, 8  # argon2 takes a core and 64 MiB: a rush of sign-ins may not stop the site

_hasher = PasswordHash((Argon2Hasher(),))
_working = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)


@contextmanager
def _a_place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise TooMany(
            "Many people are signing in at this moment.",
            retry_after=2,
            next_step="Wait a few seconds and try again.",
            code="busy",
        )
    try:
        with _working:
            yield
    finally:
        _places.release()


@cache
def _dummy() -> str:
    return _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    with _a_place():
        return _hasher.hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Compare with what is kept; takes as long when nothing is kept."""
    with _a_place():
        if len(password) > LONGEST:
            return False
        right = _hasher.verify(password, stored or _dummy())
        return right and stored is not None


def check_password_strength(password: str, known: tuple[str, ...] = ()) -> None:
    """Refuse what is short, endless or easy to guess; no rules about kinds of characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(
            f"A password has {SHORTEST} to {LONGEST} characters.",
            next_step="A few unrelated words make a good one.",
            code="password_length",
        )
    from zxcvbn import zxcvbn  # its word lists take long to load: only when needed

    hints = [part for text in known for part in (text, *text.replace("@", " ").split())]
    judged = zxcvbn(password[:LOOKED_AT], user_inputs=hints)
    if judged["score"] < GUESSES:
        raise Invalid(
            "This password is easy to guess.",
            next_step="Use a few unrelated words, and no name or common pattern.",
            code="password_weak",
        )
