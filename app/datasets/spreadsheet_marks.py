"""The mark that keeps a spreadsheet from running a cell. Standard library: `verify` reads it."""

from __future__ import annotations

import re

MARK = "'"
_UNSEEN = r"\s\x00-\x1f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
_SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫"
_RUNS = re.compile(f"[{MARK}\t\r\n]|[{_UNSEEN}]*[{_SIGNS}]")
"""What a spreadsheet may run: it may drop what stands unseen before a sign, and take a full-width
sign for the plain one. A mark of the user's own is marked as well, so that one comes off again."""


def needs_mark(text: str) -> bool:
    return _RUNS.match(text) is not None


def unmarked(text: str) -> str:
    """As it was before; what was never marked stays as it is."""
    rest = text.removeprefix(MARK)
    return rest if rest != text and needs_mark(rest) else text
