"""Words in a drawing: how much room they take, and where they stand so that each can be read.

The server does not know the reader's font, so that widths are estimated from above.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Anchor = Literal["start", "middle", "end"]

SIZE = 12.0
"""Of every text, in the units of a drawing."""

_ABOVE, _BELOW = 0.95 * SIZE, 0.3 * SIZE  # of the line that letters stand on
_NARROW, _WIDE = set(" .,:;'|!ijl()[]"), set("mwMW@%+<>=~→…–")
_BOLD = 1.08


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def meets(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: Box) -> bool:
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom

    def has(self, point: tuple[float, float]) -> bool:
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a place; `look` is the end of its class in `charts.css`."""

    x: float
    y: float  # of the line that letters stand on
    words: str
    anchor: Anchor = "start"
    look: str = "quiet"

    @property
    def box(self) -> Box:
        width = width_of(self.words, bold=self.look == "strong")
        left = self.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return Box(left, self.y - _ABOVE, left + width, self.y + _BELOW)


def width_of(words: str, *, bold: bool = False) -> float:
    width = SIZE * sum(_letter(one) for one in words)
    return width * _BOLD if bold else width


def _letter(one: str) -> float:
    if unicodedata.combining(one):
        return 0.0
    if unicodedata.east_asian_width(one) in ("W", "F"):
        return 1.05
    if one in _NARROW:
        return 0.34
    if one in _WIDE:
        return 0.95
    return 0.72 if one.isupper() else 0.62


def cut(words: str, room: float) -> str:
    """As much of the words as fits, with a sign that more was said."""
    if width_of(words) <= room:
        return words
    while words and width_of(words + "…") > room:
        words = words[:-1]
    return words.rstrip() + "…" if words else ""


def inside(text: Text, room: Box) -> Text:
    """Moved sideways as far as it must be to stand in the room, and cut if it is too long."""
    fitting = replace(text, words=cut(text.words, room.width))
    box = fitting.box
    shift = max(0.0, room.left - box.left) - max(0.0, box.right - room.right)
    return replace(fitting, x=fitting.x + shift)


def in_rows(texts: Iterable[Text], *, height: float, gap: float = 6.0) -> list[Text]:
    """From left to right, each in the first row where it meets nobody; rows go down."""
    ends: list[float] = []
    standing = []
    for text in sorted(texts, key=lambda text: text.box.left):
        box = text.box
        free = [row for row, end in enumerate(ends) if end + gap <= box.left]
        row = free[0] if free else len(ends)
        ends[row : row + 1] = [box.right]
        standing.append(replace(text, y=text.y + row * height))
    return standing


def best_place(
    places: Sequence[Text], *, room: Box, taken: Sequence[Text], ink: Sequence[tuple[float, float]]
) -> Text | None:
    """The first place, of those that cover least ink, where it meets no other text."""
    others = [other.box for other in taken]
    boxes = {text: text.box for text in places}
    fitting = [
        (text, box)
        for text, box in boxes.items()
        if room.holds(box) and not any(box.meets(other) for other in others)
    ]
    covered = [sum(map(box.has, ink)) for _, box in fitting]
    return fitting[covered.index(min(covered))][0] if fitting else None
