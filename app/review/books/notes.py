"""Notes of reviewers: kept outside the log, which holds only their salted hashes."""

from __future__ import annotations

import hashlib
import secrets

from app.accounts.turn import Turn
from app.db.tables.review import Note

LONGEST = 5_000


def written(words: str | None) -> str:
    """A note as it is stored; nothing where it says nothing."""
    return (words or "").strip()[:LONGEST]


def keep_note(turn: Turn, example_id: int, words: str | None) -> Note | None:
    """Store a note with its own salt, so that it can be erased."""
    text = written(words)
    if not text:
        return None
    note = Note(
        project_id=turn.project_id,
        example_id=example_id,
        person_id=turn.member.person_id,
        text=text,
        salt=secrets.token_hex(16),
        at=turn.now,
    )
    turn.session.add(note)
    turn.session.flush()
    return note


def note_hash(note: Note | None) -> str | None:
    """What the log holds of a note: it cannot be guessed once the salt is erased."""
    if note is None:
        return None
    return hashlib.sha256(bytes.fromhex(note.salt) + note.text.encode()).hexdigest()
