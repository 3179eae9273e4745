"""Names that people type or bring: one line; joiners and emoji are parts of words."""

from __future__ import annotations

import unicodedata

from app.errors import Invalid

LONGEST_LABEL = 200
_NO_LETTERS = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, half characters, line breaks


def flaw_of_label(name: str) -> str:
    """What keeps a text from being the name of a label, at every door; nothing if it can be."""
    return flaw_of_name(name, longest=LONGEST_LABEL)


def flaw_of_name(name: str, *, longest: int) -> str:
    if len(name) > longest:
        return f"{len(name):,} characters"
    if all(one.isspace() or unicodedata.category(one) == "Cf" for one in name):
        return "only spaces"
    if not name.isprintable() and any(unicodedata.category(one) in _NO_LETTERS for one in name):
        return "a line break or another control character"
    return ""


def checked_name(name: str, *, of: str, longest: int, next_step: str, code: str) -> str:
    """The name without blanks around it, or a refusal that says what fits."""
    name = unicodedata.normalize("NFC", name).strip()
    if flaw_of_name(name, longest=longest):
        raise Invalid(
            f"A {of} needs a name of 1 to {longest} characters in one line.",
            next_step=next_step,
            code=code,
        )
    return name


def letters_of(name: str) -> str:
    """What a reader sees of a name: two that differ in case, form or unseen marks look the same."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    seen = (one for one in plain if unicodedata.category(one) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", "".join(seen)).split())
