"""Characters of an id that cannot be seen, written out for people and read back from them.

`static/review/hidden-characters.js` writes them out the same way.
"""

from __future__ import annotations

import re

_HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_ODD_SPACES = re.compile("^ +| +$|(?<= ) +")
_WRITTEN = re.compile(r"⟨U\+([0-9A-F]{4,6})⟩")
SPACE = "␣"  # where a browser would show none: at an end, or after another


def written_out(text: str) -> str:
    """The text in one visible line, with nothing in it that could not be told from another."""
    shown = _ODD_SPACES.sub(lambda found: SPACE * len(found[0]), text)
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", shown)


def read_back(shown: str) -> str:
    """What was written out, as it was, for who copies it from a page to search for it."""
    return _WRITTEN.sub(_character, shown).replace(SPACE, " ")


def _character(found: re.Match[str]) -> str:
    point = int(found[1], 16)
    return chr(point) if _HIDDEN.fullmatch(chr(point) if point < 0x110000 else "") else found[0]
