"""Names that people type: one line of printable characters."""

from __future__ import annotations

import unicodedata

from app.errors import Invalid


def checked_name(name: str, *, of: str, longest: int, next_step: str, code: str) -> str:
    """The name without blanks around it, or a refusal that says what fits."""
    name = unicodedata.normalize("NFC", name).strip()
    if not name or len(name) > longest or not name.isprintable():
        raise Invalid(
            f"A {of} needs a name of 1 to {longest} printable characters.",
            next_step=next_step,
            code=code,
        )
    return name
